import Quantities
import Vocabulary

/// Judges measurements by stated rules; the facts stay as they are.
public struct MeasurementJudge: Hashable, Sendable {
    /// How many queries must be expected beyond the tail quantile: with 10, the 95 % confidence interval of a
    /// p95 reaches from about p92 to p98. That is 200 queries for a p95 and 1000 for a p99.
    public var tailQueriesMin = 10.0
    /// How many service times a cell needs, whose tail nobody reads: four groups of the simulator's draws.
    public var serviceSamplesMin = 64
    /// The counted part of a run whose tail is read lasts at least so long, unless the tail was decided
    /// before.
    public var durationMin = Nanoseconds.zero
    /// Of the tail's interval.
    public var confidence = Fraction(0.95)
    /// A hypervisor that takes one fiftieth of the time away lengthens service times by as much, which is the
    /// resolution that the search needs.
    public var stealFractionMax = Fraction(0.02)
    /// Pressure allowed where the schedule leaves cores to the generator and the rest of the system.
    /// Otherwise idle cores showed at most 0.02 at a utilisation of 0.75, and 0.1 to 0.5 beside a compiler.
    public var pressureFractionMax = Fraction(0.1)
    /// Pressure allowed where the schedule's own threads take all cores: the generator then has to push one
    /// of them aside at every arrival, and the kernel counts each such wait. Otherwise idle cores showed at
    /// most 0.06 (four cores) and 0.11 (two) at a utilisation of 0.75, and 0.2 to 0.8 beside a compiler,
    /// which cost up to half the throughput.
    public var pressureFractionMaxWithoutSpareCore = Fraction(0.2)
    /// Other processes may use this share of all cores. The counters step by 10 ms, so on two cores a run of
    /// a quarter of a second tells it to 4 %.
    public var otherLoadFractionMax = Fraction(0.1)
    /// The slowest sample of the clock over its mean; less says that the machine got hot or was capped
    /// meanwhile.
    public var frequencyRatioMin = 0.7
    /// A generator that is late by more than this share of the latency limit, at the target's own quantile,
    /// makes a visible part of the latency it reports.
    public var latenessOverLimitMax = 0.05

    public init() {}

    /// The minima of MLPerf Inference for its server scenario: 600 seconds, and as many queries as a
    /// confidence of 99 % with a margin of a twentieth of the tail takes, in whole multiples of 8192
    /// (inference rules, "Benchmark scenarios", and its appendix on query counts: 24 576 at p90, 57 344 at
    /// p95, 270 336 at p99).
    public static var mlPerf: MeasurementJudge {
        var judge = MeasurementJudge()
        judge.durationMin = Nanoseconds(seconds: 600)
        judge.confidence = Fraction(0.99)
        judge.tailQueriesMin = .nan
        return judge
    }

    /// Queries needed behind a tail quantile.
    ///
    /// By MLPerf's rule: z^2 q (1 - q) / margin^2 with z = 2.576 and margin = (1 - q) / 20, rounded up to
    /// 8192s.
    public func queriesMin(for quantile: Quantile) -> Int {
        guard tailQueriesMin.isNaN else {
            return Int((tailQueriesMin / (1 - quantile.value) - 1e-9).rounded(.up))
        }
        let q = quantile.value
        let margin = (1 - q) / 20
        let needed = 2.575_829 * 2.575_829 * q * (1 - q) / (margin * margin)
        return Int((needed / 8192).rounded(.up)) * 8192
    }

    /// The question that ends a run early once it is answered, by these minima.
    ///
    /// Not before twenty latency limits have passed: a busy period of a server near its limit lasts several,
    /// and a run that sees only one or two of them cannot tell how far its queries depend on one another.
    public func question(_ target: LatencyTarget) -> TailQuestion {
        TailQuestion(
            target: target, queriesMin: queriesMin(for: target.quantile),
            durationMin: max(durationMin, Nanoseconds(milliseconds: 500), target.limit * 20))
    }

    /// What speaks against relying on a measurement, in the order of `Verdict.Doubt`, and what its tail says
    /// about the target where its tail is what it was made for.
    public func verdict(on measurement: LoadRun, target: LatencyTarget) -> Verdict {
        var doubts: [Verdict.Doubt] = []
        if hasTooFew(measurement, target) { doubts.append(.tooFewQueries) }
        if isAboutTheTail(measurement), measurement.ending == .complete, measurement.duration < durationMin {
            doubts.append(.tooShort)
        }
        doubts += disturbances(of: measurement)
        if let late = measurement.generatorLateness.latency(at: target.quantile),
            late.seconds > latenessOverLimitMax * target.limit.seconds
        {
            doubts.append(.generatorBehind)
        }
        // A run that has not settled leaves out its first half.
        if measurement.ending == .complete, let warmUp = measurement.warmUp,
            warmUp.duration.seconds > 1.1 * measurement.duration.seconds
        {
            doubts.append(.notSettled)
        }
        let tail =
            isAboutTheTail(measurement)
            ? Verdict.Tail(
                measurement.latencies,
                effectiveCount: measurement.effectiveQueries ?? Double(measurement.latencies.count),
                target: target, confidence: confidence)
            : nil
        return Verdict(doubts: doubts, tail: tail)
    }

    private func disturbances(of measurement: LoadRun) -> [Verdict.Doubt] {
        var doubts: [Verdict.Doubt] = []
        let noise = measurement.noise
        if let steal = noise.stealFraction, steal > stealFractionMax { doubts.append(.stolenTime) }
        let schedule = measurement.schedule.columns
        // A pipeline that leaves its sparse group open takes every core.
        let leavesCore =
            schedule.hostCores < measurement.host.cores
            && (schedule.partition != .sparseDense || schedule.sparse != nil)
        let allowed =
            leavesCore
            ? pressureFractionMax : pressureFractionMaxWithoutSpareCore
        if let pressure = noise.processorPressureFraction, pressure > allowed {
            doubts.append(.processorPressure)
        }
        if let load = noise.otherLoadFraction, load > otherLoadFractionMax { doubts.append(.otherLoad) }
        if let least = noise.frequencyMin, let mean = noise.frequencyMean,
            least.value < frequencyRatioMin * mean.value
        {
            doubts.append(.frequencyFell)
        }
        return doubts
    }

    private func isAboutTheTail(_ measurement: LoadRun) -> Bool {
        switch measurement.purpose {
        case .cell, .saturation: false
        case .confirmation, .bisection: true
        }
    }

    private func hasTooFew(_ measurement: LoadRun, _ target: LatencyTarget) -> Bool {
        isAboutTheTail(measurement)
            ? measurement.queries < queriesMin(for: target.quantile)
            : measurement.serviceSamples.count < serviceSamplesMin
    }
}
