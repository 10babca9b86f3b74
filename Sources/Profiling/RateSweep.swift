import Quantities
import Vocabulary

/// What one schedule does at different rates: each rate is simulated at most once, however many latency targets and
/// power budgets are held against it.
///
/// For use by one thread.
public final class RateSweep {
    /// What a run at a rate showed, after the warm-up.
    private struct Run {
        let latencies: [Nanoseconds]
        let hostUtilisation: Double
        let acceleratorUtilisation: Double
    }

    public let server: ScheduledServer
    private let simulation: QueueSimulation
    private let saturation: Double
    private var runs: [Double: Run] = [:]

    public init(server: ScheduledServer, stream: QueryStream, seed: UInt64) {
        self.server = server
        simulation = QueueSimulation(server: server, stream: stream, seed: seed)
        saturation = simulation.saturationRate.value
    }

    /// How many rates have been simulated.
    public var runCount: Int { runs.count }

    /// The highest rate that meets a target and a budget.
    ///
    /// Bisects over the rate; about ten simulated runs the first time, fewer for each further target, because the
    /// brackets are the same until the targets part. A throughput of zero says that no rate meets the constraints,
    /// and its power is then the idle power.
    /// - Parameter curve: the power of the whole server; another than the server's own where only a part is shared.
    public func evaluate(
        target: LatencyTarget, powerBudget: Watts?, power curve: PowerCurve? = nil
    ) -> ScheduleEvaluation {
        let curve = curve ?? server.power
        var upper = saturation
        var lower = 0.0
        var power = curve.idle
        // A rate of a thousandth of saturation sees almost no queueing: if that fails, every rate fails.
        if let slow = powerIfMet(upper / 1000, target, powerBudget, curve) {
            lower = upper / 1000
            power = slow
            while upper - lower > LatencyBoundedThroughput.tolerance * upper {
                let middle = (lower + upper) / 2
                if let found = powerIfMet(middle, target, powerBudget, curve) {
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

    /// Whether a rate meets a target and a budget, from one simulated run that is not kept.
    public func isMet(at rate: QueriesPerSecond, target: LatencyTarget) -> Bool {
        guard rate.value <= saturation else { return false }
        return Self.isMet(run(at: rate.value).latencies, target)
    }

    /// The power drawn at a rate, or nil where the rate misses the target or the budget.
    private func powerIfMet(
        _ rate: Double, _ target: LatencyTarget, _ budget: Watts?, _ curve: PowerCurve
    ) -> Watts? {
        let run = runs[rate] ?? run(at: rate)
        runs[rate] = run
        guard Self.isMet(run.latencies, target) else { return nil }
        let power = curve.power(
            hostUtilisation: run.hostUtilisation, acceleratorUtilisation: run.acceleratorUtilisation)
        if let budget, power > budget { return nil }
        return power
    }

    private static func isMet(_ latencies: [Nanoseconds], _ target: LatencyTarget) -> Bool {
        let allowed = latencies.count - Int((target.quantile.value * Double(latencies.count)).rounded(.up))
        var late = 0
        for latency in latencies where latency > target.limit {
            late += 1
            if late > allowed { return false }
        }
        return true
    }

    private func run(at rate: Double) -> Run {
        let outcome = simulation.run(at: QueriesPerSecond(rate))
        let warmUp = Int(Double(outcome.latencies.count) * LatencyBoundedThroughput.warmUpFraction)
        return Run(
            latencies: Array(outcome.latencies.dropFirst(warmUp)), hostUtilisation: outcome.hostUtilisation,
            acceleratorUtilisation: outcome.acceleratorUtilisation)
    }
}
