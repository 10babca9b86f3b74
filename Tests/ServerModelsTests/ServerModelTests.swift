import Catalog
import Foundation
import Quantities
import ServerModels
import Simulation
import Testing
import TestSupport
import Vocabulary

@Suite struct ServerModelTests {
    private let catalog: Catalog
    private static let settings = ServerModelSettings(batches: [16, 64], queries: .exactly(300), seed: 3)

    init() throws { catalog = try Catalog(directory: Repository.workloads) }

    private func recommendation(
        _ model: ModelID, on type: ServerTypeID
    ) throws -> RecommendationServerModel {
        try RecommendationServerModel(
            catalog.model(model), on: catalog.serverType(type), settings: Self.settings)
    }

    private func limits(_ server: any ServerModel, milliseconds: Double? = nil) -> ServiceLimits {
        let own = server.model.latencyTarget
        return ServiceLimits(
            target: LatencyTarget(
                quantile: own.quantile,
                limit: milliseconds.map { Nanoseconds(milliseconds: $0) } ?? own.limit))
    }

    /// A cell of one thread whose items take 10 us each.
    private func cell(_ schedule: Schedule, at time: Int64 = 5) -> LoadRun {
        LoadRun(
            model: "ncf", serverType: "cpu-t1", schedule: schedule, purpose: .cell, pattern: .openPoisson,
            host: Host(name: "h", processor: "p", cores: 4, memory: Bytes(1), operatingSystem: "o"),
            engine: "fake", engineVersion: "1", offeredRate: nil, completedRate: QueriesPerSecond(1),
            queries: 100, duration: Nanoseconds(seconds: 1), latencies: LatencyHistogram(bins: []),
            generatorLateness: LatencyHistogram(bins: []),
            serviceSamples: [16, 8].map { ServiceSample(items: $0, time: Nanoseconds(Int64($0) * 10_000)) },
            utilisation: nil, power: nil, powerProvenance: nil,
            noise: HostNoise(stealFraction: nil, processorPressureFraction: nil), provenance: .measured,
            seed: 1, measuredAtUnixSeconds: time, toolVersion: "1")
    }

    private static let engine = Schedule.engine(EngineRules(sequencesMax: 8, tokenBudget: 64))
    private static let single = Schedule(partition: .whole, threads: 1, workers: 1, batch: 16)

    @Test func theFamiliesKnowWhatCanBeComputed() throws {
        let type = try catalog.serverType("cpu-t1")
        let model = try catalog.model("ncf")
        let file = Model(
            id: "own", title: "", source: "",
            kind: .onnx(OnnxFile(path: "f", fingerprint: "0", inputs: [])),
            latencyTarget: model.latencyTarget, querySizes: model.querySizes)
        #expect(ServerModelFamilies.canModel(model, on: type))
        #expect(!ServerModelFamilies.canModel(file, on: type))
        #expect(ServerModelFamilies.make(file, on: type, Self.settings) == nil)
        let made = try #require(ServerModelFamilies.make(model, on: type, Self.settings))
        #expect(made.model == model && made.serverType == type)
        #expect(made.space(within: limits(made)).count > 100)
    }

    @Test func oneModelAnswersForSeveralLimitsAndThreadsAlike() throws {
        let server = try recommendation("ncf", on: "cpu-t1")
        let schedules = server.space(within: limits(server)).schedules.enumerated()
            .filter { $0.offset % 41 == 0 }.map(\.element)
        let all = [2.0, 5, 20].map { limits(server, milliseconds: $0) }
        @Sendable func answers(_ server: RecommendationServerModel) -> [ScheduleEvaluation?] {
            all.flatMap { limits in schedules.map { try? server.evaluate($0, within: limits) } }
        }
        let expected = try all.flatMap { limits in
            try schedules.map { try recommendation("ncf", on: "cpu-t1").evaluate($0, within: limits) }
        }
        #expect(answers(server) == expected)
        let fresh = try recommendation("ncf", on: "cpu-t1")
        let found = Answers()
        DispatchQueue.concurrentPerform(iterations: 4) { _ in found.add(answers(fresh)) }
        #expect(found.all == Array(repeating: expected, count: 4))
        #expect(expected.contains { $0.throughput > .zero })
    }

    @Test func whatKeepsAModelOutIsSaidInOrder() throws {
        // rm2 has 4.1 GB of tables; neither this host nor this card holds them, and a watt idles no server.
        let type = try catalog.serverType("cpu-t2-v100")
        let card = try #require(type.accelerator)
        let bandwidth = try #require(type.memory).bandwidth
        let small = ServerType(
            id: type.id, title: type.title, processor: type.processor,
            memory: MemorySystem(capacity: Bytes(4e9), bandwidth: bandwidth), nearMemory: nil,
            accelerator: Accelerator(
                name: card.name, count: card.count, peak: card.peak, memory: Bytes(4e9),
                bandwidth: card.bandwidth, hostLink: card.hostLink, launchOverhead: card.launchOverhead),
            power: type.power, isThisHost: false, sources: [])
        let server = try RecommendationServerModel(
            catalog.model("rm2"), on: small, settings: Self.settings)
        var tight = limits(server)
        tight.powerBudget = Watts(1)
        let constraints = server.constraints(within: tight)
        #expect(
            constraints.titles
                == ["cores", "host memory", "device memory", "PCIe", "power budget", "latency"])
        #expect(server.space(within: tight).count == 0)
        let found = server.infeasibilities(within: tight)
        #expect(found.map(\.constraint) == ["host memory", "device memory", "power budget"])
        #expect(found.allSatisfy { $0.considered == constraints.candidates.count })
        for memory in found.prefix(2) {
            #expect(
                memory.detail.hasPrefix("needs 3.8") && memory.detail.hasSuffix(" GiB at least, has 3.73 GiB")
            )
        }
        #expect(found[0].excluded < found[2].excluded && found[2].excluded == constraints.candidates.count)
        #expect(found[2].detail == "draws 168 W idle, the budget is 1 W")
        let lone = try #require(constraints.broken(by: Self.single).first)
        #expect(lone.title == "host memory" && lone.needed > 4.096e9 && lone.needed < 4.2e9)
    }

    @Test func anIdleServerThatIsTooSlowBreaksTheLatencyAlone() throws {
        let server = try recommendation("rm2", on: "cpu-t2-v100")
        let tight = limits(server, milliseconds: 1)
        let latency = try #require(server.infeasibilities(within: tight).last)
        #expect(latency.constraint == "latency" && latency.excluded == latency.considered)
        #expect(latency.detail.hasPrefix("p95 of an idle server is "))
        #expect(latency.detail.hasSuffix("), the limit is 1 ms"))
        #expect(server.space(within: tight).count > 0, "what hardware admits is tried all the same")
        #expect(server.constraints(within: limits(server)).broken(by: Self.single).isEmpty)
    }

    @Test func powerRunsFromIdleToWhatTheCurveAllows() throws {
        let server = try recommendation("wnd", on: "cpu-t2-v100")
        let type = server.serverType
        for schedule in server.space(within: limits(server)).schedules.enumerated()
            .filter({ $0.offset % 997 == 0 }).map(\.element)
        {
            let powers = try [0, 0.25, 0.5, 1].map { try server.power(of: schedule, at: Fraction($0)) }
            #expect(powers[0] == type.power.idle)
            #expect(powers == powers.sorted() && powers[3] > powers[0] && powers[3] <= type.power.peak)
        }
        #expect(server.footprint(of: Self.single) == .servers(1))
    }

    @Test func schedulesThatAreNotTheModelsAreRefused() throws {
        let server = try recommendation("ncf", on: "cpu-t1")
        let all = limits(server)
        #expect(throws: ServerModelError.self) { try server.evaluate(Self.engine, within: all) }
        let device = Schedule(partition: .accelerator, threads: 1, workers: 1, batch: 8)
        #expect(throws: ServerModelError.doesNotFit(schedule: device, serverType: "cpu-t1")) {
            try server.evaluate(device, within: all)
        }
        let wide = Schedule(
            partition: .sparseDense, threads: 20, workers: 1, batch: 8, sparse: .init(threads: 1, workers: 1))
        #expect(throws: ServerModelError.self) { try server.scheduled(by: wide) }
        #expect(server.prior(within: all)?.estimate(Self.engine) == .zero)
        let measured = MeasuredServerModel(
            server.model, on: server.serverType, cells: [], saturations: nil, settings: Self.settings)
        #expect(throws: ServerModelError.noServiceSamples(schedule: Self.single)) {
            try measured.evaluate(Self.single, within: all)
        }
    }

    @Test func aMeasuredModelPlaysItsCells() throws {
        let modelled = try recommendation("ncf", on: "cpu-t1")
        let server = MeasuredServerModel(
            modelled.model, on: modelled.serverType, cells: [cell(Self.single)], saturations: nil,
            settings: Self.settings)
        let limits = ServiceLimits(
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 50)))
        #expect(server.space(within: limits).schedules == [Self.single])
        let stream = QueryStream(sizes: server.model.querySizes, count: 300, seed: 3)
        let expected = RateSweep(
            server: try ScheduledServer(
                schedule: Self.single.columns, cell: cell(Self.single), saturated: nil,
                serverType: server.serverType, knowsLoads: false), stream: stream, seed: 3
        ).evaluate(target: limits.target, powerBudget: nil)
        #expect(try server.evaluate(Self.single, within: limits) == expected)
        #expect(expected.throughput > .zero && expected.provenance == .measured)
        // Its prior is a model of the same server, which bounds nothing.
        let prior = try #require(server.prior(within: limits))
        #expect(!prior.isCeilingProven && prior.estimate(Self.single) > .zero)
        #expect(try server.idleLatency(of: Self.single, at: Quantile(0.5)) > .zero)
    }

    @Test func inputsHaveTheNamesThatOutcomesAreStoredUnder() throws {
        func text(_ inputs: any Encodable) throws -> String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return String(decoding: try encoder.encode(inputs), as: UTF8.self)
        }
        let cells = [cell(Self.single, at: 9), cell(Self.single, at: 5)]
        #expect(
            try text(MeasuredServerModel.inputs(cells, Self.settings))
                == #"{"batches":[16,64],"cells":["whole M=1 O=1 D=16 5","whole M=1 O=1 D=16 9"],"#
                + #""copiesMax":8,"hotFractions":[0,0.01,0.03,0.1,0.3],"knowsLoads":true,"queries":300,"#
                + #""seed":3,"simulation":2}"#)
        let modelled = try text(recommendation("ncf", on: "cpu-t1").inputs)
        #expect(modelled.hasPrefix(#"{"batches":[16,64],"cells":[],"copiesMax":8,"hotFractions":"#))
        #expect(modelled.contains(#""parameters":{"cachePerCore":18000000000,"coresPerCopy":0.5,"#))
        #expect(modelled.hasSuffix(#"},"queries":300,"seed":3,"simulation":2}"#))
    }
}

/// What several threads found.
private final class Answers: @unchecked Sendable {
    // Unchecked: all state is guarded by the lock.
    private let lock = NSLock()
    private var found: [[ScheduleEvaluation?]] = []
    var all: [[ScheduleEvaluation?]] { lock.withLock { found } }
    func add(_ answers: [ScheduleEvaluation?]) { lock.withLock { found.append(answers) } }
}
