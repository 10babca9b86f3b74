import Profiling
import Quantities
import Store
import Vocabulary

/// Checks a simulated latency-bounded throughput under live load on this machine.
///
/// The simulation draws on service times measured at one load; contention, caches and the scheduler of the
/// operating system may say otherwise at another. What the planner gets is the highest rate that undisturbed
/// live load has shown to be sustainable, of the winner or of a schedule that may be better.
public struct LiveConfirmation {
    /// Offers a rate to a schedule until the run is undisturbed, or attempts run out.
    package typealias Offer = (
        _ schedule: Schedule, _ rate: QueriesPerSecond, _ duration: Nanoseconds
    ) throws -> (measurement: LoadRun, verdict: Verdict)

    private let session: Session
    private let measurer: Measurer?
    private let offer: Offer?

    public init(_ session: Session, measurer: Measurer) {
        self.session = session
        self.measurer = measurer
        offer = nil
    }

    /// With something else in place of live load.
    package init(_ session: Session, offer: @escaping Offer) {
        self.session = session
        self.offer = offer
        measurer = nil
    }

    /// Part of what tells outcomes apart: outcomes of other rules are not taken up.
    static let edition = 2

    /// An entry, and whether live load has decided on it.
    package struct Confirmed {
        package let entry: EfficiencyEntry
        package let isDecided: Bool
    }

    /// How much longer a run lasts whose first could not tell the tail from the limit.
    private static let stretches = [1, 4]

    /// A slow model needs longer before enough queries stand behind its tail; bounded, so that a hopeless
    /// rate does not hold up the run.
    private static func duration(
        _ asked: Nanoseconds, toSee quantile: Quantile, at rate: QueriesPerSecond
    ) -> Nanoseconds {
        let queries = MeasurementJudge().tailQueriesMin / (1 - quantile.value) * 1.3
        let needed = Nanoseconds(seconds: queries / max(rate.value, 1e-3))
        return min(max(asked, needed), asked * 4)
    }

    /// The entry of the schedule for which live load has shown the highest rate, with that rate and the power
    /// at it; a throughput of zero where none of the rates met the target. Where disturbed runs decided
    /// nothing, the entry stays as it was simulated, and says so.
    /// - Parameter evaluations: of all schedules that were searched.
    package func decide(
        _ entry: EfficiencyEntry, among evaluations: [ScheduleEvaluation], of model: Model,
        on type: ServerType
    ) throws -> Confirmed {
        let winner =
            evaluations.last { $0.schedule == entry.schedule }
            ?? ScheduleEvaluation(
                schedule: entry.schedule, throughput: entry.throughput, power: entry.power,
                provenance: entry.provenance)
        var met: [Schedule: LoadRun] = [:]
        var missed: LoadRun?
        let outcome = try LiveContest().run(winner: winner, among: evaluations) { candidate, rate in
            let (answer, measurement) = try check(rate, of: candidate.schedule, model, type)
            switch answer {
            case .meets: met[candidate.schedule] = measurement
            case .misses: missed = missed ?? measurement
            case .open: break
            }
            return answer
        }
        let chosen = outcome.best?.candidate ?? LiveContest.Candidate(winner)
        let live = outcome.best?.rate ?? (outcome.isOpen ? nil : .zero)
        var confirmed = entry
        if chosen.schedule != entry.schedule,
            let evaluation = evaluations.last(where: { $0.schedule == chosen.schedule })
        {
            confirmed = confirmed.with(chosen.schedule, evaluation.throughput, evaluation.power)
        }
        if let live, let run = met[chosen.schedule] ?? missed {
            confirmed = confirmed.measured(at: live, run)
        }
        confirmed.check = LiveCheck(
            simulated: chosen.simulated, uncertainty: chosen.uncertainty, live: live, doubts: outcome.doubts,
            schedules: outcome.tried)
        if let note = Self.note(on: confirmed, model, winner: entry.schedule) { session.progress.note(note) }
        return Confirmed(entry: confirmed, isDecided: live != nil)
    }

    /// What a person should know of a check; nil where all went as simulated.
    private static func note(on entry: EfficiencyEntry, _ model: Model, winner: Schedule) -> String? {
        guard let check = entry.check else { return nil }
        guard let live = check.live else {
            return
                "\(model.id): no undisturbed run could check \(entry.schedule) live; it stays as simulated, "
                + "and the next search checks it again"
        }
        if live == .zero {
            return
                "\(model.id): no rate down to a fifth of the simulated one met \(model.latencyTarget) live "
                + "on this machine; it is planned without it"
        }
        guard entry.schedule != winner else { return nil }
        return
            "\(model.id): \(entry.schedule) held \(live) live, more than \(winner), which was simulated to "
            + "be the best"
    }

    /// Runs a schedule live at a rate, and keeps the measurements. A tail that cannot be told from the limit
    /// in the longest run is not shown to meet it.
    private func check(
        _ rate: QueriesPerSecond, of schedule: Schedule, _ model: Model, _ type: ServerType
    ) throws -> (LiveContest.Answer, LoadRun) {
        let duration = Self.duration(
            session.scenario.profile.confirmationDuration, toSee: model.latencyTarget.quantile, at: rate)
        var last: LoadRun?
        for stretch in Self.stretches {
            let (measurement, verdict) = try run(schedule, rate, duration * stretch, model, type)
            last = measurement
            guard !verdict.isDisturbed else { return (.open(verdict.doubts), measurement) }
            switch verdict.tail?.answer {
            case .meets: return (.meets, measurement)
            case .misses: return (.misses, measurement)
            case .undecided, nil: continue
            }
        }
        guard let last else { preconditionFailure("there is at least one stretch") }
        return (.misses, last)
    }

    private func run(
        _ schedule: Schedule, _ rate: QueriesPerSecond, _ duration: Nanoseconds, _ model: Model,
        _ type: ServerType
    ) throws -> (measurement: LoadRun, verdict: Verdict) {
        if let offer { return try offer(schedule, rate, duration) }
        guard let measurer else { preconditionFailure("there is a measurer or something in its place") }
        var settings = session.scenario.profile
        settings.confirmationDuration = duration
        let subject = Measurer.Subject(
            model, on: type, by: schedule,
            settings: try MeasurementSettings.confirmation(
                session.scenario.profile, seed: session.scenario.seed
            ).digest)
        // Pays for two further attempts.
        var repeats = DisturbedRuns(expected: duration * 10, attemptsMax: 3)
        return try measurer.offer(rate, to: subject, settings, as: .confirmation, repeats: &repeats)
    }
}

extension EfficiencyEntry {
    fileprivate func measured(at rate: QueriesPerSecond, _ measurement: LoadRun) -> EfficiencyEntry {
        EfficiencyEntry(
            model: model, serverType: serverType, target: target, powerBudget: powerBudget,
            schedule: schedule,
            throughput: rate, power: measurement.power ?? power,
            powerProvenance: measurement.powerProvenance ?? powerProvenance,
            provenance: .measured, method: method, evaluations: evaluations, spaceSize: spaceSize)
    }

    fileprivate func with(
        _ schedule: Schedule, _ throughput: QueriesPerSecond, _ power: Watts
    ) -> EfficiencyEntry {
        EfficiencyEntry(
            model: model, serverType: serverType, target: target, powerBudget: powerBudget,
            schedule: schedule, throughput: throughput, power: power, powerProvenance: powerProvenance,
            provenance: provenance, method: method, evaluations: evaluations, spaceSize: spaceSize)
    }
}
