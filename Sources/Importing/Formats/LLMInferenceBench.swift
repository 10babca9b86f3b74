import Quantities
import Vocabulary

/// Tables of Argonne's LLM-Inference-Bench. `Latency` is in seconds for a whole batch, inputs and outputs are
/// equally long, and `Throughput` counts tokens put in and out, of which half are output. `avg_power`, where
/// there is one, is in milliwatts, as the NVML library reports it, of one device.
struct LLMInferenceBench: TableImporter {
    let kind = "llm-inference-bench"
    let title = "LLM-Inference-Bench tables (latency in s, tokens in and out per second, power in mW)"
    let source: String? = "argonne-lcf/LLM-Inference-Bench"
    let licence: String? = "BSD-3-Clause"
    let columns = [
        "Hardware", "Num of Hardware", "Framework", "Model", "Input Output Length", "Batch Size", "Latency",
        "Throughput",
    ]
    let optionalColumns = ["avg_power"]

    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.requiredText("Model"),
            server: try cells.requiredText("Hardware"))
        figure.devices = try cells.count("Num of Hardware")
        figure.framework = cells.text("Framework")
        guard let length = try cells.positiveNumber("Input Output Length"),
            let batch = try cells.count("Batch Size")
        else { throw RowRefusal("Input Output Length, Batch Size: found nothing, expected numbers above 0") }
        figure.batch = 1
        figure.concurrency = Double(batch)
        figure.inputTokens = length
        figure.outputTokens = length
        figure.meanLatency = try cells.time("Latency", unitSeconds: 1)
        figure.throughput = try cells.requiredNumber("Throughput") / 2
        figure.throughputUnit = .tokens
        if let milliwatts = try cells.number("avg_power") {
            figure.power = Watts(milliwatts / 1000)
            figure.powerScope = .device
            figure.powerProvenance = .metered
        }
        return .figure(figure)
    }
}
