import Profiling
import Quantities
import Testing
import Vocabulary

@Suite("Verdicts")
struct LoadVerdictTests {
    private let target = LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100))

    private func measurement(
        purpose: Measurement.Purpose = .confirmation, threads: Int = 1, queries: Int = 1000,
        samples: Int = 1000,
        steal: Double? = 0, pressure: Double? = 0, lateMilliseconds: Double = 0.01
    ) -> Measurement {
        Measurement(
            model: "m", serverType: "here",
            schedule: Schedule(partition: .whole, threads: threads, workers: 1, batch: 8), purpose: purpose,
            pattern: .openPoisson,
            host: Host(name: "h", processor: "p", cores: 4, memory: Bytes(1), operatingSystem: "o"),
            engine: "fake", engineVersion: "1", offeredRate: QueriesPerSecond(1),
            completedRate: QueriesPerSecond(1),
            queries: queries, duration: Nanoseconds(seconds: 1), latencies: LatencyHistogram(bins: []),
            generatorLateness: LatencyHistogram(
                bins: [
                    .init(latency: Nanoseconds(milliseconds: lateMilliseconds), count: 96),
                    .init(latency: Nanoseconds(seconds: 9), count: 4),
                ]),
            serviceSamples: Array(repeating: ServiceSample(items: 1, time: Nanoseconds(1)), count: samples),
            utilisation: Fraction(0.5), power: Watts(1), powerProvenance: .estimated,
            noise: HostNoise(
                stealFraction: steal.map { Fraction($0) },
                processorPressureFraction: pressure.map { Fraction($0) }),
            provenance: .measured, seed: 1, measuredAtUnixSeconds: 0, toolVersion: "1")
    }

    private func doubts(_ measurement: Measurement) -> [Verdict.Doubt] {
        MeasurementJudge().verdict(on: measurement, target: target).doubts
    }

    @Test("A quiet run with enough queries is valid, also where the kernel tells nothing")
    func valid() {
        #expect(doubts(measurement()) == [])
        #expect(doubts(measurement(steal: nil, pressure: nil)) == [])
    }

    @Test("A p95 needs 200 queries, a cell 64 service times")
    func tooFew() {
        #expect(doubts(measurement(queries: 200)) == [])
        #expect(doubts(measurement(queries: 199)) == [.tooFewQueries])
        #expect(doubts(measurement(purpose: .cell, queries: 20, samples: 64)) == [])
        #expect(doubts(measurement(purpose: .cell, samples: 63)) == [.tooFewQueries])
    }

    @Test("Stolen time and foreign load are seen; a schedule on all cores makes pressure of its own")
    func noise() {
        #expect(doubts(measurement(steal: 0.021)) == [.stolenTime])
        #expect(doubts(measurement(pressure: 0.15)) == [.processorPressure])
        #expect(doubts(measurement(threads: 4, pressure: 0.15)) == [])
        #expect(doubts(measurement(threads: 4, pressure: 0.25)) == [.processorPressure])
    }

    @Test("A generator that is late by a twentieth of the limit at the target's quantile is behind")
    func lateness() {
        #expect(doubts(measurement(lateMilliseconds: 4.9)) == [])
        #expect(doubts(measurement(lateMilliseconds: 5.1)) == [.generatorBehind])
    }
}
