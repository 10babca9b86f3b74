import Quantities
import Vocabulary

/// What one schedule does at different rates: each rate is simulated at most once for a quantile, however
/// many latency limits and power budgets are held against it.
///
/// Searches keep one of these for every schedule they have tried, so that it is small between evaluations: a
/// run is kept as three numbers, and the drawn queries are drawn again where another limit needs a rate that
/// was not simulated.
///
/// For use by one thread.
public final class RateSweep {
    /// What a run at a rate showed, after the warm-up.
    private struct Run {
        /// At the quantile that was asked for.
        let latency: Nanoseconds
        let hostUtilisation: Double
        let acceleratorUtilisation: Double
    }

    private struct RunKey: Hashable {
        let rate: Double
        let quantile: Quantile
    }

    public let server: ScheduledServer
    private let stream: QueryStream
    private let seed: UInt64
    private let saturation: Double
    private var simulation: QueueSimulation?
    private var runs: [RunKey: Run] = [:]

    public init(server: ScheduledServer, stream: QueryStream, seed: UInt64) {
        self.server = server
        self.stream = stream
        self.seed = seed
        let simulation = QueueSimulation(server: server, stream: stream, seed: seed)
        saturation = simulation.saturationRate.value
        self.simulation = simulation
    }

    /// The highest rate that meets a target and a budget.
    ///
    /// Bisects over the rate; about ten simulated runs the first time, fewer for each further target, because
    /// the brackets are the same until the targets part. A throughput of zero says that no rate meets the
    /// constraints, and its power is then the idle power.
    /// - Parameter curve: the power of the whole server; another than the server's own where only a part is
    ///   shared.
    public func evaluate(
        target: LatencyTarget, powerBudget: Watts?, power curve: PowerCurve? = nil
    ) -> ScheduleEvaluation {
        defer { simulation = nil }
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
        return run(at: rate.value, target.quantile).latency <= target.limit
    }

    /// The latency at a quantile where queries hardly ever meet: what service alone takes.
    public func idleLatency(at quantile: Quantile) -> Nanoseconds {
        run(at: saturation / 1000, quantile).latency
    }

    /// The power drawn at a rate, or nil where the rate misses the target or the budget.
    private func powerIfMet(
        _ rate: Double, _ target: LatencyTarget, _ budget: Watts?, _ curve: PowerCurve
    ) -> Watts? {
        let key = RunKey(rate: rate, quantile: target.quantile)
        let run = runs[key] ?? run(at: rate, target.quantile)
        runs[key] = run
        guard run.latency <= target.limit else { return nil }
        let power = curve.power(
            hostUtilisation: run.hostUtilisation, acceleratorUtilisation: run.acceleratorUtilisation)
        if let budget, power > budget { return nil }
        return power
    }

    private func run(at rate: Double, _ quantile: Quantile) -> Run {
        let simulation = simulation ?? QueueSimulation(server: server, stream: stream, seed: seed)
        self.simulation = simulation
        let outcome = simulation.run(at: QueriesPerSecond(rate))
        let warmUp = Int(Double(outcome.latencies.count) * LatencyBoundedThroughput.warmUpFraction)
        var settled = Array(outcome.latencies.dropFirst(warmUp))
        return Run(
            latency: settled.selectLatency(at: quantile) ?? .zero,
            hostUtilisation: outcome.hostUtilisation,
            acceleratorUtilisation: outcome.acceleratorUtilisation)
    }
}
