import Catalog
import Controlling
import Files
import Foundation
import Profiling
import Provisioning
import Quantities
import Store
import Vocabulary

/// Everything that a live controller is made from: its file, the scenario of its fleet, and what servers
/// achieve.
public struct ControlSetup: Sendable {
    public let document: ControllerDocument
    public let scenario: Scenario
    package let table: EfficiencyTable
    /// The database; nil in a rehearsal, which writes nothing.
    package let store: Store?

    package init(
        document: ControllerDocument, scenario: Scenario, table: EfficiencyTable, store: Store? = nil
    ) {
        self.document = document
        self.scenario = scenario
        self.table = table
        self.store = store
    }

    /// Reads a controller's file and the scenario that it names, and finds out what servers achieve. What the
    /// scenario imports is taken in first; pairs that have to be searched are an error that says so.
    ///
    /// - Parameters:
    ///   - path: a file as in `controller/`.
    ///   - databasePath: of the command line, where the file names none.
    /// - Throws: `FileError` with everything that is wrong, `PipelineError`, `StoreError`.
    public static func open(
        path: String, databasePath: String, progress: any ProgressListener
    ) throws -> ControlSetup {
        let (document, scenario, host) = try read(path)
        // Whoever asks how things stand waits as long as a write does.
        let store = try Store(
            path: document.database ?? databasePath, busyTimeoutSeconds: Self.busyTimeoutSeconds)
        let run = try Recorder.begin(scenario, in: store, isVariant: true)
        let session = Session(
            scenario: scenario, store: store, run: run, host: host, progress: progress)
        // What is searched already is found and not searched again.
        _ = try SearchStage(session).run(confirmation: nil)
        return ControlSetup(
            document: document, scenario: scenario, table: try session.efficiencyTable(), store: store)
    }

    /// How long a write waits for that of another process, well below the time for which a lease holds.
    private static let busyTimeoutSeconds = 5.0

    /// A file and the scenario that it names, on this machine.
    private static func read(
        _ path: String
    ) throws -> (document: ControllerDocument, scenario: Scenario, host: Vocabulary.Host) {
        let host = try HostProbe().host()
        let (document, resolved) = try Catalog(forScenarioAt: path, shipped: ShippedCatalogue.folder)
            .controller(at: path, host: Session.detected(host), known: .builtIn)
        return (document, resolved.scenario, host)
    }

    /// The same with another file of the same fleet, as a rehearsal wants it.
    /// - Throws: `FileError` with everything that is wrong.
    public func replacingDocument(at path: String) throws -> ControlSetup {
        let (document, scenario, _) = try Self.read(path)
        return ControlSetup(document: document, scenario: scenario, table: table, store: store)
    }

    /// The same with a database that is open already.
    func replacingStore(with store: Store?) -> ControlSetup {
        ControlSetup(document: document, scenario: scenario, table: table, store: store)
    }

    /// The loads of a file whose input is the scenario's own trace; nil where it is another.
    ///
    /// - Parameter origin: the monotonic moment at which the trace begins.
    public func traceSource(origin: Nanoseconds) -> (any LoadSource)? {
        guard case .trace = document.input, let trace = scenario.trace else { return nil }
        return TraceLoadSource(trace, interval: document.interval, origin: origin)
    }

    /// Of all that decisions depend on.
    public var digest: String {
        get throws {
            struct Inputs: Codable {
                let scenario: String
                let entries: [EfficiencyEntry]
                let limits: StepLimits
                let interval: Nanoseconds
                let rules: [ModelID: InputRules]
            }
            return try ContentDigest(
                of: Inputs(
                    scenario: scenario.id, entries: table.entries, limits: limits,
                    interval: document.interval, rules: rules)
            ).hexadecimal
        }
    }

    /// The models, in name order.
    package var models: [ModelID] { scenario.models.map(\.id).sorted() }

    /// When each model's input is believed.
    package var rules: [ModelID: InputRules] {
        document.models.mapValues { input in
            var rules = InputRules()
            rules.scrapeSeconds = input.scrapeSeconds
            rules.windowSeconds = input.windowSeconds
            rules.staleScrapes = input.staleScrapes
            rules.completeShare = input.completeShare
            rules.seriesMax = input.seriesMax
            rules.skewSeconds = input.skewSeconds
            rules.delaySeconds = input.delaySeconds
            return rules
        }
    }

    /// Between which bounds the fleet stays, however many decisions that takes.
    var bounds: StepLimits {
        let said = document.limits
        var limits = StepLimits()
        limits.wattsMax = said.watts.map { Watts($0) }
        limits.fleet = ServerBounds(min: said.fleet.min, max: said.fleet.max)
        limits.models = said.models.mapValues { ServerBounds(min: $0.min, max: $0.max) }
        limits.pairs = said.pairs.mapValues { ServerBounds(min: $0.min, max: $0.max) }
        return limits
    }

    /// How much one decision may change.
    package var limits: StepLimits {
        let said = document.limits
        var limits = bounds
        limits.startsShare = Fraction(said.startsShare)
        limits.startsLeast = said.startsLeast
        limits.stopsShare = Fraction(said.stopsShare)
        limits.stopsLeast = said.stopsLeast
        limits.windowStopsShare = Fraction(said.windowStopsShare)
        limits.window = said.window
        limits.stopWindow = said.stopWindow
        limits.keepsCover = true
        return limits
    }

    /// What a model falls back on that was held for long.
    var failSafe: FailSafe {
        switch document.failSafe {
        case .keep: .keep
        case .seasonal: .seasonal
        case .peak: .peak
        }
    }

    /// The mode that the file asks for.
    public var mode: ControllerMode {
        switch document.mode {
        case .observe: .observe
        case .advisory: .advisory
        case .approve: .approve
        case .active: .active
        }
    }

    /// A fleet to plan for, at any load.
    func problem() throws -> ProvisioningProblem {
        var goal = scenario.replayGoal(idlePowers: scenario.idlePowers)
        goal.constraints.powerCap = document.limits.watts.map { Watts($0) }
        let demand =
            scenario.trace?.peakDemand ?? Demand(Dictionary(uniqueKeysWithValues: models.map { ($0, .zero) }))
        return try ProvisioningProblem(
            demand: demand, fleet: scenario.fleet, efficiency: table, goal: goal)
    }
}
