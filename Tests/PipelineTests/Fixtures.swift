import Catalog
import Foundation
import Pipeline
import Quantities
import Store
import TestSupport
import Vocabulary

/// A small scenario, and sessions on it in a database of a test's own.
struct Fixtures {
    let folder: WorkingCopy
    let store: Store
    var scenario: Scenario

    /// - Parameter models: how many of the scenario's.
    init(models: Int = 1) throws {
        folder = try WorkingCopy()
        store = try Store(path: "\(folder.path)/test.sqlite")
        let path = "\(Repository.workloads)/scenarios/modelled.yaml"
        let host = DetectedHost(cores: 2, memory: Bytes(4e9))
        scenario = try Catalog(forScenarioAt: path).scenario(at: path, host: host).scenario
        scenario.models = Array(scenario.models.prefix(models))
        let trace = try scenario.requiredTrace()
        scenario.trace = Trace(
            name: trace.name, startUnixSeconds: trace.startUnixSeconds, interval: trace.interval,
            loads: trace.loads.filter { load in scenario.models.contains { $0.id == load.key } })
        let types = Array(scenario.serverTypes.prefix(2))
        scenario.serverTypes = types
        scenario.fleet = Fleet(id: "two", counts: Dictionary(uniqueKeysWithValues: types.map { ($0.id, 4) }))
        scenario.profile.engine = EngineSettings(name: "null")
        scenario.profile.cellDuration = Nanoseconds(milliseconds: 60)
    }

    var model: Model { scenario.models[0] }

    /// A type that is not this machine.
    var type: ServerType { scenario.serverTypes[0] }

    /// This machine.
    var host: ServerType {
        ServerType(
            id: "this-host", title: "this machine", processor: type.processor, memory: type.memory,
            nearMemory: nil, accelerator: nil, power: type.power, isThisHost: true, sources: [])
    }

    static let schedule = Schedule(partition: .whole, threads: 1, workers: 1, batch: 64)

    func session(sharesHost: Bool = false) throws -> Session {
        Session(
            scenario: scenario, store: store, run: try run(), host: Self.machine, progress: SilentProgress(),
            sharesHost: sharesHost)
    }

    func run() throws -> RecordID<StoredRun> {
        try store.beginRun(of: scenario, seed: 1, toolVersion: "test", atUnixSeconds: 1)
    }

    static let machine = Host(
        name: "h", processor: "p", cores: 2, memory: Bytes(4e9), operatingSystem: "o")

    static let quiet = noise(stealing: 0)

    static func noise(stealing share: Double) -> HostNoise {
        HostNoise(
            stealFraction: Fraction(share), stealMaxFraction: nil, processorPressureFraction: nil,
            processorPressureMaxFraction: nil, otherLoadFraction: nil, frequencyMin: nil, frequencyMean: nil)
    }

    /// A measured cell of the null engine's kind.
    func measurement(
        on type: ServerType, schedule: Schedule = Fixtures.schedule,
        purpose: LoadRun.Purpose = .cell,
        rate: Double = 100
    ) -> LoadRun {
        LoadRun(
            model: model.id, serverType: type.id, schedule: schedule, purpose: purpose,
            pattern: purpose == .saturation ? .closed : .openPoisson, host: Self.machine, engine: "null",
            engineVersion: "1", offeredRate: purpose == .saturation ? nil : QueriesPerSecond(rate),
            completedRate: QueriesPerSecond(rate),
            queries: 10, duration: Nanoseconds(seconds: 1), latencies: LatencyHistogram(bins: []),
            generatorLateness: LatencyHistogram(bins: []),
            serviceSamples: [ServiceSample(items: 1, time: Nanoseconds(milliseconds: 1))], utilisation: nil,
            power: nil, powerProvenance: nil, noise: Self.quiet, provenance: .measured, seed: 1,
            measuredAtUnixSeconds: 5, toolVersion: "test")
    }
}
