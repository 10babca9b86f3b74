import Quantities
import Vocabulary

/// The performance model of splitwise-sim: measured phases of language models. Times are in milliseconds, a
/// token's time is that of one step of the whole batch, and power is a share of what the devices are rated
/// for; 0 stands for "not measured".
struct SplitwisePerformance: TableImporter {
    let kind = "splitwise"
    let title = "splitwise-sim performance model (prompt and token phases in ms, power as a share of TDP)"
    let source: String? = "Mutinifni/splitwise-sim"
    let licence: String? = "MIT"
    let columns = [
        "model", "hardware", "prompt_size", "batch_size", "token_size", "average_power", "prompt_time",
        "token_time", "e2e_time", "tensor_parallel",
    ]

    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.requiredText("model"),
            server: try cells.requiredText("hardware"))
        let devices = try cells.count("tensor_parallel") ?? 1
        figure.devices = devices
        figure.parallelism = "tp\(devices)"
        guard let batch = try cells.count("batch_size") else {
            throw cells.refusal("batch_size", expected: "a whole number from 1 to 1e9")
        }
        figure.batch = 1
        // The batch is of requests that run together.
        figure.concurrency = Double(batch)
        let tokens = try cells.requiredNumber("token_size")
        figure.inputTokens = try cells.requiredNumber("prompt_size")
        figure.outputTokens = tokens
        figure.firstTokenLatency = try cells.milliseconds("prompt_time")
        figure.outputTokenLatency = try cells.milliseconds("token_time")
        figure.meanLatency = try cells.milliseconds("e2e_time")
        if let whole = figure.meanLatency, whole > .zero {
            figure.throughput = Double(batch) * tokens / whole.seconds
            figure.throughputUnit = .tokens
            figure.isThroughputDerived = true
        }
        let share = try cells.requiredNumber("average_power")
        if share > 0 { figure.powerFraction = Fraction(share) }
        return .figure(figure)
    }
}
