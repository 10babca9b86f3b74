import Catalog
import Profiling
import Quantities
import ServerModels
import Store
import Vocabulary

/// A scenario, the database its results live in, and who hears how it goes: what every stage works on.
public struct Session: Sendable {
    public package(set) var scenario: Scenario
    public let store: Store
    /// The execution that records made now belong to.
    public let run: RecordID<StoredRun>
    /// Whether it was begun for this session, which then says how it ended.
    public let beganRun: Bool
    /// The machine this runs on.
    public let host: Host
    public let progress: any ProgressListener
    /// Whether to measure beside other processes on the same cores.
    public let sharesHost: Bool

    /// Lays out a scenario that has been resolved already.
    public init(
        scenario: Scenario, store: Store, run: RecordID<StoredRun>, host: Host,
        progress: any ProgressListener,
        sharesHost: Bool = false, beganRun: Bool = false
    ) {
        self.scenario = scenario
        self.store = store
        self.run = run
        self.beganRun = beganRun
        self.host = host
        self.progress = progress
        self.sharesHost = sharesHost
    }

    /// Opens a database and finds the scenario to work on.
    ///
    /// A scenario file is read afresh and noted as a new run. Without one, the scenario of the database's
    /// last run is taken up again, with everything it referred to as it was then.
    /// - Parameters:
    ///   - scenarioPath: a YAML file, or nil for the last scenario of the database.
    ///   - databasePath: made where there is none and a scenario file is given.
    ///   - changes: what the command line says differently from the scenario.
    ///   - check: looks at what else a person typed for this scenario, and throws where it is wrong.
    public static func open(
        scenarioPath: String?, databasePath: String, changes: ScenarioChanges,
        progress: any ProgressListener, check: (Scenario) throws -> Void = { _ in }
    ) throws -> Session {
        let host = try HostProbe().host()
        if let scenarioPath {
            // Everything a person wrote is checked before a database is made for it.
            let resolved = try Catalog(forScenarioAt: scenarioPath, shipped: ShippedCatalogue.folder)
                .scenario(
                    at: scenarioPath, host: Self.detected(host),
                    known: KnownNames.builtIn)
            let scenario = try changes.applied(to: resolved.scenario, known: .builtIn)
            try check(scenario)
            let store = try Store(path: databasePath)
            let run = try Recorder.begin(scenario, in: store)
            return Session(
                scenario: scenario, store: store, run: run, host: host, progress: progress,
                sharesHost: changes.sharesHost, beganRun: true)
        }
        let store = try Store(path: databasePath, access: .existing)
        guard let last = try store.lastRun() else { throw PipelineError.noScenario(database: databasePath) }
        // A look at the last scenario with something changed does not make that change the next verb's
        // default, but what comes of it is found again.
        let scenario = try changes.applied(to: last.scenario, known: .builtIn)
        try check(scenario)
        let run =
            scenario == last.scenario
            ? last.id : try Recorder.begin(scenario, in: store, isVariant: true)
        return Session(
            scenario: scenario, store: store, run: run, host: host, progress: progress,
            sharesHost: changes.sharesHost)
    }

    /// Says how the run that was begun for this session ended; of another session's run it says nothing.
    public func end(_ status: StoredRun.Status) throws {
        if beganRun { try recorder.finish(status) }
    }

    /// Memory in whole gibibytes: the kernel reports a little more or less after every update, and that must
    /// not make it another machine.
    static func detected(_ host: Host) -> DetectedHost {
        let gibibyte = 1_073_741_824.0
        return DetectedHost(
            cores: host.cores, memory: Bytes(max(1, (host.memory.value / gibibyte).rounded()) * gibibyte))
    }

    /// What is known of the scenario's pairs.
    package var evidence: Evidence { Evidence(scenario, store: store) }

    /// Writes outcomes into the database, as this session's run.
    package var recorder: Recorder { Recorder(store: store, run: run) }

    /// Measures on this machine for the scenario.
    public func measurer() -> Measurer {
        Measurer(
            recorder: recorder,
            lock: HostLock(
                activity: "hercules on scenario \(scenario.id)", isShared: sharesHost, progress: progress),
            seed: scenario.seed)
    }

    /// The engine that measures this machine.
    var engine: EngineSettings { scenario.profile.engine ?? Engines.standard }

    /// The server type that stands for this machine; nil where the fleet has none.
    var thisHost: ServerType? { scenario.serverTypes.first(where: \.isThisHost) }

    /// The types that are not this machine.
    var otherTypes: [ServerType] { scenario.serverTypes.filter { !$0.isThisHost } }

    /// How server models evaluate schedules for this scenario.
    var serverModelSettings: ServerModelSettings {
        ServerModelSettings(
            batches: scenario.search.batches, queries: .atLeast(scenario.search.queries), seed: scenario.seed)
    }
}
