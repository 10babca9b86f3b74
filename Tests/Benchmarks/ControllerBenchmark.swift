import Catalog
import Controlling
import Foundation
import Pipeline
import Quantities
import Reporting
import Store
import Vocabulary

/// The live controller without its interface: how fast it decides, how soon it is back after a start, and
/// what it holds in memory.
enum ControllerBenchmark: Benchmark {
    static let name = "controller"
    static let purpose =
        "decisions of the live controller, its rebuild after two weeks, its memory after a month"

    private static let target = LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100))
    private static let start = WallTime(unixMilliseconds: 1_795_824_000_000)

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let isShort = arguments.contains("--short")
        try decide(isShort, &board)
        try rebuild(days: isShort ? 1 : 14, &board)
        try remember(days: isShort ? 2 : 30, &board)
    }

    // MARK: Decisions

    private static func decide(_ isShort: Bool, _ board: inout BenchmarkBoard) throws {
        var rows: [[Table.Cell]] = []
        for (models, types, ticks) in [(8, 10, 4000), (50, 50, 400)] {
            let instance = try instance(models: models, types: types)
            let count = isShort ? ticks / 10 : ticks
            var perTick: [Bool: Double] = [:]
            for compares in [false, true] {
                var seconds = try times(of: instance, ticks: count, comparesPolicies: compares)
                let total = seconds.reduce(0, +)
                perTick[compares] = total / Double(count)
                seconds.sort()
                let p99 = seconds[Int(0.99 * Double(count - 1))]
                rows.append([
                    .text("\(models) x \(types)"), .text(compares ? "with greedy and reactive" : "alone"),
                    .integer(count), .number(Double(count) / total), .number(seconds[count / 2] * 1000),
                    .number(p99 * 1000),
                ])
                guard compares else { continue }
                board.figure("ticksPerSecond\(models)x\(types)", .number(Double(count) / total))
                board.figure("p99Milliseconds\(models)x\(types)", .number(p99 * 1000))
            }
            if let alone = perTick[false], let both = perTick[true] {
                board.figure("comparingShare\(models)x\(types)", .number(both / alone - 1))
            }
        }
        board.show(
            Table(
                caption: "Decisions on loads that rise and fall, models x server types, usual limits",
                columns: [
                    .init("size", "Size", .text), .init("policies", "Policies", .text),
                    .init("ticks", "Decisions", .plain), .init("ticksPerSecond", "Decisions/s", .plain),
                    .init("medianMilliseconds", "Median", .milliseconds),
                    .init("p99Milliseconds", "99 %", .milliseconds),
                ], rows: rows))
    }

    private static func times(
        of instance: PlanInstance, ticks: Int, comparesPolicies: Bool
    ) throws -> [Double] {
        var engine = try ControlEngine(try setup(instance), comparesPolicies: comparesPolicies)
        return try (0..<ticks).map { tick in
            let inputs = inputs(instance, tick)
            let began = ContinuousClock.now
            _ = try engine.decide(inputs, mode: .advisory)
            return (ContinuousClock.now - began) / .seconds(1)
        }
    }

    // MARK: After a start

    private static func rebuild(days: Int, _ board: inout BenchmarkBoard) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "controller-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try Store(path: folder.appendingPathComponent("c.sqlite").path)
        let instance = try instance(models: 8, types: 10)
        let setup = try setup(instance, store: store)
        // One tick fewer than whole halves of days: the most that there ever is to go through.
        let ticks = days * 1440 - 1
        let clock = SimulatedClock(wall: start)
        let source = Waves(instance: instance)
        let written = try blocking {
            let run = try ControllerRun(setup, .init(source: source, clock: clock))
            let began = ContinuousClock.now
            for _ in 0..<ticks {
                await run.tick(at: clock.now())
                clock.advance(by: Nanoseconds(seconds: 60))
            }
            return (ContinuousClock.now - began) / .seconds(1)
        }
        func rebuilt(times: Int, remembers: Bool) throws -> (seconds: Double, ticks: Int) {
            var (best, ticks) = (Double.infinity, 0)
            for _ in 0..<times {
                var engine = try ControlEngine(setup)
                let began = ContinuousClock.now
                ticks = try ControlRebuild(setup, store: store).run(&engine, remembers: remembers)?.ticks ?? 0
                best = min(best, (ContinuousClock.now - began) / .seconds(1))
            }
            return (best, ticks)
        }
        let best = try rebuilt(times: 3, remembers: true)
        let whole = try rebuilt(times: 1, remembers: false)
        let bytes =
            try FileManager.default.attributesOfItem(
                atPath: folder.appendingPathComponent("c.sqlite").path)[.size] as? Int
        board.show(
            Table(
                caption: "\(days) days of minutes, 8 models x 10 server types",
                columns: [
                    .init("ticks", "Ticks", .plain),
                    .init("writtenPerSecond", "Decided and written/s", .plain),
                    .init("rebuildSeconds", "Rebuilt, s", .plain),
                    .init("rebuildTicks", "Ticks gone through", .plain),
                    .init("wholeSeconds", "Through all ticks, s", .plain),
                    .init("megabytes", "Database, MB", .plain),
                ],
                rows: [
                    [
                        .integer(ticks), .number(Double(ticks) / written), .number(best.seconds),
                        .integer(best.ticks), .number(whole.seconds),
                        .number(Double(bytes ?? 0) / 1e6),
                    ]
                ]))
        board.figure("rebuildSeconds", .number(best.seconds))
        board.figure("rebuildThroughAllSeconds", .number(whole.seconds))
        board.figure("writtenTicksPerSecond", .number(Double(ticks) / written))
        if days == 14 { board.bar("rebuild of 14 days of minutes in s", best.seconds, atMost: 2) }
    }

    private static func remember(days: Int, _ board: inout BenchmarkBoard) throws {
        let instance = try instance(models: 8, types: 10)
        var engine = try ControlEngine(try setup(instance))
        var megabytes: [Double] = []
        for tick in 0..<(days * 1440) {
            _ = try engine.decide(inputs(instance, tick), mode: .advisory)
            if tick == 1440 || tick == days * 1440 - 1 {
                megabytes.append(ProcessMemory.residentMegabytes() ?? 0)
            }
        }
        let grown = (megabytes.last ?? 0) - (megabytes.first ?? 0)
        board.note(
            "After \(days) simulated days the process has \(Int(megabytes.last ?? 0)) MB, "
                + "\((grown * 10).rounded() / 10) MB more than after the first.")
        board.figure("residentMegabytes", .number(megabytes.last ?? 0))
        board.figure("grownMegabytes", .number(grown))
        board.bar("MB grown from the first day to the last", grown, atMost: 10)
    }

    // MARK: A fleet

    private static func instance(models: Int, types: Int) throws -> PlanInstance {
        try PlanInstance.drawn(types: types, models: models, servers: 40 * models, intervals: 1440, seed: 1)
    }

    private static func setup(_ instance: PlanInstance, store: Store? = nil) throws -> ControlSetup {
        let graph = RecommendationGraph(
            denseInputWidth: 0, denseLayers: [], embeddingTables: [], sequence: nil, predictLayers: [1],
            taskLayers: [])
        let models = instance.demands[0].loads.keys.sorted()
        var document = ControllerDocument(id: "c", title: "c", scenarioPath: "", input: .push)
        for model in models { document.models[model] = .init() }
        let scenario = Scenario(
            id: "s", title: "s", seed: 1,
            models: models.map {
                Model(
                    id: $0, title: $0.name, source: "", graph: graph, latencyTarget: target,
                    querySizes: .fixed(1))
            }, fleet: instance.fleet, serverTypes: [], trace: nil, profile: ProfileSettings(),
            search: SearchSettings(),
            replay: ReplaySettings(
                policies: ["hercules"], subject: "hercules", baseline: "hercules",
                overProvision: OverProvisionRule(
                    initial: Fraction(0.1), quantile: Quantile(0.9), window: 96), objective: .watts,
                headroomRule: .quantile))
        return ControlSetup(document: document, scenario: scenario, table: instance.table, store: store)
    }

    private static func readings(_ instance: PlanInstance, _ tick: Int, at: WallTime) -> [InputReading] {
        instance.demands[tick % instance.demands.count].loads.map { model, load in
            InputReading(
                model: model,
                answer: .value(
                    LoadValue(
                        queriesPerSecond: load.value, lastSampleAt: at, samples: 12, expected: 12)),
                evaluatedAt: at)
        }
    }

    private static func inputs(_ instance: PlanInstance, _ tick: Int) -> ControlInputs {
        let at = start.adding(seconds: Double(tick) * 60)
        let assessments = readings(instance, tick, at: at).map { ($0.model, InputRules().assess($0, at: at)) }
        return ControlInputs(
            tick: tick, missed: 0, at: at, assessments: Dictionary(uniqueKeysWithValues: assessments),
            circumstances: .init())
    }

    /// The loads of an instance, a demand a minute.
    private struct Waves: LoadSource {
        let instance: PlanInstance

        func read(at time: ControlTime) async -> [InputReading] {
            readings(instance, Int(time.monotonic.seconds / 60), at: time.wall)
        }

        func readPast(at _: [ControlTime]) async -> [[InputReading]]? { nil }
    }

    /// Runs a task to its end on a thread of its own.
    private static func blocking<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let found = Found<Value>()
        Task.detached {
            do { found.result = .success(try await work()) } catch { found.result = .failure(error) }
            done.signal()
        }
        done.wait()
        return try found.result?.get() ?? { throw CancellationError() }()
    }

    /// Written before the semaphore is signalled and read after it was waited for.
    private final class Found<Value: Sendable>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }
}
