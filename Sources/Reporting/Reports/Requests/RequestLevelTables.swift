import Quantities
import Vocabulary

/// What a window of a replay looks like query by query, beside the fluid view of the same loads and servers.
struct RequestLevelTables {
    let outcome: RequestLevelOutcome

    init(_ outcome: RequestLevelOutcome) { self.outcome = outcome }

    /// - Parameter colours: of the policies, as elsewhere in the report.
    func section(colours: [String: String]) -> Report.Section {
        let queries = outcome.results.reduce(0) { $0 + $1.queries.arrived }
        let window =
            "\(outcome.duration.readableSpan) from \(outcome.start.readableSpan) into the trace, query by "
            + "query: \(queries.counted("query", plural: "queries")), Poisson arrivals, sizes and service "
            + "times of the models, dispatched by \(outcome.dispatch)."
        return Report.Section(
            heading: "Query by query",
            blocks: [
                .paragraph(window), .table(resultTable),
            ] + tokenBlocks + [.table(bandTable)] + plot(colours) + [.note(Self.viewsNote)])
    }

    private func plot(_ colours: [String: String]) -> [Report.Block] {
        RequestLevelPlot(outcome: outcome, colours: colours).plot.map { [.plot($0)] } ?? []
    }

    private static let viewsNote =
        "The fluid view calls all queries violated that come while a model's load exceeds its capacity. "
        + "Query by query, the target is missed while more queries are late or lost than its quantile "
        + "forgives. Capacity is what each server alone takes of Poisson arrivals, as found over the queries "
        + "of the search. Far from it the views agree. Near it they need not: dispatching by queue length "
        + "smooths arrivals and serves a little more than the capacity says, and where servers meet their "
        + "target only when nearly always busy, the search's short stream sees too little of the queue that "
        + "builds up, so that the target is missed below the capacity."

    /// One row per policy and model.
    var resultTable: Table {
        Table(
            caption: "Violations two ways",
            columns: [
                .init("policy", "policy", .text), .init("model", "model", .text),
                .init("queries", "queries", .count), .init("tailMilliseconds", "tail", .milliseconds),
                .init("latencyLimitMilliseconds", "limit", .milliseconds),
                .init("failedFraction", "late or lost", .fraction),
                .init("missedFraction", "target missed", .fraction),
                .init("fluidViolationFraction", "fluid violated", .fraction),
                .init("differenceFraction", "difference", .fraction),
                .init("fluidUnservedFraction", "fluid unserved", .fraction),
            ],
            keyColumnCount: 2,
            rows: outcome.results.map { result in
                [
                    .text(result.policy), .text(result.model.name), .integer(result.queries.arrived),
                    result.tailLatency.map { .number($0.milliseconds) } ?? .missing,
                    .number(result.target.limit.milliseconds), .quantity(result.failedFraction),
                    .quantity(result.missedFraction), .quantity(result.fluidViolationFraction),
                    .quantity(result.missedFraction - result.fluidViolationFraction),
                    .quantity(result.fluidUnservedFraction),
                ]
            })
    }

    /// Language models token by token; none where there is no such model.
    private var tokenBlocks: [Report.Block] {
        let results = outcome.results.filter { $0.tokens != nil }
        guard !results.isEmpty else { return [] }
        return [.table(Self.tokenTable(results)), .note(Self.tokenNote)]
    }

    private static let tokenNote =
        "Language models are played through the scheduler of their engines, with requests of the model's own "
        + "lengths. A query is late where it breaks any limit: on the first token (the limit above), on the "
        + "mean of its further tokens, or on the whole answer. Tails above are of the first token. "
        + "A server that starts loads its weights first; one that stops ends the answers it has begun until "
        + "it is switched off, and what is left is read anew elsewhere. Nobody gives up waiting. Watts are "
        + "of the servers over all that was played, the filling before the window and the last answers "
        + "behind it included."

    /// One row per policy and language model.
    private static func tokenTable(_ results: [RequestLevelResult]) -> Table {
        func cell(_ time: Nanoseconds?) -> Table.Cell { time.map { .number($0.milliseconds) } ?? .missing }
        return Table(
            caption: "Language models token by token",
            columns: [
                .init("policy", "policy", .text), .init("model", "model", .text),
                .init("ttftP50Milliseconds", "ttft p50", .milliseconds),
                .init("ttftP99Milliseconds", "ttft p99", .milliseconds),
                .init("tpotP50Milliseconds", "tpot p50", .milliseconds),
                .init("tpotP99Milliseconds", "tpot p99", .milliseconds),
                .init("e2eP50Milliseconds", "e2e p50", .milliseconds),
                .init("e2eP99Milliseconds", "e2e p99", .milliseconds),
                .init("attainedFraction", "all limits kept", .fraction),
                .init("fluidViolationFraction", "fluid violated", .fraction),
                .init("preemptions", "preempted", .count), .init("restarted", "begun anew", .count),
                .init("watts", "drawn", .power), .init("joulesPerToken", "joules/token", .plain),
            ],
            keyColumnCount: 2,
            rows: results.compactMap { result in
                guard let tokens = result.tokens else { return nil }
                return [
                    .text(result.policy), .text(result.model.name), cell(tokens.firstToken?.p50),
                    cell(tokens.firstToken?.p99), cell(tokens.outputToken?.p50),
                    cell(tokens.outputToken?.p99), cell(tokens.endToEnd?.p50), cell(tokens.endToEnd?.p99),
                    result.attained.map { .quantity($0) } ?? .missing,
                    .quantity(result.fluidViolationFraction), .integer(tokens.preemptions),
                    .integer(tokens.restarted), tokens.watts.map { .number($0.value) } ?? .missing,
                    tokens.joulesPerToken.map { .number($0) } ?? .missing,
                ]
            })
    }

    /// Segments of all policies and models whose servers are about as full.
    struct Band {
        /// Load over capacity.
        let low: Double
        /// Infinite in the last band.
        let high: Double
        var queries = RequestLevelResult.Queries()
        /// Queries of segments that missed the latency target.
        var missed = 0
        /// Queries of segments whose load exceeded the capacity.
        var violated = 0

        func share(_ part: Int) -> Double { Double(part) / Double(queries.arrived) }
    }

    /// Bands that hold any query, ascending.
    var bands: [Band] {
        let lows = [0, 0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5]
        var bands = zip(lows, lows.dropFirst() + [.infinity]).map { Band(low: $0, high: $1) }
        for result in outcome.results {
            for segment in result.segments {
                // A load that equals the capacity up to rounding belongs below it.
                let fullness =
                    segment.isViolatedAsFluid
                    ? max(segment.fullness, 1) : min(segment.fullness, 1.0.nextDown)
                guard let index = bands.lastIndex(where: { $0.low <= fullness }) else { continue }
                let queries = segment.queries
                bands[index].queries = bands[index].queries + queries
                if segment.missesTarget(result.target) { bands[index].missed += queries.arrived }
                if segment.isViolatedAsFluid { bands[index].violated += queries.arrived }
            }
        }
        return bands.filter { $0.queries.arrived > 0 }
    }

    /// Where the two views agree.
    var bandTable: Table {
        Table(
            caption: "Where the two views agree, by load over capacity (all policies and models)",
            columns: [
                .init("loadOverCapacity", "load over capacity", .text), .init("queries", "queries", .count),
                .init("failedFraction", "late or lost", .fraction),
                .init("missedFraction", "target missed", .fraction),
                .init("fluidViolationFraction", "fluid violated", .fraction),
                .init("differenceFraction", "difference", .fraction),
            ],
            rows: bands.map { band in
                [
                    .text(band.high == .infinity ? "\(band.low) and more" : "\(band.low) to \(band.high)"),
                    .integer(band.queries.arrived), .number(band.share(band.queries.failed)),
                    .number(band.share(band.missed)), .number(band.share(band.violated)),
                    .number(band.share(band.missed - band.violated)),
                ]
            })
    }
}
