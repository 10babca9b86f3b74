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

    private let session: Session
    private let measurer: Measurer

    public init(_ session: Session, measurer: Measurer) {
        self.session = session
        self.measurer = measurer
    }

    /// What a cell takes beside its own duration: the saturation run, draining, and its share of compiling.
    private static let overheadPerCell = Nanoseconds(milliseconds: 700)

    /// The schedules that a profile of this scenario measures for a model; empty where no type of the fleet
    /// is this machine.
    public static func grid(of scenario: Scenario, for model: Model) throws -> [Schedule] {
        guard let cores = scenario.serverTypes.first(where: \.isThisHost)?.processor?.cores else { return [] }
        return try Engines.grid(of: model, scenario.profile, cores: cores)
    }

    /// - Throws: `PipelineError.badValue` before anything is measured where the engine lacks a precision.
    static func requirePrecisions(_ settings: ProfileSettings, of engine: any InferenceEngine) throws {
        let missing = (settings.precisions ?? []).first { !engine.precisions.contains($0) }
        guard let missing else { return }
        throw PipelineError.badValue(
            name: "profile.precisions", found: missing.rawValue,
            expected: "\(engine.precisions.map(\.rawValue).joined(separator: ", ")), which \(engine.name) has"
        )
    }

    /// Measures what has not been measured on this machine with these settings.
    ///
    /// Each cell is saved before the next begins: an interrupted run loses at most the cell it was in.
    public func run() throws -> Summary {
        guard let type = session.thisHost else { return Summary(measured: 0, reused: 0, doubtful: 0) }
        let scenario = session.scenario
        let settings = try MeasurementSettings.cell(scenario.profile, seed: scenario.seed).digest
        let profiler = try measurer.profiler(for: session.engine)
        try Self.requirePrecisions(scenario.profile, of: profiler.engine)
        // All grids first: a model that has none is refused before any is measured.
        let cells = try scenario.models.flatMap { model in
            try Self.grid(of: scenario, for: model).map { (model: model, schedule: $0) }
        }
        let missing = try cells.filter {
            try memo($0.schedule, $0.model, type, settings, profiler).stored() == nil
        }
        let reused = cells.count - missing.count
        session.progress.stageBegan(
            "profile", units: missing.count,
            expected: (scenario.profile.cellDuration + Self.overheadPerCell) * missing.count)
        if reused > 0 { session.progress.note("\(reused) cells are measured already and are reused") }
        noteSharing(missing.map(\.schedule), profiler)
        var doubtful = 0
        var repeats = DisturbedRuns(expected: scenario.profile.cellDuration * missing.count)
        for (model, schedule) in missing {
            let found = try measurer.measureCell(
                Measurer.Subject(model, on: type, by: schedule, settings: settings), scenario.profile,
                repeats: &repeats)
            if !found.verdict.isValid { doubtful += 1 }
            session.progress.advanced("\(model.id) \(schedule)")
        }
        session.progress.stageEnded(
            "measured \(missing.count) cells, reused \(reused)"
                + (repeats.repeated == 0 ? "" : "; \(repeats.repeated) disturbed runs were made again")
                + (doubtful == 0 ? "" : "; \(doubtful) carry a doubt, see the report"))
        return Summary(measured: missing.count, reused: reused, doubtful: doubtful)
    }

    /// Says once where the generator has no core of its own.
    private func noteSharing(_ schedules: [Schedule], _ profiler: HostProfiler) {
        let sharing = schedules.first { profiler.placement(of: $0)?.isGeneratorApart == false }
        guard let sharing, let placement = profiler.placement(of: sharing) else { return }
        session.progress.note("\(sharing): \(placement.note)")
    }

    /// The cell of a schedule as it was measured with these settings.
    private func memo(
        _ schedule: Schedule, _ model: Model, _ type: ServerType, _ settings: ContentDigest,
        _ profiler: HostProfiler
    ) -> Memo<MeasurementKey, StoredMeasurement> {
        Memo(
            MeasurementKey(
                model: model, serverType: type, host: session.host, engine: profiler.engine.name,
                engineVersion: profiler.engine.version, schedule: schedule, purpose: .cell,
                pattern: .openPoisson, settingsDigest: settings, provenance: .measured),
            find: session.store.measurement(for:))
    }
}
