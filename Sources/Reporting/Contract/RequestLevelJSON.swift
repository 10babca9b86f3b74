import Quantities
import Vocabulary

/// A window simulated query by query, as a member of `ReplayJSON`.
struct RequestLevelJSON: Encodable {
    private struct Result: Encodable {
        let policy: String
        let model: String
        let latencyQuantile: Double
        let latencyLimitMilliseconds: Double
        let queries: Int
        let late: Int
        let dropped: Int
        let waiting: Int
        let retried: Int
        let failedFraction: FiniteNumber
        let tailMilliseconds: FiniteNumber
        let missedFraction: FiniteNumber
        let fluidViolationFraction: FiniteNumber
        let fluidUnservedFraction: FiniteNumber
        let differenceFraction: FiniteNumber

        init(_ result: RequestLevelResult) {
            let queries = result.queries
            policy = result.policy
            model = result.model.name
            latencyQuantile = result.target.quantile.value
            latencyLimitMilliseconds = result.target.limit.milliseconds
            self.queries = queries.arrived
            late = queries.late
            dropped = queries.dropped
            waiting = queries.waiting
            retried = result.retried
            failedFraction = FiniteNumber(result.failedFraction)
            tailMilliseconds = FiniteNumber(result.tailLatency?.milliseconds)
            missedFraction = FiniteNumber(result.missedFraction)
            fluidViolationFraction = FiniteNumber(result.fluidViolationFraction)
            fluidUnservedFraction = FiniteNumber(result.fluidUnservedFraction)
            differenceFraction = FiniteNumber(result.missedFraction - result.fluidViolationFraction)
        }
    }

    private struct Band: Encodable {
        let loadOverCapacityFrom: Double
        /// nil in the last band.
        let loadOverCapacityTo: FiniteNumber
        let queries: Int
        let failedFraction: Double
        let missedFraction: Double
        let fluidViolationFraction: Double

        init(_ band: RequestLevelTables.Band) {
            loadOverCapacityFrom = band.low
            loadOverCapacityTo = FiniteNumber(band.high)
            queries = band.queries.arrived
            failedFraction = band.share(band.queries.failed)
            missedFraction = band.share(band.missed)
            fluidViolationFraction = band.share(band.violated)
        }
    }

    private let startSeconds: Double
    private let durationSeconds: Double
    private let dispatch: String
    private let seed: UInt64
    private let results: [Result]
    private let bands: [Band]

    init(_ outcome: RequestLevelOutcome) {
        startSeconds = outcome.start.seconds
        durationSeconds = outcome.duration.seconds
        dispatch = outcome.dispatch
        seed = outcome.seed
        results = outcome.results.map(Result.init)
        bands = RequestLevelTables(outcome).bands.map(Band.init)
    }
}
