import Quantities
import Randomness
import ServerModels
import Simulation
import Testing
import Vocabulary

@Suite("Service times under load")
struct ContentionTests {
    private func measurement(
        threads: Int, pattern: LoadRun.LoadPattern, busy: Double, milliseconds: [Double],
        wakeMicroseconds: Double = 0
    ) -> LoadRun {
        var measurement = LoadRun(
            model: "m", serverType: "here",
            schedule: Schedule(partition: .whole, threads: threads, workers: 1, batch: 8), purpose: .cell,
            pattern: pattern,
            host: Host(name: "h", processor: "p", cores: 4, memory: Bytes(1), operatingSystem: "o"),
            engine: "fake", engineVersion: "1",
            offeredRate: pattern == .closed ? nil : QueriesPerSecond(1), completedRate: QueriesPerSecond(1),
            queries: 1000, duration: Nanoseconds(seconds: 1), latencies: LatencyHistogram(bins: []),
            generatorLateness: LatencyHistogram(bins: []),
            serviceSamples: milliseconds.map {
                ServiceSample(items: 8, time: Nanoseconds(milliseconds: $0))
            }, utilisation: Fraction(busy), power: nil, powerProvenance: nil,
            noise: HostNoise(stealFraction: nil, processorPressureFraction: nil), provenance: .measured,
            seed: 1, measuredAtUnixSeconds: 0, toolVersion: "1")
        measurement.dispatchMedian = Nanoseconds(milliseconds: wakeMicroseconds / 1000)
        return measurement
    }

    private func times(_ milliseconds: Double) -> [Double] { Array(repeating: milliseconds, count: 100) }

    @Test("Threads that compete slow each other down along the line through both loads")
    func competition() {
        // At half load 1 + 3 x 0.5 = 2.5 of 4 threads are busy on average; with all 4 a piece takes 30 %
        // longer.
        let effect = Contention(
            loaded: measurement(threads: 4, pattern: .openPoisson, busy: 0.5, milliseconds: times(1)),
            threads: 4,
            saturated: measurement(threads: 4, pattern: .closed, busy: 1, milliseconds: times(1.3)))
        #expect(abs(effect.byBusyThreads[3] - 1.3) < 1e-9)
        #expect(abs(effect.byBusyThreads[0] - 0.7) < 1e-9)
        #expect(abs(effect.byBusyThreads[1] + effect.byBusyThreads[2] - 2) < 1e-9)
        #expect(effect.afterIdle == 1)
    }

    @Test("A saturated run that was faster makes a lone thread a tenth slower at most")
    func companyDoesNotSpeedUp() {
        let effect = Contention(
            loaded: measurement(threads: 2, pattern: .openPoisson, busy: 0.8, milliseconds: times(1)),
            threads: 2,
            saturated: measurement(threads: 2, pattern: .closed, busy: 1, milliseconds: times(0.8)))
        #expect(abs(effect.byBusyThreads[0] - 1.08) < 1e-9 && abs(effect.byBusyThreads[1] - 0.98) < 1e-9)
    }

    @Test("A lone thread is slower after a pause, and the mean of the loaded run is kept")
    func pause() {
        let effect = Contention(
            loaded: measurement(
                threads: 1, pattern: .openPoisson, busy: 0.6, milliseconds: times(1), wakeMicroseconds: 40),
            threads: 1,
            saturated: measurement(threads: 1, pattern: .closed, busy: 1, milliseconds: times(0.9)))
        let busy = effect.byBusyThreads[0]
        #expect(abs(busy - 0.9) < 1e-9)
        #expect(abs(0.6 * busy + 0.4 * busy * effect.afterIdle - 1) < 1e-9)
        #expect(effect.wakeUp == Nanoseconds(40_000))
    }

    @Test("Without a saturated run nothing but the wake-up time is known")
    func unknown() {
        let effect = Contention(
            loaded: measurement(
                threads: 2, pattern: .openPoisson, busy: 0.6, milliseconds: times(1), wakeMicroseconds: 5),
            threads: 2,
            saturated: nil)
        #expect(
            effect == Contention(byBusyThreads: [1, 1], afterIdle: 1, wakeUp: Nanoseconds(5_000)))
    }

    @Test("Without an effect the queue is the ordinary one", arguments: [1, 2, 5])
    func ordinaryQueue(threads: Int) {
        var stream = RandomStream(seed: 4, name: "pieces")
        var arrival = 0.0
        var pieces: [QueuedPiece] = []
        var times: [Nanoseconds] = []
        for query in 0..<500 {
            arrival += stream.exponential() / Double(threads)
            pieces.append(QueuedPiece(query: query, items: 1, arrival: Nanoseconds(seconds: arrival)))
            times.append(Nanoseconds(seconds: 0.9 * stream.exponential()))
        }
        var expected = pieces
        let busy = BatchQueue(servers: threads, fusionLimit: nil).serve(&expected) { _, first in times[first]
        }
        let contended = ContendedQueue(threads: threads, contention: .none(threads: threads))
        #expect(contended.serve(&pieces, times: times) == busy)
        #expect(pieces.map(\.arrival) == expected.map(\.arrival))
    }

    @Test("Busy threads are counted when a piece starts")
    func busyThreads() {
        // Three pieces at once on two threads: the first runs alone, the second beside it, the third when the
        // first is done and the second still runs.
        var pieces = (0..<3).map { QueuedPiece(query: $0, items: 1, arrival: Nanoseconds(100)) }
        let effect = Contention(byBusyThreads: [1, 2], afterIdle: 1.5, wakeUp: Nanoseconds(7))
        let busy = ContendedQueue(threads: 2, contention: effect).serve(
            &pieces, times: Array(repeating: Nanoseconds(1000), count: 3))
        // 107 + 1500, 107 + 3000, and from 1607 on 2000 without a pause before.
        #expect(pieces.map(\.arrival.count) == [1607, 3107, 3607])
        #expect(busy == Nanoseconds(6500))
    }
}
