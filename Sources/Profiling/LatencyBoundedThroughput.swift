import Quantities
import Simulation
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
    /// Share of the stream that passes before latencies count, so that the empty start does not flatter the tail.
    public static let warmUpFraction = 0.1

    public init(target: LatencyTarget, powerBudget: Watts?, stream: QueryStream, seed: UInt64) {
        self.target = target
        self.powerBudget = powerBudget
        self.stream = stream
        self.seed = seed
    }

    /// Bisects over the rate; about ten simulated runs. A throughput of zero says that no rate meets the
    /// constraints, and its power is then the idle power.
    public func evaluate(_ server: ScheduledServer) -> ScheduleEvaluation {
        let simulation = QueueSimulation(server: server, stream: stream, seed: seed)
        var upper = simulation.saturationRate.value
        var lower = 0.0
        var power = server.power.idle
        // A rate of a thousandth of saturation sees almost no queueing: if that fails, every rate fails.
        if let slow = powerIfMet(upper / 1000, simulation, server) {
            lower = upper / 1000
            power = slow
            while upper - lower > Self.tolerance * upper {
                let middle = (lower + upper) / 2
                if let found = powerIfMet(middle, simulation, server) {
                    lower = middle
                    power = found
                } else {
                    upper = middle
                }
            }
        }
        return ScheduleEvaluation(
            schedule: server.schedule, throughput: QueriesPerSecond(lower), power: power,
            provenance: server.provenance)
    }

    /// The power drawn at a rate, or nil where the rate misses the target or the budget.
    private func powerIfMet(
        _ rate: Double, _ simulation: QueueSimulation, _ server: ScheduledServer
    ) -> Watts? {
        let outcome = simulation.run(at: QueriesPerSecond(rate))
        let counted = outcome.latencies.dropFirst(Int(Double(outcome.latencies.count) * Self.warmUpFraction))
        let allowed = counted.count - Int((target.quantile.value * Double(counted.count)).rounded(.up))
        var late = 0
        for latency in counted where latency > target.limit {
            late += 1
            if late > allowed { return nil }
        }
        let power = server.power.power(
            hostUtilisation: outcome.hostUtilisation, acceleratorUtilisation: outcome.acceleratorUtilisation)
        if let powerBudget, power > powerBudget { return nil }
        return power
    }
}
