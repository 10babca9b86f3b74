import Profiling
import Quantities
import Store
import Vocabulary

/// Checks a simulated latency-bounded throughput under live load on this machine.
///
/// The simulation draws on service times measured at one load; contention, caches and the scheduler of the operating
/// system may say otherwise at another. What the planner gets is the highest rate that live load has shown to be
/// sustainable, never one that was only computed.
public struct LiveConfirmation {
    private let bench: Workbench
    private let profiler: HostProfiler
    private let host: HostShare

    public init(_ bench: Workbench, profiler: HostProfiler) {
        self.bench = bench
        host = bench.hostShare()
        self.profiler = profiler
    }

    /// The rates tried, as shares of the simulated one, until one meets the target.
    static let shares = [1.0, 0.9, 0.8, 0.65, 0.5, 0.3]

    /// A slow model needs longer before enough queries stand behind its tail; bounded, so that a hopeless rate does not
    /// hold up the run.
    private static func duration(
        _ asked: Nanoseconds, toSee quantile: Quantile, at rate: QueriesPerSecond
    ) -> Nanoseconds {
        let queries = MeasurementJudge().tailQueriesMin / (1 - quantile.value) * 1.3
        let needed = Nanoseconds(seconds: queries / max(rate.value, 1e-3))
        return min(max(asked, needed), asked * 4)
    }

    /// The entry with its throughput set to the highest rate found to hold and its power to that at the rate; a
    /// throughput of zero where none of the rates met the target.
    ///
    /// Rates fall until one holds, then the middle between it and the last that did not is tried once.
    func confirm(_ entry: EfficiencyEntry, of model: Model, on type: ServerType) throws -> EfficiencyEntry {
        var missed: (share: Double, measurement: Measurement)?
        for share in Self.shares {
            let checked = try check(share, of: entry, model, type)
            guard checked.isMet else {
                missed = (share, checked.measurement)
                continue
            }
            if let missed {
                let middle = (share + missed.share) / 2
                let between = try check(middle, of: entry, model, type)
                if between.isMet {
                    return entry.confirmed(at: entry.throughput * middle, between.measurement)
                }
            }
            return entry.confirmed(at: entry.throughput * share, checked.measurement)
        }
        bench.progress.note(
            "\(model.id): no rate down to \(Self.shares.last ?? 0) of the simulated one met \(model.latencyTarget) "
                + "live on this machine; it is planned without it")
        guard let missed else { return entry }
        return entry.confirmed(at: .zero, missed.measurement)
    }

    /// Runs the entry's schedule live at a share of its rate, and keeps the measurement.
    private func check(
        _ share: Double, of entry: EfficiencyEntry, _ model: Model, _ type: ServerType
    ) throws -> (isMet: Bool, measurement: Measurement) {
        let rate = entry.throughput * share
        var settings = bench.scenario.profile
        settings.confirmationDuration = Self.duration(
            settings.confirmationDuration, toSee: model.latencyTarget.quantile, at: rate)
        let judge = MeasurementJudge()
        // Pays for one further attempt.
        var runs = DisturbedRuns(expected: settings.confirmationDuration * 5, attemptsMax: 2)
        let measurement = try runs.run { _ in
            try host.alone {
                try profiler.confirm(
                    model: model, serverType: type, schedule: entry.schedule, rate: rate, settings: settings,
                    seed: bench.scenario.seed, question: judge.question(model.latencyTarget))
            }
        } judge: {
            judge.verdict(on: $0, target: model.latencyTarget)
        } keep: { measurement, verdict in
            try bench.store.save(
                measurement, verdict: verdict, model: model, serverType: type,
                settingsDigest: try bench.confirmationDigest(), run: bench.run)
        }.measurement
        // A query given up on counts with its age when it was, so the tail tells of overload as well.
        let tail = measurement.latencies.latency(at: model.latencyTarget.quantile)
        return (tail.map { $0 <= model.latencyTarget.limit } ?? false, measurement)
    }
}

extension EfficiencyEntry {
    fileprivate func confirmed(at rate: QueriesPerSecond, _ measurement: Measurement) -> EfficiencyEntry {
        EfficiencyEntry(
            model: model, serverType: serverType, target: target, powerBudget: powerBudget,
            schedule: schedule,
            throughput: rate, power: measurement.power ?? power,
            powerProvenance: measurement.powerProvenance ?? powerProvenance,
            provenance: .measured, method: method, evaluations: evaluations, spaceSize: spaceSize)
    }
}

extension Workbench {
    private struct ConfirmationKey: Codable {
        let duration: Nanoseconds
        let seed: UInt64
    }

    func confirmationDigest() throws -> ContentDigest {
        try ContentDigest(
            of: ConfirmationKey(duration: scenario.profile.confirmationDuration, seed: scenario.seed))
    }
}
