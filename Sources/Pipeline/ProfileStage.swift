import Profiling
import Quantities
import Store
import Vocabulary

/// Measures every model in every cell of the schedule grid on this machine, and keeps each measurement as it
/// comes.
public struct ProfileStage {
    /// What a stage came to.
    public struct Summary: Sendable {
        /// Cells measured now.
        public let measured: Int
        /// Cells found in the database.
        public let reused: Int
        /// Cells measured now that some doubt hangs over.
        public let doubtful: Int
    }

    private let bench: Workbench
    private let profiler: HostProfiler

    public init(_ bench: Workbench, profiler: HostProfiler) {
        self.bench = bench
        self.profiler = profiler
    }

    /// What a cell takes beside its own duration: the saturation run, draining, and its share of compiling.
    private static let overheadPerCell = Nanoseconds(milliseconds: 700)

    /// The schedules that a profile of this scenario measures for a model; empty where no type of the fleet
    /// is this machine.
    public static func grid(of scenario: Scenario, for model: Model) throws -> [Schedule] {
        guard let type = scenario.serverTypes.first(where: \.isThisHost) else { return [] }
        return try Engines.grid(
            for: scenario.profile.engine ?? Engines.standard, cores: type.processor.cores,
            batches: scenario.profile.batches,
            partitions: Engines.partitions(for: model, scenario.profile))
    }

    /// Measures what has not been measured on this machine with these settings.
    ///
    /// Each cell is saved before the next begins: an interrupted run loses at most the cell it was in.
    public func run() throws -> Summary {
        guard let type = bench.thisHost else { return Summary(measured: 0, reused: 0, doubtful: 0) }
        let scenario = bench.scenario
        let digest = try bench.profileDigest()
        // All grids first: a model that has none is refused before any is measured.
        let cells = try scenario.models.flatMap { model in
            try Self.grid(of: scenario, for: model).map { (model: model, schedule: $0) }
        }
        let missing = try cells.filter { try !isMeasured($0.schedule, $0.model, type, digest) }
        let reused = cells.count - missing.count
        bench.progress.stageBegan(
            "profile", units: missing.count,
            expected: (scenario.profile.cellDuration + Self.overheadPerCell) * missing.count)
        if reused > 0 { bench.progress.note("\(reused) cells are measured already and are reused") }
        noteSharing(missing.map(\.schedule))
        var doubtful = 0
        let share = bench.hostShare()
        var runs = DisturbedRuns(expected: scenario.profile.cellDuration * missing.count)
        for (model, schedule) in missing {
            let judge = { MeasurementJudge().verdict(on: $0, target: model.latencyTarget) }
            func keep(_ measurement: Measurement, _ verdict: Verdict) throws {
                try bench.store.save(
                    measurement, verdict: verdict, model: model, serverType: type, settingsDigest: digest,
                    run: bench.run)
            }
            let chosen = try runs.run(
                { attempt in
                    let cell = try share.alone {
                        try profiler.measureBoth(
                            model: model, serverType: type, schedule: schedule, settings: scenario.profile,
                            seed: scenario.seed)
                    }
                    var saturation = cell.saturation
                    saturation.attempt = attempt
                    try keep(saturation, judge(saturation))
                    return cell.loaded
                }, judge: judge, keep: keep)
            if !chosen.verdict.isValid { doubtful += 1 }
            bench.progress.advanced("\(model.id) \(schedule)")
        }
        bench.progress.stageEnded(
            "measured \(missing.count) cells, reused \(reused)"
                + (runs.repeated == 0 ? "" : "; \(runs.repeated) disturbed runs were made again")
                + (doubtful == 0 ? "" : "; \(doubtful) carry a doubt, see the report"))
        return Summary(measured: missing.count, reused: reused, doubtful: doubtful)
    }

    /// Says once where the generator has no core of its own.
    private func noteSharing(_ schedules: [Schedule]) {
        let sharing = schedules.first { profiler.placement(of: $0)?.isGeneratorApart == false }
        guard let sharing, let placement = profiler.placement(of: sharing) else { return }
        bench.progress.note("\(sharing): \(placement.note)")
    }

    private func isMeasured(
        _ schedule: Schedule, _ model: Model, _ type: ServerType, _ digest: ContentDigest
    ) throws -> Bool {
        let key = MeasurementKey(
            model: model, serverType: type, host: bench.host, engine: profiler.engine.name,
            engineVersion: profiler.engine.version, schedule: schedule, purpose: .cell, pattern: .openPoisson,
            settingsDigest: digest, provenance: .measured)
        return try bench.store.measurement(for: key) != nil
    }
}

extension Workbench {
    /// What two measurements must share, besides model, host, engine and schedule, to stand for one another.
    private struct ProfileKey: Codable {
        let cellDuration: Nanoseconds
        let loadFraction: Fraction
        let seed: UInt64
        /// nil for the standard engine.
        let engine: EngineSettings?
    }

    func profileDigest() throws -> ContentDigest {
        try Self.profileDigest(of: scenario.profile, seed: scenario.seed)
    }

    /// Stands for everything in the settings that decides the outcome of a cell.
    static func profileDigest(of settings: ProfileSettings, seed: UInt64) throws -> ContentDigest {
        try ContentDigest(
            of: ProfileKey(
                cellDuration: settings.cellDuration, loadFraction: settings.loadFraction, seed: seed,
                engine: settings.engine == Engines.standard ? nil : settings.engine?.deciding))
    }
}
