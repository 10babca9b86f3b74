import Profiling
import Quantities
import Store
import Vocabulary

/// Checks a simulated latency-bounded throughput under live load on this machine.
///
/// The simulation draws on service times measured at one load; contention, caches and the scheduler of the
/// operating system may say otherwise at another. What the planner gets is the highest rate that live load
/// has shown to be sustainable, never one that was only computed.
public struct LiveConfirmation {
    private let session: Session
    private let measurer: Measurer

    public init(_ session: Session, measurer: Measurer) {
        self.session = session
        self.measurer = measurer
    }

    /// Looks below the simulated rate only: a simulation that says too little costs some servers, one that
    /// says too much costs the target.
    private static let bisection: LiveBisection = {
        var bisection = LiveBisection()
        bisection.mayExceedGuess = false
        bisection.tolerance = 0.05
        bisection.floor = 0.2
        bisection.ratesMax = 7
        return bisection
    }()

    /// A slow model needs longer before enough queries stand behind its tail; bounded, so that a hopeless
    /// rate does not hold up the run.
    private static func duration(
        _ asked: Nanoseconds, toSee quantile: Quantile, at rate: QueriesPerSecond
    ) -> Nanoseconds {
        let queries = MeasurementJudge().tailQueriesMin / (1 - quantile.value) * 1.3
        let needed = Nanoseconds(seconds: queries / max(rate.value, 1e-3))
        return min(max(asked, needed), asked * 4)
    }

    /// The entry with its throughput set to the highest rate found to hold and its power to that at the rate;
    /// a throughput of zero where none of the rates met the target.
    ///
    /// The simulated rate is tried first; where it misses, the highest that holds is bracketed to a
    /// twentieth.
    func confirm(_ entry: EfficiencyEntry, of model: Model, on type: ServerType) throws -> EfficiencyEntry {
        var best: (rate: QueriesPerSecond, measurement: LoadRun)?
        var missed: LoadRun?
        _ = try Self.bisection.find(startingAt: entry.throughput) { rate in
            let checked = try check(rate, of: entry, model, type)
            if checked.isMet { best = (rate, checked.measurement) } else { missed = checked.measurement }
            return checked.isMet
        }
        if let best { return entry.confirmed(at: best.rate, best.measurement) }
        session.progress.note(
            """
            \(model.id): no rate down to a fifth of the simulated one met \(model.latencyTarget) live on \
            this
            """
                + " machine; it is planned without it")
        guard let missed else { return entry }
        return entry.confirmed(at: .zero, missed)
    }

    /// Runs the entry's schedule live at a rate, and keeps the measurement.
    private func check(
        _ rate: QueriesPerSecond, of entry: EfficiencyEntry, _ model: Model, _ type: ServerType
    ) throws -> (isMet: Bool, measurement: LoadRun) {
        var settings = session.scenario.profile
        settings.confirmationDuration = Self.duration(
            settings.confirmationDuration, toSee: model.latencyTarget.quantile, at: rate)
        let subject = Measurer.Subject(
            model, on: type, by: entry.schedule,
            settings: try MeasurementSettings.confirmation(
                session.scenario.profile, seed: session.scenario.seed
            ).digest)
        // Pays for one further attempt.
        var repeats = DisturbedRuns(expected: settings.confirmationDuration * 5, attemptsMax: 2)
        let measurement = try measurer.offer(
            rate, to: subject, settings, as: .confirmation, repeats: &repeats
        ).measurement
        // A query given up on counts with its age when it was, so the tail tells of overload as well.
        let tail = measurement.latencies.latency(at: model.latencyTarget.quantile)
        return (tail.map { $0 <= model.latencyTarget.limit } ?? false, measurement)
    }
}

extension EfficiencyEntry {
    fileprivate func confirmed(at rate: QueriesPerSecond, _ measurement: LoadRun) -> EfficiencyEntry {
        EfficiencyEntry(
            model: model, serverType: serverType, target: target, powerBudget: powerBudget,
            schedule: schedule,
            throughput: rate, power: measurement.power ?? power,
            powerProvenance: measurement.powerProvenance ?? powerProvenance,
            provenance: .measured, method: method, evaluations: evaluations, spaceSize: spaceSize)
    }
}
