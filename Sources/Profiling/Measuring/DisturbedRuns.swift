import Quantities
import Vocabulary

/// Makes runs that were disturbed again, a bounded number of times.
///
/// Every attempt is a measurement of its own, with its own verdict; none is averaged with another. The time
/// spent on second attempts is bounded over all runs, so that a machine that is never quiet only takes a
/// little longer, and what it yields carries its doubts.
public struct DisturbedRuns: Sendable {
    /// Attempts of one run at most.
    public let attemptsMax: Int
    /// Time for further attempts, as a share of the time that all first attempts are expected to take.
    public static let budgetFraction = 0.25

    /// Time left for further attempts.
    public private(set) var budget: Nanoseconds
    /// Further attempts made so far.
    public private(set) var repeated = 0

    /// - Parameter expected: what the first attempts of all runs take together.
    public init(expected: Nanoseconds, attemptsMax: Int = 3) {
        self.attemptsMax = attemptsMax
        budget = Nanoseconds(seconds: expected.seconds * Self.budgetFraction)
    }

    /// Makes a run until it is undisturbed, or attempts or time run out.
    /// - Parameters:
    ///   - make: makes the run; told the number of the attempt, from 1, which the measurement carries.
    ///   - judge: its verdict.
    ///   - keep: stores every attempt as it comes.
    /// - Returns: the last attempt that was undisturbed, or else the least disturbed one.
    @discardableResult
    public mutating func run(
        _ make: (_ attempt: Int) throws -> LoadRun, judge: (LoadRun) -> Verdict,
        keep: (LoadRun, Verdict) throws -> Void
    ) throws -> (measurement: LoadRun, verdict: Verdict) {
        var best: (measurement: LoadRun, verdict: Verdict)?
        for attempt in 1...attemptsMax {
            var measurement = try make(attempt)
            measurement.attempt = attempt
            let verdict = judge(measurement)
            try keep(measurement, verdict)
            if let current = best, measurement.noise.disturbance >= current.measurement.noise.disturbance,
                verdict.isDisturbed
            {
                // The earlier attempt was quieter.
            } else {
                best = (measurement, verdict)
            }
            let took = measurement.duration + (measurement.warmUp?.duration ?? .zero)
            guard verdict.isDisturbed, attempt < attemptsMax, budget >= took else { break }
            budget = budget - took
            repeated += 1
        }
        guard let best else { preconditionFailure("there is at least one attempt") }
        return best
    }
}

extension HostNoise {
    /// How much a run was disturbed, to choose the least among doubtful ones: the shares of time taken by
    /// others.
    public var disturbance: Double {
        [stealFraction, processorPressureFraction, otherLoadFraction].reduce(0) { $0 + ($1?.value ?? 0) }
    }
}
