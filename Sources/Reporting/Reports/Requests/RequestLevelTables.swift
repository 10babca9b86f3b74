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
                .paragraph(window), .table(resultTable), .table(bandTable),
            ] + (RequestLevelPlot(outcome: outcome, colours: colours).plot.map { [.plot($0)] } ?? []) + [
                .note(
                    "The fluid view calls all queries violated that come while a model's load exceeds its "
                        + "capacity. Query by query, the target is missed while more queries are late or "
                        + "lost than its quantile forgives. Capacity is what each server alone takes of "
                        + "Poisson arrivals, as found over the queries of the search. Far from it the views "
                        + "agree. Near it they need not: dispatching by queue length smooths arrivals and "
                        + "serves a little more than the capacity says, and where servers meet their target "
                        + "only when nearly always busy, the search's short stream sees too little of the "
                        + "queue that builds up, so that the target is missed below the capacity."
                )
            ])
    }

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
