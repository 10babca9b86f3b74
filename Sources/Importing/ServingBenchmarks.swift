import Quantities
import Vocabulary

/// What `vllm session serve --save-result` writes. The server is not in it, and comes from a mapping.
struct VLLMBenchmark: ObjectImporter {
    let kind = "vllm"
    let title = "vLLM serving benchmark JSON"
    let keys = ["request_throughput", "output_throughput", "mean_ttft_ms", "mean_tpot_ms"]

    func figure(_ cells: ImportCells, _ input: ImportInput) throws(RowRefusal) -> ImportedFigure {
        var figure = try ServingRun.figure(
            cells, model: try cells.name("model", under: ["model_id"]), server: try cells.name("server"))
        figure.framework = "vllm"
        figure.date = cells.text("date")
        figure.meanLatency = try cells.milliseconds("mean_e2el_ms")
        figure.p50Latency = try cells.milliseconds("median_e2el_ms")
        figure.p90Latency = try cells.milliseconds("p90_e2el_ms")
        figure.p95Latency = try cells.milliseconds("p95_e2el_ms")
        figure.p99Latency = try cells.milliseconds("p99_e2el_ms")
        // Requests in flight are as many as allowed only where they are offered without a pause: neither at a
        // rate nor at one that grows, beside which `request_rate` is `inf` too.
        if figure.offeredRate == nil, cells.text("ramp_up_strategy") == nil {
            figure.concurrency = try ServingRun.concurrencyMax(cells)
        }
        return figure
    }
}

/// What SGLang's `bench_serving --output-file` writes: one object a line. Server and, in older versions,
/// model come from a mapping. `concurrency` is the mean number of requests in flight.
struct SGLangBenchmark: ObjectImporter {
    let kind = "sglang"
    let title = "SGLang bench_serving JSON lines"
    let keys = ["request_throughput", "output_throughput", "mean_ttft_ms", "mean_e2e_latency_ms"]

    func figure(_ cells: ImportCells, _ input: ImportInput) throws(RowRefusal) -> ImportedFigure {
        var figure = try ServingRun.figure(
            cells, model: try cells.name("model", under: ["model_id"]), server: try cells.name("server"))
        figure.framework = cells.text("backend") ?? "sglang"
        figure.meanLatency = try cells.milliseconds("mean_e2e_latency_ms")
        figure.p50Latency = try cells.milliseconds("median_e2e_latency_ms")
        figure.p90Latency = try cells.milliseconds("p90_e2e_latency_ms")
        figure.p99Latency = try cells.milliseconds("p99_e2e_latency_ms")
        figure.concurrency = try cells.positiveNumber("concurrency")
        return figure
    }
}

/// What both benchmarks share: tokens per second put out, times in milliseconds, totals of tokens over all
/// requests.
private enum ServingRun {
    static func figure(
        _ cells: ImportCells, model: String, server: String
    ) throws(RowRefusal) -> ImportedFigure {
        var figure = ImportedFigure(line: cells.line, model: model, server: server)
        figure.devices = try cells.count("devices")
        figure.throughput = try cells.requiredNumber("output_throughput")
        figure.throughputUnit = .tokens
        figure.firstTokenLatency = try cells.milliseconds("mean_ttft_ms")
        figure.outputTokenLatency = try cells.milliseconds("mean_tpot_ms")
        // vLLM writes "inf"; SGLang a bare `Infinity`, or "trace" where requests arrive as a trace says.
        if let rate = cells.text("request_rate"), !["inf", "Infinity", "trace"].contains(rate) {
            figure.offeredRate = try cells.number("request_rate").map { QueriesPerSecond($0) }
        }
        if let completed = try cells.positiveNumber("completed") {
            figure.inputTokens = try cells.number("total_input_tokens").map { $0 / completed }
            figure.outputTokens = try cells.number("total_output_tokens").map { $0 / completed }
        }
        let requests = try cells.requiredNumber("request_throughput")
        if let tokens = figure.outputTokens, tokens > 0, let rate = figure.requestRate,
            abs(rate - requests) > 0.05 * requests
        {
            throw RowRefusal(
                column: "request_throughput", found: "\(requests)",
                expected: "output_throughput / output tokens of a request, \(rate), within 5 %")
        }
        return figure
    }

    static func concurrencyMax(_ cells: ImportCells) throws(RowRefusal) -> Double? {
        guard let text = cells.text("max_concurrency"), text != "None" else { return nil }
        return try cells.positiveNumber("max_concurrency")
    }
}
