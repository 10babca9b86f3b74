import Catalog
import Profiling
import Quantities
import Store
import Vocabulary

/// An ONNX file of the user's own, from the file to its best schedule on this machine: without a scenario, a
/// fleet or a trace.
public struct ModelFileRequest: Sendable {
    public var path: String
    /// nil for what is assumed.
    public var target: SearchRequest.Target?
    /// How many items a query holds.
    public var items: Int?
    /// Of free dimensions other than the batch, by their names in the graph.
    public var sizes: [String: Int] = [:]

    public init(path: String) { self.path = path }

    /// Whether a file is a model and not a scenario.
    public static func isModel(_ path: String) -> Bool { path.lowercased().hasSuffix(".onnx") }

    /// What is asked of a model where nothing is said.
    private static let assumedTarget = LatencyTarget(
        quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100))
    /// The server type that stands for the machine at hand.
    private static let thisHost: ServerTypeID = "this-host"

    /// The model alone on the machine at hand.
    /// - Returns: the scenario, and what was assumed, a sentence each.
    func scenario(host: DetectedHost) throws -> (scenario: Scenario, assumptions: [String]) {
        guard let folder = ShippedCatalogue.folder else {
            throw PipelineError.notInCatalogue(
                what: "the machine at hand, which the shipped catalogue describes", found: Self.thisHost.name,
                nearest: nil)
        }
        let type = try Catalog(directory: folder).serverType(Self.thisHost, host: host)
        let standard = Self.assumedTarget
        let asked = target.map { LatencyTarget(quantile: $0.quantile ?? standard.quantile, limit: $0.limit) }
        let read = try OnnxModel(path: path, target: asked ?? standard, items: items ?? 1, sizes: sizes)
        var assumptions = read.assumptions
        if asked == nil { assumptions.append("the latency target is taken as \(standard)") }
        if items == nil { assumptions.append("a query is taken as one item") }
        let batches = Self.batches(items: items ?? 1)
        let scenario = Scenario(
            id: read.model.id.name, title: "\(read.model.title) on this machine", seed: 1,
            models: [read.model], fleet: Fleet(id: Self.thisHost.name, counts: [Self.thisHost: 1]),
            serverTypes: [type], trace: nil, profile: ProfileSettings(batches: batches),
            search: SearchSettings(batches: batches), replay: ReplaySettings())
        return (scenario, assumptions)
    }

    /// Batches that a query of so many items can fill: powers of four, and all of it.
    private static func batches(items: Int) -> [Int] {
        var batches: [Int] = []
        var batch = 1
        while batch < items {
            batches.append(batch)
            batch *= 4
        }
        return batches + [items]
    }
}

extension Session {
    /// Opens a database for a model file, which is noted as a scenario of its own: later verbs go on from it.
    public static func open(
        _ request: ModelFileRequest, databasePath: String, changes: ScenarioChanges,
        progress: any ProgressListener
    ) throws -> Session {
        let host = try HostProbe().host()
        let (plain, assumptions) = try request.scenario(host: detected(host))
        let scenario = try changes.applied(to: plain, known: .builtIn)
        let store = try Store(path: databasePath)
        let run = try Recorder.begin(scenario, in: store)
        for assumption in assumptions { progress.note("assumed: \(assumption)") }
        return Session(
            scenario: scenario, store: store, run: run, host: host, progress: progress,
            sharesHost: changes.sharesHost)
    }
}

/// Measures a model file, searches its schedules and writes the report.
public struct ModelFileRun {
    private let session: Session

    public init(_ session: Session) { self.session = session }

    /// - Parameter confirms: whether the best schedule is checked under live load.
    /// - Throws: `PipelineError.notProfiled` where nothing could be measured.
    public func run(confirms: Bool) throws {
        let measurer = session.measurer()
        _ = try ProfileStage(session, measurer: measurer).run()
        let confirmation = confirms ? LiveConfirmation(session, measurer: measurer) : nil
        let summary = try SearchStage(session).run(confirmation: confirmation)
        try summary.requireProfiled(on: session)
        try session.recorder.finish(.finished)
    }
}
