import Catalog
import Controlling
import Files
import Foundation
import Pipeline
import Provisioning
import Quantities
import Store
import Synchronization
import TestSupport
import Traces
import Vocabulary

/// A small fleet with a controller, without any catalogue.
enum ControlFixtures {
    static let models: [ModelID] = ["a", "b", "c"]
    static let start = WallTime(unixMilliseconds: 1_795_824_000_000)

    private static let target = LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100))

    static let table = EfficiencyTable(
        [("s", 10.0, 100.0, 0.0), ("t", 25, 200, 0.1), ("u", 60, 420, 0.2)].flatMap {
            type, rate, watts, skew in
            models.enumerated().map { index, model in
                EfficiencyEntry(
                    model: model, serverType: ServerTypeID(type), target: target, powerBudget: nil,
                    schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
                    throughput: QueriesPerSecond(rate * (1 + skew * Double(index))), power: Watts(watts),
                    powerProvenance: .estimated, provenance: .modelled, method: "gradient", evaluations: 1,
                    spaceSize: 1)
            }
        })

    /// Loads that rise and fall, different for each model.
    static func trace(intervals: Int, seconds: Double = 60) -> Trace {
        var loads: [ModelID: [QueriesPerSecond]] = [:]
        for (index, model) in models.enumerated() {
            loads[model] = (0..<intervals).map { step in
                let phase = Double(step + 7 * index) / 24 * 2 * .pi
                let wiggle = Double((step * 37 + index * 11) % 17)
                return QueriesPerSecond(300 + 200 * sin(phase) + 3 * wiggle)
            }
        }
        return Trace(
            name: "t", startUnixSeconds: 0, interval: Nanoseconds(seconds: seconds), loads: loads)
    }

    static func scenario(
        _ trace: Trace, subject: String = "hercules", rule: HeadroomRule = .quantile
    ) -> Scenario {
        let graph = RecommendationGraph(
            denseInputWidth: 0, denseLayers: [], embeddingTables: [], sequence: nil, predictLayers: [1],
            taskLayers: [])
        return Scenario(
            id: "s", title: "s", seed: 1,
            models: models.map {
                Model(
                    id: $0, title: $0.name, source: "", graph: graph, latencyTarget: target,
                    querySizes: .fixed(1))
            }, fleet: Fleet(id: "f", counts: ["s": 60, "t": 30, "u": 8]), serverTypes: [], trace: trace,
            profile: ProfileSettings(), search: SearchSettings(),
            replay: ReplaySettings(
                policies: [subject], subject: subject, baseline: subject,
                overProvision: OverProvisionRule(
                    initial: Fraction(0.1), quantile: Quantile(0.9), window: 20), objective: .watts,
                headroomRule: rule))
    }

    /// - Parameters:
    ///   - limited: whether the usual limits hold, or none that would ever cut.
    ///   - isAmple: whether there are enough servers of every type for every model.
    static func setup(
        _ trace: Trace, limited: Bool = true, mode: ControllerDocument.Mode = .advisory,
        subject: String = "hercules", store: Store? = nil, isAmple: Bool = false,
        forecaster: String? = nil, _ set: (inout ControllerDocument) -> Void = { _ in }
    ) -> ControlSetup {
        var document = ControllerDocument(id: "c", title: "c", scenarioPath: "", input: .trace)
        document.mode = mode
        document.interval = trace.interval
        for model in models { document.models[model] = .init() }
        if !limited {
            document.limits.startsLeast = 1_000_000
            document.limits.stopsLeast = 1_000_000
            document.limits.windowStopsShare = 1
            document.limits.window = Nanoseconds(1)
            document.limits.stopWindow = .zero
        }
        set(&document)
        var scenario = scenario(trace, subject: subject)
        if let forecaster {
            var online = OnlineSettings()
            online.forecaster = forecaster
            online.season = trace.interval * 24
            scenario.replay.online = online
        }
        if isAmple { scenario.fleet = Fleet(id: "f", counts: ["s": 600, "t": 300, "u": 100]) }
        return ControlSetup(document: document, scenario: scenario, table: table, store: store)
    }
}

/// A source that another one is read through, which fails when it is told to.
final class FailingSource: LoadSource {
    let base: any LoadSource
    let interval: Nanoseconds
    /// What becomes of a model's reading at a tick; nil leaves it.
    let fault: @Sendable (Int, ModelID) -> InputReading.Answer?

    init(
        _ base: any LoadSource, interval: Nanoseconds,
        fault: @escaping @Sendable (Int, ModelID) -> InputReading.Answer?
    ) {
        self.base = base
        self.interval = interval
        self.fault = fault
    }

    func read(at time: ControlTime) async -> [InputReading] {
        let tick = Int(time.monotonic.count / interval.count)
        return await base.read(at: time).map { reading in
            fault(tick, reading.model).map {
                InputReading(model: reading.model, answer: $0, evaluatedAt: reading.evaluatedAt)
            } ?? reading
        }
    }
}

/// A fleet that does what it is told, and remembers it.
final class ObedientFleet: FleetActuator {
    struct State {
        var serving = Allocation()
        var orders: [FleetOrder] = []
        var generationSeen: Int64 = 0
        var isDeaf = false
    }

    let state = Mutex(State())
    let available: [ServerTypeID: Int]
    /// Whether an order stands in the database when it is given.
    let isWritten: @Sendable (FleetOrder) -> Bool

    init(available: [ServerTypeID: Int], isWritten: @escaping @Sendable (FleetOrder) -> Bool = { _ in true })
    {
        self.available = available
        self.isWritten = isWritten
    }

    func fleet(at _: ControlTime) async -> FleetReading {
        .seen(
            FleetObservation(
                serving: state.withLock { $0.serving }, starting: Allocation(), draining: Allocation(),
                available: available), versions: [])
    }

    func order(_ order: FleetOrder) async -> OrderAnswer {
        guard isWritten(order) else { return .refused(detail: "nobody has written it down") }
        return state.withLock { state in
            guard order.generation >= state.generationSeen else { return .fenced(detail: "old") }
            state.generationSeen = order.generation
            state.orders.append(order)
            if !state.isDeaf { state.serving[order.model, order.serverType] = order.to }
            return .accepted
        }
    }
}

/// A folder of a test's own.
final class ControlFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("control-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func store() throws -> Store { try Store(path: url.appendingPathComponent("test.sqlite").path) }
}
