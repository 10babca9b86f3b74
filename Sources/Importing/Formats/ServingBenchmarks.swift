import Quantities
import Vocabulary

/// What `vllm bench serve --save-result` writes. The server is not in it, and comes from the command line or
/// a mapping.
struct VLLMBenchmark: ObjectImporter {
    let kind = "vllm"
    let title = "vLLM serving benchmark JSON"
    let keys = ["request_throughput", "output_throughput", "mean_ttft_ms", "mean_tpot_ms"]
    let optionalKeys =
        ServingRun.keys + [
            "model_id", "date", "num_prompts", "max_concurrency", "ramp_up_strategy", "failed",
        ]
        + ServingRun.times("e2el")

    func figure(
        _ cells: ImportCells, _ object: [String: Any], _ input: ImportInput
    ) throws(RowRefusal) -> ImportedFigure {
        var figure = try ServingRun.figure(
            cells, model: try cells.name("model", under: ["model_id"]), server: try cells.name("server"))
        figure.framework = "vllm"
        figure.date = cells.text("date")
        try ServingRun.readLatency("e2el", cells, into: &figure)
        figure.failedRequests = try cells.number("failed")
        // Older files only say how many prompts there were.
        if figure.failedRequests == nil, let sent = try cells.number("num_prompts"),
            let completed = figure.completedRequests
        {
            figure.failedRequests = max(0, sent - completed)
        }
        // Requests in flight are as many as allowed only where they are offered without a pause: neither at a
        // rate nor at one that grows, beside which `request_rate` is `inf` too.
        if cells.text("ramp_up_strategy") == nil {
            if figure.offeredRate == nil { figure.concurrency = try ServingRun.concurrencyMax(cells) }
            figure.deriveConcurrency()
        }
        return figure
    }
}

/// What SGLang's `bench_serving --output-file` writes: one object a line. Server and, in older versions,
/// model come from the command line or a mapping. `concurrency` is the mean number of requests in flight.
struct SGLangBenchmark: ObjectImporter {
    let kind = "sglang"
    let title = "SGLang bench_serving JSON lines"
    let keys = ["request_throughput", "output_throughput", "mean_ttft_ms", "mean_e2e_latency_ms"]
    let optionalKeys =
        ServingRun.keys + ["model_id", "backend", "concurrency", "num_prompts"]
        + ServingRun.times("e2e_latency")

    func figure(
        _ cells: ImportCells, _ object: [String: Any], _ input: ImportInput
    ) throws(RowRefusal) -> ImportedFigure {
        var figure = try ServingRun.figure(
            cells, model: try cells.name("model", under: ["model_id"]), server: try cells.name("server"))
        figure.framework = cells.text("backend") ?? "sglang"
        try ServingRun.readLatency("e2e_latency", cells, into: &figure)
        figure.concurrency = try cells.positiveNumber("concurrency")
        if let sent = try cells.number("num_prompts"), let completed = figure.completedRequests {
            figure.failedRequests = max(0, sent - completed)
        }
        figure.deriveConcurrency()
        return figure
    }
}

/// What both benchmarks share: tokens per second put out, times in milliseconds, totals of tokens over all
/// requests.
private enum ServingRun {
    static let keys =
        ["request_rate", "completed", "total_input_tokens", "total_output_tokens", "mean_tpot_ms"]
        + ["ttft", "tpot", "itl"].flatMap(times)

    /// The names of the mean and the tails of one kind of time.
    static func times(_ kind: String) -> [String] {
        ["mean", "median", "p50", "p90", "p95", "p99"].map { "\($0)_\(kind)_ms" }
    }

    static func figure(
        _ cells: ImportCells, model: String, server: String
    ) throws(RowRefusal) -> ImportedFigure {
        var figure = ImportedFigure(line: cells.line, model: model, server: server)
        figure.throughput = try cells.requiredNumber("output_throughput")
        figure.throughputUnit = .tokens
        figure.firstTokenLatency = try cells.milliseconds("mean_ttft_ms")
        figure.firstTokenTail = try tail("ttft", cells)
        figure.outputTokenLatency = try cells.milliseconds("mean_tpot_ms")
        figure.outputTokenTail = try tail("tpot", cells)
        figure.interTokenLatency = try cells.milliseconds("mean_itl_ms")
        figure.interTokenTail = try tail("itl", cells)
        // vLLM writes "inf"; SGLang a bare `Infinity`, or "trace" where requests arrive as a trace says.
        if let rate = cells.text("request_rate"), !["inf", "Infinity", "trace"].contains(rate) {
            figure.offeredRate = try cells.number("request_rate").map { QueriesPerSecond($0) }
        }
        if let completed = try cells.positiveNumber("completed") {
            figure.completedRequests = completed
            figure.inputTokens = try cells.number("total_input_tokens").map { $0 / completed }
            figure.outputTokens = try cells.number("total_output_tokens").map { $0 / completed }
        }
        let requests = try cells.requiredNumber("request_throughput")
        if let tokens = figure.outputTokens, tokens > 0, let rate = figure.requestRate,
            abs(rate - requests) > 0.05 * requests
        {
            throw cells.refusal(
                "request_throughput",
                expected: "output_throughput / output tokens of a request, \(rate), within 5 %")
        }
        return figure
    }

    static func readLatency(
        _ kind: String, _ cells: ImportCells, into figure: inout ImportedFigure
    ) throws(RowRefusal) {
        figure.meanLatency = try cells.milliseconds("mean_\(kind)_ms")
        let tail = try tail(kind, cells)
        figure.p50Latency = tail?.p50
        figure.p90Latency = tail?.p90
        figure.p95Latency = tail?.p95
        figure.p99Latency = tail?.p99
    }

    /// nil where none of its quantiles is there.
    private static func tail(
        _ kind: String, _ cells: ImportCells
    ) throws(RowRefusal) -> ImportedFigure.Tail? {
        let median = try cells.milliseconds("median_\(kind)_ms")
        let tail = ImportedFigure.Tail(
            p50: try cells.milliseconds("p50_\(kind)_ms") ?? median,
            p90: try cells.milliseconds("p90_\(kind)_ms"), p95: try cells.milliseconds("p95_\(kind)_ms"),
            p99: try cells.milliseconds("p99_\(kind)_ms"))
        return tail.known.isEmpty ? nil : tail
    }

    static func concurrencyMax(_ cells: ImportCells) throws(RowRefusal) -> Double? {
        guard let text = cells.text("max_concurrency"), text != "None" else { return nil }
        return try cells.positiveNumber("max_concurrency")
    }
}

extension ImportedFigure {
    /// Requests in flight of a run at an offered rate, by Little's law from the rate that was completed and
    /// the time that a request takes. Nothing changes where either is not known.
    mutating func deriveConcurrency() {
        guard concurrency == nil, let rate = requestRate, rate > 0 else { return }
        var latency = meanLatency?.seconds
        if latency == nil, let first = firstTokenLatency, let each = outputTokenLatency,
            let tokens = outputTokens, tokens >= 1
        {
            latency = first.seconds + each.seconds * (tokens - 1)
        }
        guard let latency, latency > 0, rate * latency <= 1e9 else { return }
        concurrency = rate * latency
        isConcurrencyDerived = true
    }
}
