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
        /// Of language models.
        let tokens: Tokens?

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
            tokens = result.tokens.map { Tokens($0, attained: result.attained) }
        }
    }

    /// A language model token by token; times in seconds, as in `llm simulate`.
    private struct Tokens: Encodable {
        private struct Latency: Encodable {
            let mean: FiniteNumber
            let p50: FiniteNumber
            let p90: FiniteNumber
            let p99: FiniteNumber

            init(_ latency: TokenLevelFigures.Latency?) {
                mean = FiniteNumber(latency?.mean.seconds)
                p50 = FiniteNumber(latency?.p50.seconds)
                p90 = FiniteNumber(latency?.p90.seconds)
                p99 = FiniteNumber(latency?.p99.seconds)
            }
        }

        private let ttft: Latency
        private let tpot: Latency
        private let e2e: Latency
        private let outputTokenLimitSeconds: FiniteNumber
        private let endToEndLimitSeconds: FiniteNumber
        private let attainedFraction: FiniteNumber
        private let promptTokens: Int
        private let outputTokens: Int
        private let preemptions: Int
        private let restartedRequests: Int
        private let playedSeconds: Double
        private let watts: FiniteNumber
        private let joulesPerToken: FiniteNumber

        init(_ figures: TokenLevelFigures, attained: Fraction?) {
            ttft = Latency(figures.firstToken)
            tpot = Latency(figures.outputToken)
            e2e = Latency(figures.endToEnd)
            outputTokenLimitSeconds = FiniteNumber(figures.targets.outputToken)
            endToEndLimitSeconds = FiniteNumber(figures.targets.endToEnd)
            attainedFraction = FiniteNumber(attained?.value)
            promptTokens = figures.promptTokens
            outputTokens = figures.outputTokens
            preemptions = figures.preemptions
            restartedRequests = figures.restarted
            playedSeconds = figures.played.seconds
            watts = FiniteNumber(figures.watts?.value)
            joulesPerToken = FiniteNumber(figures.joulesPerToken)
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
