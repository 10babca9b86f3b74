import Reporting
import Vocabulary

/// Writes a replay out for other tools: the schedule of one policy's allocations as CSV, JSON and Kubernetes
/// manifests, every interval of all policies as CSV, and the comparison of the policies as JSON.
public struct ExportStage: Sendable {
    /// What is exported and how.
    public struct Options: Sendable {
        /// The policy whose allocations are written; nil for the scenario's subject.
        public var policy: String?
        /// What was asked to be started; nil where nothing was.
        public var engine: EngineLaunch?
        public var kubernetes: KubernetesManifests.Options

        public init(
            policy: String?, engine: EngineLaunch? = nil, kubernetes: KubernetesManifests.Options
        ) {
            self.policy = policy
            self.engine = engine
            self.kubernetes = kubernetes
        }
    }

    private let session: Session

    public init(_ session: Session) { self.session = session }

    /// Throws where a scenario's replay does not play a policy, before anything else is done.
    /// - Throws: `PipelineError.unknownName`.
    public static func requirePlayed(_ policy: String?, in scenario: Scenario) throws {
        let played = scenario.replay.policies
        if let policy, !played.contains(policy) {
            throw PipelineError.unknownName(kind: "policy of the replay", found: policy, known: played)
        }
    }

    /// Everything but the intervals, which may be more than memory holds, is made before the first file is
    /// written. The same replay gives the same bytes.
    ///
    /// - Parameter folder: made where there is none. Manifests of an earlier export in it are removed,
    ///   because an orchestrator would apply what is left over; manifests of anybody else's stop it.
    /// - Returns: the files in the order of their paths.
    public func write(
        _ outcome: ReplayStage.Outcome, to folder: String, _ options: Options
    ) throws -> [WrittenFile] {
        let replay = outcome.replay
        let name = options.policy ?? replay.subject
        guard let timeline = replay.timelines.first(where: { $0.policy == name }) else {
            throw PipelineError.unknownName(
                kind: "policy of the replay", found: name, known: replay.timelines.map(\.policy))
        }
        if let engine = options.engine,
            !outcome.table.entries.contains(where: { $0.schedule.engineRules != nil })
        {
            throw PipelineError.badValue(
                name: "engine", found: "\(engine.rawValue), and no model that an engine serves",
                expected: "a scenario with a language model")
        }
        let schedule = AllocationSchedule(timeline, of: replay.trace, table: outcome.table)
        let manifests = try KubernetesManifests(
            schedule, serverTypes: session.scenario.serverTypes, modelSizes: session.modelSizes,
            options: options.kubernetes)
        let csv = CSVRenderer()
        var files: [(path: String, text: String)] = [
            (
                "comparison.json",
                ReplayJSON(
                    outcome: replay, baseline: session.scenario.replay.baseline, table: outcome.table,
                    includingDecisionTime: false,
                    requestLevel: try session.store.requestLevels(of: outcome.id).last,
                    frontier: try FrontierStage(session).stored(of: outcome.id)
                ).text
            ),
            ("kubernetes/index.json", try manifests.index()),
        ]
        files += try manifests.sets().map { ("kubernetes/\($0.fileName)", $0.yaml) }
        files.append(("schedule.csv", csv.render(schedule.spanTable)))
        files.append(("schedule.json", schedule.json))
        let pieces = ReplayReport.intervalTables(of: replay).enumerated().lazy.map { piece, table in
            piece == 0 ? csv.render(table) : csv.rows(table)
        }
        let bytes = try ExportFolder(folder, database: session.store.path).replace(
            with: files, and: "intervals.csv", pieces: pieces)
        var written = files.map { WrittenFile(path: $0.path, bytes: $0.text.utf8.count) }
        written.insert(WrittenFile(path: "intervals.csv", bytes: bytes), at: 1)
        return written
    }

    /// What was written, for people and programs.
    public static func summary(
        _ files: [WrittenFile], in folder: String, as rendering: Rendering
    ) -> String {
        ExportListing(files, in: folder).text(as: rendering)
    }
}
