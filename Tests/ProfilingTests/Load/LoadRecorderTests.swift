import Profiling
import Quantities
import Randomness
import Testing
import Vocabulary

@Suite("Recording")
struct LoadRecorderTests {
    @Test("Quantiles agree with the sorted values to a thousandth", arguments: [1, 2, 3] as [UInt64])
    func quantiles(seed: UInt64) throws {
        var stream = RandomStream(seed: seed, name: "latencies")
        var recorder = LatencyRecorder()
        var values: [Nanoseconds] = []
        for _ in 0..<20_000 {
            // 20 us to some seconds.
            values.append(Nanoseconds(seconds: 2e-5 * stream.logNormal(mu: 3, sigma: 2)))
            recorder.record(values[values.count - 1])
        }
        let histogram = recorder.histogram
        #expect(histogram.count == values.count)
        values.sort()
        for order in [0.01, 0.5, 0.95, 0.99, 0.999] {
            let exact = values[Int((order * Double(values.count)).rounded(.up)) - 1]
            let found = try #require(histogram.latency(at: Quantile(order)))
            #expect(found >= exact)
            #expect(Double(found.count) <= 1.001 * Double(exact.count) + 1)
        }
    }

    @Test("Times beyond any range are kept, negative ones count as zero")
    func extremes() {
        var recorder = LatencyRecorder()
        recorder.record(Nanoseconds(seconds: 100_000))
        recorder.record(Nanoseconds(-5))
        #expect(recorder.histogram.count == 2)
        #expect(recorder.histogram.bins.first?.latency == .zero)
        #expect((recorder.histogram.max?.seconds ?? 0) >= 100_000)
    }

    @Test("The reservoir is bounded, seeded and uniform")
    func reservoir() {
        let count = 50_000
        func fill(seed: UInt64) -> ServiceReservoir {
            var reservoir = ServiceReservoir(seed: seed)
            for index in 0..<count {
                reservoir.add(ServiceSample(items: index, time: Nanoseconds(Int64(index))))
            }
            return reservoir
        }
        let reservoir = fill(seed: 3)
        #expect(reservoir.samples.count == ServiceReservoir.capacity)
        #expect(reservoir.samples == fill(seed: 3).samples)
        #expect(reservoir.samples != fill(seed: 4).samples)
        #expect(Set(reservoir.samples.map(\.items)).count == ServiceReservoir.capacity)
        let mean = Double(reservoir.samples.reduce(0) { $0 + $1.items }) / Double(ServiceReservoir.capacity)
        // The mean of 4000 uniform draws from 0..<50 000 has a standard deviation of 228.
        #expect(abs(mean - 25_000) < 5 * 228)
        // Early, middle and late values alike: each third of the range holds a third of the sample.
        for third in 0..<3 {
            let range = third * count / 3..<(third + 1) * count / 3
            let inside = reservoir.samples.filter { range.contains($0.items) }.count
            #expect(abs(inside - ServiceReservoir.capacity / 3) < 5 * 30)
        }
    }
}
