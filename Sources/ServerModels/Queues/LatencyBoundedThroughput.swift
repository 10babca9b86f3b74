import Quantities
import Vocabulary

/// Finds the highest Poisson rate at which a scheduled server meets a latency target and a power budget, by
/// discrete-event simulation over its service times.
public struct LatencyBoundedThroughput: Sendable {
    public let target: LatencyTarget
    /// nil when power is not limited.
    public let powerBudget: Watts?
    /// The queries every schedule is judged on.
    public let stream: QueryStream
    public let seed: UInt64
    /// The bisection stops when the bracket is narrower than this share of its upper end.
    public static let tolerance = 0.002
    /// Share of the stream that passes before latencies count, so that the empty start does not flatter the
    /// tail.
    public static let warmUpFraction = 0.1

    public init(target: LatencyTarget, powerBudget: Watts?, stream: QueryStream, seed: UInt64) {
        self.target = target
        self.powerBudget = powerBudget
        self.stream = stream
        self.seed = seed
    }

    /// How many queries a stream needs so that some twenty lie beyond a quantile, at least as many as asked
    /// for.
    ///
    /// Quantiles up to p99 are judged on streams of one length, so that a stricter one is never met at a
    /// higher rate.
    public static func queries(asked: Int, toSee quantile: Quantile) -> Int {
        let order = max(quantile.value, 0.99)
        return max(asked, Int((20 / (1 - order) / (1 - warmUpFraction)).rounded(.up)))
    }

    /// Bisects over the rate; about ten simulated runs. A throughput of zero says that no rate meets the
    /// constraints, and its power is then the idle power.
    public func evaluate(_ server: ScheduledServer) -> ScheduleEvaluation {
        RateSweep(server: server, stream: stream, seed: seed)
            .evaluate(target: target, powerBudget: powerBudget)
    }
}
