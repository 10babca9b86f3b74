import Profiling
import Quantities
import Testing
import Vocabulary

@Suite("Verdicts")
struct LoadVerdictTests {
    private let target = LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100))

    private func measurement(
        purpose: LoadRun.Purpose = .confirmation, threads: Int = 1, queries: Int = 1000,
        samples: Int = 1000,
        steal: Double? = 0, pressure: Double? = 0, lateMilliseconds: Double = 0.01,
        otherLoad: Double? = nil, clock: (least: Double, mean: Double)? = nil
    ) -> LoadRun {
        LoadRun(
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
                processorPressureFraction: pressure.map { Fraction($0) },
                otherLoadFraction: otherLoad.map { Fraction($0) },
                frequencyMin: clock.map { Hertz($0.least) }, frequencyMean: clock.map { Hertz($0.mean) }),
            provenance: .measured, seed: 1, measuredAtUnixSeconds: 0, toolVersion: "1")
    }

    private func doubts(_ measurement: LoadRun) -> [Verdict.Doubt] {
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

    @Test("Other programs and a clock that fell are seen")
    func otherDisturbances() {
        #expect(doubts(measurement(otherLoad: 0.09)) == [])
        #expect(doubts(measurement(otherLoad: 0.12)) == [.otherLoad])
        #expect(doubts(measurement(clock: (2.4e9, 3e9))) == [])
        #expect(doubts(measurement(clock: (1.2e9, 3e9))) == [.frequencyFell])
        let verdict = MeasurementJudge().verdict(on: measurement(otherLoad: 0.12), target: target)
        #expect(verdict.isDisturbed && !verdict.isValid)
        #expect(!MeasurementJudge().verdict(on: measurement(queries: 10), target: target).isDisturbed)
    }

    @Test("A run that left out its first half had not settled; one that was decided early is not too short")
    func settlingAndLength() {
        var run = measurement()
        run.warmUp = .init(duration: Nanoseconds(seconds: 0.1), queries: 3)
        #expect(doubts(run) == [])
        run.warmUp = .init(duration: Nanoseconds(seconds: 1.2), queries: 300)
        #expect(doubts(run) == [.notSettled])
        var strict = MeasurementJudge()
        strict.durationMin = Nanoseconds(seconds: 2)
        #expect(strict.verdict(on: measurement(), target: target).doubts == [.tooShort])
        var decided = measurement()
        decided.ending = .decided
        #expect(strict.verdict(on: decided, target: target).doubts == [])
    }

    @Test("Only runs made for their tail get an answer about it")
    func answers() {
        var run = measurement()
        run.latencies = LatencyHistogram(bins: [.init(latency: Nanoseconds(milliseconds: 20), count: 1000)])
        #expect(MeasurementJudge().verdict(on: run, target: target).tail?.answer == .meets)
        run.purpose = .cell
        #expect(MeasurementJudge().verdict(on: run, target: target).tail == nil)
    }
}
