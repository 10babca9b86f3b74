import Quantities
import Vocabulary

/// The JSON report of guidellm: one object for each benchmark under `benchmarks`. Request latency is in
/// seconds, times per token in milliseconds; only requests that succeeded count.
struct GuideLLMReport: ObjectImporter {
    let kind = "guidellm"
    let title = "guidellm JSON reports (benchmarks.json)"
    let keys = ["metrics.output_tokens_per_second.successful.mean"]
    let list: String? = "benchmarks"
    var optionalKeys: [String] {
        [
            "metrics.requests_per_second.successful.mean", "metrics.request_concurrency.successful.mean",
            "metrics.request_totals.successful", "metrics.request_totals.errored",
            "metrics.prompt_token_count.successful.mean", "metrics.output_token_count.successful.mean",
            "config.strategy.type_", "config.strategy.rate", "args.strategy.type_", "args.strategy.rate",
        ] + models
            + [request, firstToken, outputToken, interToken].flatMap { kind in
                ["mean", "median"].map { "\(kind).\($0)" }
                    + ["p50", "p90", "p95", "p99"].map { "\(kind).percentiles.\($0)" }
            }
    }

    private static let models = [
        "args.model", "config.model", "worker.backend_model", "benchmarker.backend.model",
        "config.backend.model", "metadata.model",
    ]
    private static let request = "metrics.request_latency.successful"
    private static let firstToken = "metrics.time_to_first_token_ms.successful"
    private static let outputToken = "metrics.time_per_output_token_ms.successful"
    private static let interToken = "metrics.inter_token_latency_ms.successful"
    private var models: [String] { Self.models }
    private var request: String { Self.request }
    private var firstToken: String { Self.firstToken }
    private var outputToken: String { Self.outputToken }
    private var interToken: String { Self.interToken }

    func figure(
        _ cells: ImportCells, _ object: [String: Any], _ input: ImportInput
    ) throws(RowRefusal) -> ImportedFigure {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.name("model", under: models),
            server: try cells.name("server"))
        figure.framework = "guidellm"
        let tokens = try cells.requiredNumber("metrics.output_tokens_per_second.successful.mean")
        figure.throughput = tokens
        figure.throughputUnit = .tokens
        figure.inputTokens = try cells.number("metrics.prompt_token_count.successful.mean")
        figure.outputTokens = try cells.number("metrics.output_token_count.successful.mean")
        if figure.outputTokens == nil,
            let requests = try cells.positiveNumber("metrics.requests_per_second.successful.mean")
        {
            figure.outputTokens = tokens / requests
        }
        figure.completedRequests = try cells.number("metrics.request_totals.successful")
        figure.failedRequests = try cells.number("metrics.request_totals.errored")
        figure.concurrency = try cells.positiveNumber("metrics.request_concurrency.successful.mean")
        for place in ["config", "args"] {
            guard let type = cells.text("\(place).strategy.type_") else { continue }
            figure.detail = type
            if ["constant", "poisson"].contains(type) {
                figure.offeredRate = try cells.number("\(place).strategy.rate").map { QueriesPerSecond($0) }
            }
        }
        figure.meanLatency = try cells.time("\(request).mean", unitSeconds: 1)
        let whole = try tail(request, unitSeconds: 1, cells)
        (figure.p50Latency, figure.p90Latency) = (whole?.p50, whole?.p90)
        (figure.p95Latency, figure.p99Latency) = (whole?.p95, whole?.p99)
        figure.firstTokenLatency = try cells.milliseconds("\(firstToken).mean")
        figure.firstTokenTail = try tail(firstToken, unitSeconds: 1e-3, cells)
        figure.interTokenLatency = try cells.milliseconds("\(interToken).mean")
        figure.interTokenTail = try tail(interToken, unitSeconds: 1e-3, cells)
        // guidellm's time per output token is the whole latency over all tokens, the first included. What it
        // has between tokens is what others call the time per output token.
        figure.outputTokenLatency = try cells.firstTime(
            of: ["\(interToken).mean", "\(outputToken).mean"], unitSeconds: 1e-3)
        let wholes = try tail(outputToken, unitSeconds: 1e-3, cells)
        figure.outputTokenTail = figure.interTokenTail ?? wholes
        figure.deriveConcurrency()
        return figure
    }

    private func tail(
        _ kind: String, unitSeconds: Double, _ cells: ImportCells
    ) throws(RowRefusal) -> ImportedFigure.Tail? {
        func time(_ names: String...) throws(RowRefusal) -> Nanoseconds? {
            try cells.firstTime(of: names.map { "\(kind).\($0)" }, unitSeconds: unitSeconds)
        }
        let tail = ImportedFigure.Tail(
            p50: try time("percentiles.p50", "median"), p90: try time("percentiles.p90"),
            p95: try time("percentiles.p95"), p99: try time("percentiles.p99"))
        return tail.known.isEmpty ? nil : tail
    }
}
