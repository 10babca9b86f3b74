import Quantities
import Vocabulary

/// What load runs on language models show beside the latency of whole requests.
struct TokenTable {
    static let explanation =
        "Times to the first token run from sending a request, without the time it waited for its turn here; "
        + "times per output token are each request's mean after its first token. Where a server does not "
        + "count its output tokens, the parts of its stream are counted, of which some may hold several "
        + "tokens."

    /// nil where no run has token figures.
    static func table(of runs: [ProfileReport.Run]) -> Table? {
        let rows = runs.compactMap { run in run.measurement.tokens.map { (run.measurement, $0) } }
        guard !rows.isEmpty else { return nil }
        return Table(
            caption: "Tokens",
            columns: [
                Table.Column("model", "model", .text), Table.Column("requestsInFlight", "in flight", .count),
                Table.Column("offeredQps", "offered", .rate),
                Table.Column("firstTokenP50Milliseconds", "first p50", .milliseconds),
                Table.Column("firstTokenP95Milliseconds", "first p95", .milliseconds),
                Table.Column("outputTokenP50Milliseconds", "each p50", .milliseconds),
                Table.Column("outputTokenP95Milliseconds", "each p95", .milliseconds),
                Table.Column("latencyP95Milliseconds", "whole p95", .milliseconds),
                Table.Column("outputTokensPerSecond", "tokens/s", .count),
                Table.Column("promptTokens", "prompt tokens", .count),
                Table.Column("outputTokens", "output tokens", .count),
                Table.Column("tokenCount", "counted by", .tag),
                Table.Column("requests", "requests", .count),
                Table.Column("engine", "engine", .text),
                Table.Column("provenance", "source", .tag),
            ], keyColumnCount: 3,
            rows: rows.map { measurement, tokens in
                [
                    .text(measurement.model.name), .integer(measurement.schedule.columns.threads),
                    .quantity(measurement.offeredRate),
                    .milliseconds(tokens.timeToFirstToken.latency(at: Quantile(0.5))),
                    .milliseconds(tokens.timeToFirstToken.latency(at: Quantile(0.95))),
                    .milliseconds(tokens.timePerOutputToken.latency(at: Quantile(0.5))),
                    .milliseconds(tokens.timePerOutputToken.latency(at: Quantile(0.95))),
                    .milliseconds(measurement.latencies.latency(at: Quantile(0.95))),
                    .integer(Int(tokens.outputTokensPerSecond.rounded())),
                    tokens.promptTokens.map { .integer($0) } ?? .missing,
                    .integer(tokens.outputTokens), .text(tokens.areTokensReported ? "server" : "stream"),
                    .integer(tokens.requests), .text("\(measurement.engine) \(measurement.engineVersion)"),
                    .text(measurement.provenance.rawValue),
                ]
            })
    }
}
