import Quantities
import Vocabulary

/// Judges measurements by stated rules; the facts stay as they are.
public struct MeasurementJudge: Hashable, Sendable {
    /// How many queries must be expected beyond the tail quantile: with 10, the 95 % confidence interval of a p95
    /// reaches from about p92 to p98. That is 200 queries for a p95 and 1000 for a p99.
    public var tailQueriesMin = 10.0
    /// How many service times a cell needs, whose tail nobody reads: four groups of the simulator's draws.
    public var serviceSamplesMin = 64
    /// A hypervisor that takes one fiftieth of the time away lengthens service times by as much, which is the
    /// resolution that the search needs.
    public var stealFractionMax = Fraction(0.02)
    /// Pressure allowed where the schedule leaves cores to the generator and the rest of the system. Otherwise idle
    /// cores showed at most 0.02 at a utilisation of 0.75, and 0.1 to 0.5 beside a compiler.
    public var pressureFractionMax = Fraction(0.1)
    /// Pressure allowed where the schedule's own threads take all cores: the generator then has to push one of them
    /// aside at every arrival, and the kernel counts each such wait. Otherwise idle cores showed at most 0.06 (four
    /// cores) and 0.11 (two) at a utilisation of 0.75, and 0.2 to 0.8 beside a compiler, which cost up to half the
    /// throughput.
    public var pressureFractionMaxWithoutSpareCore = Fraction(0.2)
    /// A generator that is late by more than this share of the latency limit, at the target's own quantile, makes
    /// a visible part of the latency it reports.
    public var latenessOverLimitMax = 0.05

    public init() {}

    /// What speaks against relying on a measurement, in the order of `Verdict.Doubt`.
    public func verdict(on measurement: Measurement, target: LatencyTarget) -> Verdict {
        var doubts: [Verdict.Doubt] = []
        if hasTooFew(measurement, target) { doubts.append(.tooFewQueries) }
        if let steal = measurement.noise.stealFraction, steal > stealFractionMax {
            doubts.append(.stolenTime)
        }
        let schedule = measurement.schedule
        let allowed =
            schedule.threads * schedule.workers < measurement.host.cores
            ? pressureFractionMax : pressureFractionMaxWithoutSpareCore
        if let pressure = measurement.noise.processorPressureFraction, pressure > allowed {
            doubts.append(.processorPressure)
        }
        if let late = measurement.generatorLateness.latency(at: target.quantile),
            late.seconds > latenessOverLimitMax * target.limit.seconds
        {
            doubts.append(.generatorBehind)
        }
        return Verdict(doubts: doubts)
    }

    private func hasTooFew(_ measurement: Measurement, _ target: LatencyTarget) -> Bool {
        switch measurement.purpose {
        case .cell, .saturation: measurement.serviceSamples.count < serviceSamplesMin
        case .confirmation, .bisection:
            Double(measurement.queries) * (1 - target.quantile.value) < tailQueriesMin
        }
    }
}
