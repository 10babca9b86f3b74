import Foundation
import Profiling
import Quantities
import ServerModels
import Testing
import Vocabulary

@Suite("Load on pipelines of sparse and dense threads", .serialized, .timeLimit(.minutes(2)))
struct PipelineLoadTests {
    private func load(
        rate: Double = 400, sizes: QuerySizes = .deepRecSys, batch: Int = 64, milliseconds: Double = 400,
        patience: Double = 2000
    ) -> OpenLoopRun {
        OpenLoopRun(
            rate: QueriesPerSecond(rate), sizes: sizes, batch: batch,
            duration: Nanoseconds(milliseconds: milliseconds), patience: Nanoseconds(milliseconds: patience),
            seed: 5)
    }

    private static func sleep(_ seconds: Double) -> FakePipelineEngine.Body {
        { _, _ in Thread.sleep(forTimeInterval: seconds) }
    }

    private func pieces(of load: OpenLoopRun) -> [Int] {
        load.arrivals.sizes.flatMap { size in
            Array(repeating: load.batch, count: size / load.batch)
                + (size % load.batch == 0 ? [] : [size % load.batch])
        }
    }

    @Test("Every piece goes once through both parts, in its slot", arguments: [(1, 1), (2, 3), (3, 1)])
    func conservation(sparse: Int, dense: Int) throws {
        let load = load()
        let engine = FakePipelineEngine()
        let outcome = try Samples.run(load, on: engine, sparse: sparse, dense: dense)
        let expected = pieces(of: load)
        #expect(engine.sparseCalls.count == expected.count)
        #expect(engine.sparseCalls.map(\.items).sorted() == expected.sorted())
        #expect(engine.slotMisuses == 0)
        // What the dense part found is what the sparse part of a piece of as many items left, each once.
        #expect(engine.denseCalls.map(\.ticket).sorted() == Array(0..<expected.count))
        for call in engine.denseCalls { #expect(call.items == engine.sparseCalls[call.ticket].items) }
        #expect(outcome.completedQueries == outcome.arrivedQueries)
        #expect(outcome.arrivedQueries > 50)
        #expect(outcome.latencies.count == outcome.arrivedQueries)
    }

    @Test("With one thread in each group pieces stay in order")
    func order() throws {
        let load = load()
        let engine = FakePipelineEngine()
        _ = try Samples.run(load, on: engine, sparse: 1, dense: 1)
        #expect(engine.sparseCalls.map(\.items) == pieces(of: load))
        #expect(engine.denseCalls.map(\.ticket) == Array(engine.denseCalls.indices))
    }

    @Test("A piece ends when its dense part does, and each group has its samples and its busy time")
    func times() throws {
        let load = load(rate: 60, sizes: .fixed(1), batch: 1, milliseconds: 800)
        let engine = FakePipelineEngine(sparse: Self.sleep(0.002), dense: Self.sleep(0.006))
        let outcome = try Samples.run(load, on: engine, sparse: 1, dense: 2)
        let stage = try #require(outcome.sparseStage)
        #expect(outcome.latencies.bins.allSatisfy { $0.latency >= Nanoseconds(milliseconds: 8) })
        #expect(stage.serviceSamples.allSatisfy { $0.time >= Nanoseconds(milliseconds: 2) })
        #expect(outcome.serviceSamples.allSatisfy { $0.time >= Nanoseconds(milliseconds: 6) })
        #expect(stage.serviceSamples.count > 10 && outcome.serviceSamples.count > 10)
        // Two dense threads share three times the work of the one sparse thread.
        let slack = 0.05
        let sparseBusy = stage.serviceSamples.reduce(0) { $0 + $1.time.seconds }
        #expect(abs(stage.utilisation.value * outcome.duration.seconds - sparseBusy) < slack)
        let denseBusy = outcome.serviceSamples.reduce(0) { $0 + $1.time.seconds }
        #expect(abs(stage.denseUtilisation.value * outcome.duration.seconds * 2 - denseBusy) < slack)
        let cores = (stage.utilisation.value + 2 * stage.denseUtilisation.value) / 3
        #expect(abs(outcome.utilisation.value - cores) < 1e-9)
        #expect((stage.handOverMedian ?? Nanoseconds(-1)) >= .zero)
        #expect((stage.handOverP99 ?? .zero) >= (stage.handOverMedian ?? .zero))
    }

    @Test("A slow dense part holds the sparse part back: no more pieces are under way than there are slots")
    func backPressure() throws {
        let load = load(rate: 2000, sizes: .fixed(1), batch: 1, milliseconds: 200, patience: 20_000)
        let engine = FakePipelineEngine(slots: 3, dense: Self.sleep(0.003))
        let outcome = try Samples.run(load, on: engine, sparse: 2, dense: 1)
        #expect(engine.slotsFull == 3)
        #expect(engine.slotMisuses == 0)
        #expect(engine.denseCalls.count == load.arrivals.count)
        #expect(outcome.completedQueries == outcome.arrivedQueries)
        // The wait in between is at most that of the pieces in the other slots; the rest waits in front.
        let last = try #require(outcome.latencies.max)
        #expect(last > Nanoseconds(milliseconds: 100))
    }

    @Test("Too high a rate ends the run early, whichever part is the slow one", arguments: [true, false])
    func overload(isSparseSlow: Bool) throws {
        let load = load(rate: 500, sizes: .fixed(1), batch: 1, milliseconds: 60_000, patience: 200)
        let slow = Self.sleep(0.01)
        let engine =
            isSparseSlow ? FakePipelineEngine(sparse: slow) : FakePipelineEngine(dense: slow)
        let outcome = try Samples.run(load, on: engine, sparse: 1, dense: 1)
        #expect(outcome.isOverloaded)
        #expect(outcome.duration < load.duration)
        #expect(outcome.arrivedQueries == outcome.completedQueries + outcome.abandonedQueries)
        #expect(outcome.completedRate.value * outcome.duration.seconds <= 100 * outcome.duration.seconds + 2)
    }

    @Test("Threads that hang do not hang the run", arguments: [true, false])
    func hanging(isSparseSlow: Bool) throws {
        let load = load(rate: 200, sizes: .fixed(1), batch: 1, milliseconds: 200, patience: 50)
        let slow = Self.sleep(1)
        let engine =
            isSparseSlow ? FakePipelineEngine(sparse: slow) : FakePipelineEngine(dense: slow)
        let outcome = try Samples.run(load, on: engine, sparse: 2, dense: 1)
        #expect(outcome.isOverloaded)
        #expect(outcome.abandonedQueries > 0)
        #expect(outcome.arrivedQueries == outcome.completedQueries + outcome.abandonedQueries)
    }

    @Test(
        "An error in either part ends the run and is reported, even while the other part waits",
        arguments: [true, false])
    func failure(isSparse: Bool) throws {
        let error = ProfilingError.engineFailed(engine: "fake", call: "x", model: "m", message: "broken")
        let broken: FakePipelineEngine.Body = { (call, _) throws(ProfilingError) in
            if call >= 20 { throw error }
        }
        func engine() -> FakePipelineEngine {
            // One slot: the failing part leaves the other waiting for it.
            isSparse
                ? FakePipelineEngine(slots: 4, sparse: broken) : FakePipelineEngine(slots: 4, dense: broken)
        }
        #expect(throws: error) { try Samples.run(load(), on: engine(), sparse: 2, dense: 2) }
        let session = try ProfilingSession(
            engine: engine(), model: Samples.model(), threads: 2, workers: 1, batches: [64],
            sparse: Samples.group(2))
        #expect(throws: error) { try session.saturate(batch: 64, seed: 1) }
    }

    @Test(
        "Saturated, a pipeline does what its slower part can do", arguments: [(0.001, 0.004), (0.004, 0.001)])
    func saturation(sparse: Double, dense: Double) throws {
        let engine = FakePipelineEngine(sparse: Self.sleep(sparse), dense: Self.sleep(dense))
        let session = try ProfilingSession(
            engine: engine, model: Samples.model(sizes: .fixed(24)), threads: 1, workers: 1, batches: [16],
            sparse: Samples.group(1))
        let saturation = try session.saturate(batch: 16, seed: 1)
        let stage = try #require(saturation.sparseStage)
        // A query is a piece of 16 and one of 8: 24 items in at least 8 ms of the slower thread.
        #expect(saturation.itemsPerSecond > 0)
        #expect(saturation.itemsPerSecond <= 24 / 0.008 * 1.05)
        #expect(engine.denseCalls.count == saturation.pieces)
        #expect(engine.sparseCalls.count == saturation.pieces)
        #expect(engine.slotMisuses == 0)
        #expect(dense > sparse ? stage.denseUtilisation > stage.utilisation : true)
        #expect(dense < sparse ? stage.denseUtilisation < stage.utilisation : true)
        #expect(saturation.serviceSamples.count == saturation.pieces)
        #expect(stage.serviceSamples.count == saturation.pieces)
    }

    @Test("An engine that runs no pipelines refuses one")
    func refusal() throws {
        let error = #expect(throws: ProfilingError.self) {
            try ProfilingSession(
                engine: NullEngine(), model: Samples.model(), threads: 1, workers: 1, batches: [8],
                sparse: Samples.group(1))
        }
        #expect(error?.description.contains("found partition sparseDense") == true)
        #expect(error?.description.contains("null") == true)
    }

    @Test("The grid of pipelines leaves cores to sparse threads, all of them", arguments: [1, 2, 3, 4, 8])
    func grid(cores: Int) {
        let grid = scheduleGrid(cores: cores, batches: [32, 8], partitions: [.whole, .sparseDense])
        let whole = scheduleGrid(cores: cores, batches: [32, 8])
        #expect(Array(grid.prefix(whole.count)) == whole)
        let pipelines = grid.dropFirst(whole.count)
        #expect(pipelines.isEmpty == (cores == 1))
        for schedule in pipelines.map(\.columns) {
            #expect(schedule.partition == .sparseDense)
            #expect(schedule.hostCores == cores)
            #expect(schedule.sparse != nil)
        }
        #expect(Set(grid).count == grid.count)
    }

    @Test("Both groups are placed on processors of their own, and the generator on the rest")
    func placement() {
        let topology = HostTopology(nodes: [.init(number: 0, cores: [0, 1, 2, 3, 4, 5])])
        let placement = ThreadPlacement(
            groups: [.init(threads: 2, workers: 1), .init(threads: 1, workers: 2)], on: topology)
        #expect(placement.inference == [[0], [1], [2, 3]])
        #expect(placement.generator == [4, 5])
    }

    @Test("A measured pipeline is simulated as two stages, each with its own samples")
    func simulated() throws {
        let root = try TemporaryDirectory()
        try root.write("model name\t: Test 9000\n", to: "proc/cpuinfo")
        try root.write("MemTotal:       1024 kB\n", to: "proc/meminfo")
        let engine = FakePipelineEngine(sparse: Self.sleep(0.001), dense: Self.sleep(0.003))
        let profiler = try HostProfiler(
            engine: engine, probe: HostProbe(root: root.path, schedulableCores: 4), toolVersion: "1",
            power: PowerSource.Places(root: root.path))
        let settings = ProfileSettings(
            batches: [8], cellDuration: Nanoseconds(milliseconds: 300), loadFraction: Fraction(0.5),
            confirmationDuration: Nanoseconds(milliseconds: 200))
        // Which sparse threads there are is left open: all cores that remain.
        let schedule = Schedule(partition: .sparseDense, threads: 1, workers: 2, batch: 8)
        let cell = try profiler.measureBoth(
            model: Samples.model(sizes: .fixed(8)), serverType: Samples.serverType, schedule: schedule,
            settings: settings, seed: 3)
        #expect(Set(engine.sparseCalls.map(\.worker)) == [0, 1])
        #expect(cell.loaded.sparseStage != nil && cell.saturation.sparseStage != nil)
        let server = try ScheduledServer(
            schedule: schedule.columns, cell: cell.loaded, saturated: cell.saturation,
            serverType: Samples.serverType)
        #expect(server.stages.map(\.threads) == [2, 1])
        #expect(server.stages.map(\.coresPerThread) == [1, 2])
        #expect(server.stages[0].service.meanTime(items: 8) >= Nanoseconds(milliseconds: 1))
        #expect(server.stages[0].service.meanTime(items: 8) < server.stages[1].service.meanTime(items: 8))
        #expect(server.stages[1].service.meanTime(items: 8) >= Nanoseconds(milliseconds: 3))
        let simulation = QueueSimulation(
            server: server, stream: QueryStream(sizes: .fixed(8), count: 100, seed: 1), seed: 1)
        #expect(
            simulation.run(at: QueriesPerSecond(1)).latencies.allSatisfy {
                $0 >= Nanoseconds(milliseconds: 3)
            })
        let tooMany = Schedule(
            partition: .sparseDense, threads: 3, workers: 1, batch: 8, sparse: .init(threads: 2, workers: 1))
        #expect(throws: ProfilingError.scheduleDoesNotFit(schedule: tooMany, cores: 4)) {
            try profiler.session(for: Samples.model(), tooMany, batches: [8])
        }
    }
}
