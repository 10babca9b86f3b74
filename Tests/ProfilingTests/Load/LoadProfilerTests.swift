import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

@Suite("Measuring cells", .serialized, .timeLimit(.minutes(2)))
struct LoadProfilerTests {
    private let settings = ProfileSettings(
        batches: [8, 32], cellDuration: Nanoseconds(milliseconds: 200), loadFraction: Fraction(0.5),
        confirmationDuration: Nanoseconds(milliseconds: 200))

    private func host() throws -> TemporaryDirectory {
        let root = try TemporaryDirectory()
        try root.write("model name\t: Test 9000\n", to: "proc/cpuinfo")
        try root.write("MemTotal:       1024 kB\n", to: "proc/meminfo")
        return root
    }

    private func profiler(_ engine: any InferenceEngine, root: TemporaryDirectory, cores: Int) throws
        -> HostProfiler
    {
        try HostProfiler(
            engine: engine, probe: HostProbe(root: root.path, schedulableCores: cores), toolVersion: "1.2",
            power: PowerSource.Places(root: root.path))
    }

    @Test("A cell's measurement says what was run and offers the asked share of saturation")
    func cell() throws {
        let root = try host()
        let engine = FakeEngine { _, items in Thread.sleep(forTimeInterval: 0.001 + 1e-4 * Double(items)) }
        let schedule = Schedule(partition: .whole, threads: 2, workers: 1, batch: 8)
        let measurement = try profiler(engine, root: root, cores: 4).measureCell(
            model: Samples.model(sizes: .fixed(8)), serverType: Samples.serverType, schedule: schedule,
            settings: settings, seed: 3)
        #expect(measurement.schedule == schedule)
        #expect(measurement.purpose == .cell)
        #expect(measurement.pattern == .openPoisson)
        #expect(measurement.host.processor == "Test 9000")
        #expect(measurement.engine == "fake")
        #expect(measurement.engineVersion == "7")
        #expect(measurement.provenance == .measured)
        #expect(measurement.powerProvenance == .estimated)
        #expect(measurement.toolVersion == "1.2")
        #expect(measurement.queries == measurement.latencies.count)
        // Two threads that need at least 1.8 ms a query cannot exceed 1111 queries/s, of which half is
        // offered.
        let offered = try #require(measurement.offeredRate)
        #expect(offered > .zero)
        #expect(offered <= QueriesPerSecond(556))
        #expect(
            measurement.serviceSamples.allSatisfy {
                $0.items == 8 && $0.time >= Nanoseconds(microseconds: 1800)
            })
        // The estimate: the busy share of the two threads, out of the server type's eight cores.
        let busy = try #require(measurement.utilisation).value * 2 / 8
        #expect(
            measurement.power
                == Samples.serverType.power.power(hostUtilisation: busy, acceleratorUtilisation: 0))
    }

    @Test("Cells of the grid that share M and O share a compiled model")
    func sessionReuse() throws {
        let root = try host()
        let engine = FakeEngine { _, _ in Thread.sleep(forTimeInterval: 0.0002) }
        let profiler = try profiler(engine, root: root, cores: 3)
        let short = ProfileSettings(
            batches: [8, 32], cellDuration: Nanoseconds(milliseconds: 10), loadFraction: Fraction(0.2),
            confirmationDuration: Nanoseconds(milliseconds: 10))
        let grid = scheduleGrid(cores: 3, batches: short.batches)
        for schedule in grid {
            _ = try profiler.measureCell(
                model: Samples.model(), serverType: Samples.serverType, schedule: schedule, settings: short,
                seed: 1)
        }
        #expect(engine.preparations == ["m 1x1", "m 2x1", "m 3x1", "m 1x2"])
        let confirmed = try profiler.confirm(
            model: Samples.model(), serverType: Samples.serverType, schedule: grid[grid.count - 1],
            rate: QueriesPerSecond(100), settings: short, seed: 1)
        #expect(confirmed.purpose == .confirmation)
        #expect(confirmed.offeredRate == QueriesPerSecond(100))
        #expect(engine.preparations.count == 4)
    }

    @Test("What this machine cannot run is refused by name")
    func refusals() throws {
        let root = try host()
        let profiler = try profiler(NullEngine(), root: root, cores: 4)
        let tooMany = Schedule(partition: .whole, threads: 2, workers: 4, batch: 8)
        #expect(throws: ProfilingError.scheduleDoesNotFit(schedule: tooMany, cores: 4)) {
            try profiler.session(for: Samples.model(), tooMany, batches: [8])
        }
        let elsewhere = Schedule(partition: .accelerator, threads: 1, workers: 1, batch: 8)
        #expect(throws: ProfilingError.partitionNotSupported(schedule: elsewhere, engine: "null")) {
            try profiler.session(for: Samples.model(), elsewhere, batches: [8])
        }
        let engine = Schedule.engine(EngineRules(sequencesMax: 2, tokenBudget: 64))
        let error = #expect(throws: ProfilingError.self) {
            try profiler.session(for: Samples.model(), engine, batches: [8])
        }
        #expect(error == .kindOfScheduleNotSupported(schedule: engine, engine: "null"))
        #expect(error?.description.contains("expected threads and batches, which null runs") == true)
        #expect(profiler.placement(of: engine) == nil)
    }

    @Test("Saturation stays below what the threads can do, and counts items by the mean query")
    func saturation() throws {
        let engine = FakeEngine { _, _ in Thread.sleep(forTimeInterval: 0.002) }
        let session = try ProfilingSession(
            engine: engine, model: Samples.model(sizes: .fixed(24)), threads: 2, workers: 1, batches: [16])
        let saturation = try session.saturate(batch: 16, seed: 1)
        // A query is a piece of 16 and one of 8: 24 items in at least 4 ms of one thread.
        #expect(saturation.itemsPerSecond > 0)
        #expect(saturation.itemsPerSecond <= 2 * 24 / 0.004 * 1.02)
        #expect(abs(saturation.throughput.value * 24 / saturation.itemsPerSecond - 1) < 1e-9)
        #expect(Set(engine.calls.map(\.items)) == [8, 16])
        #expect(engine.calls.count == saturation.pieces)
    }

    @Test("The grid holds every power of two that fits, and all cores", arguments: [1, 2, 3, 4, 6, 8, 12])
    func grid(cores: Int) {
        let batches = [32, 8]
        let grid = scheduleGrid(cores: cores, batches: batches)
        var expected: Set<Schedule> = []
        for threads in 1...cores {
            for workers in 1...cores where threads * workers <= cores {
                let isPower = threads.nonzeroBitCount == 1 && workers.nonzeroBitCount == 1
                guard isPower || (threads == cores && workers == 1) else { continue }
                for batch in batches {
                    expected.insert(
                        Schedule(partition: .whole, threads: threads, workers: workers, batch: batch))
                }
            }
        }
        #expect(Set(grid) == expected)
        #expect(grid.count == expected.count)
        // Every pair of M and O appears in one run.
        let pairs = grid.map(\.columns).map { [$0.threads, $0.workers] }
        let changes = zip(pairs, pairs.dropFirst()).filter { $0 != $1 }.count
        #expect(changes + 1 == Set(pairs).count)
    }
}

extension Nanoseconds {
    fileprivate init(microseconds: Int64) { self.init(microseconds * 1000) }
}
