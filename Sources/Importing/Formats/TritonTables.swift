import Vocabulary

/// Performance tables of Triton Inference Server, as NVIDIA publishes them beside its example models, in one
/// table.
///
/// Latencies are in milliseconds. `infer_per_s` counts inputs: a request carries `batch` of them.
struct TritonTables: TableImporter {
    let kind = "triton"
    let title = "Triton performance tables (batch, concurrency, inferences/s, p50 to p99 in ms)"
    let source: String? = "NVIDIA/DeepLearningExamples"
    let licence: String? = "Apache-2.0"
    let columns = [
        "section", "gpu", "backend", "precision", "batch", "concurrency", "infer_per_s", "p50_ms", "p90_ms",
        "p95_ms", "p99_ms", "avg_ms",
    ]
    let optionalColumns = ["source", "model_arch", "model_size", "instances", "accel"]

    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
        let gpu = try cells.requiredText("gpu")
        // The page that holds the table names the model by its path.
        let page = cells.text("source")
        var figure = ImportedFigure(
            line: cells.line, model: cells.text("model_arch") ?? page.map(Self.model) ?? "unnamed",
            server: gpu)
        figure.devices = 1
        figure.precision = cells.text("precision")
        figure.framework = cells.text("backend")
        figure.detail = cells.text("section")
        figure.batch = try cells.count("batch")
        figure.concurrency = try cells.positiveNumber("concurrency")
        figure.throughput = try cells.requiredNumber("infer_per_s")
        figure.throughputUnit = .items
        figure.meanLatency = try cells.milliseconds("avg_ms")
        figure.p50Latency = try cells.milliseconds("p50_ms")
        figure.p90Latency = try cells.milliseconds("p90_ms")
        figure.p95Latency = try cells.milliseconds("p95_ms")
        figure.p99Latency = try cells.milliseconds("p99_ms")
        figure.source = page
        return .figure(figure)
    }

    /// `PyTorch/LanguageModeling/BERT/triton/large/README.md` is `BERT large`.
    private static func model(ofPage path: String) -> String {
        let parts = path.split(separator: "/").map(String.init)
        guard let position = parts.firstIndex(of: "triton"), position > 0 else { return path }
        return ([parts[position - 1]] + parts[(position + 1)...].filter { !$0.contains(".") })
            .joined(separator: " ")
    }
}
