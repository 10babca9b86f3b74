import Profiling
import Quantities
import Randomness
import Testing
import Vocabulary

@Suite("Validity")
struct ValidityTests {
    @Test("Ranks enclose the quantile as the binomial tables say")
    func ranks() {
        // Distribution-free 95 % intervals: the median of 10 lies between the 2nd and the 9th value, that of
        // 100 between the 40th and the 61st.
        let ten = QuantileInterval.ranks(count: 10, quantile: Quantile(0.5), confidence: 0.95)
        #expect(ten.lower == 2 && ten.upper == 9)
        let hundred = QuantileInterval.ranks(count: 100, quantile: Quantile(0.5), confidence: 0.95)
        #expect(hundred.lower == 40 && hundred.upper == 61)
        // Below 72 values the largest may lie under the 95th percentile too often.
        #expect(QuantileInterval.countMin(quantile: Quantile(0.95), confidence: 0.95) == 72)
        #expect(QuantileInterval.ranks(count: 71, quantile: Quantile(0.95), confidence: 0.95).upper == nil)
        #expect(QuantileInterval.ranks(count: 72, quantile: Quantile(0.95), confidence: 0.95).upper == 72)
        #expect(QuantileInterval.ranks(count: 0, quantile: Quantile(0.95), confidence: 0.95).lower == nil)
    }

    @Test("Intervals hold the true quantile as often as they say", arguments: [0.9, 0.95, 0.99])
    func coverage(confidence: Double) {
        var stream = RandomStream(seed: 7, name: "coverage")
        let quantile = Quantile(0.95)
        let (count, rounds) = (300, 2000)
        let ranks = QuantileInterval.ranks(count: count, quantile: quantile, confidence: confidence)
        var held = 0
        for _ in 0..<rounds {
            // Uniform values: the true quantile is its order.
            let values = (0..<count).map { _ in stream.uniform() }.sorted()
            let above = ranks.lower.map { values[$0 - 1] <= 0.95 } ?? true
            let below = ranks.upper.map { values[$0 - 1] >= 0.95 } ?? true
            if above && below { held += 1 }
        }
        // At least the confidence, but for three standard deviations of 2000 rounds.
        let allowance = 3 * (confidence * (1 - confidence) / Double(rounds)).squareRoot()
        #expect(Double(held) / Double(rounds) >= confidence - allowance)
    }

    @Test("Queries that are late together count for fewer")
    func effectiveCount() {
        var stream = RandomStream(seed: 3, name: "late")
        let independent = (0..<4000).map { _ in stream.uniform() < 0.05 }
        #expect(QuantileInterval.effectiveCount(of: independent) > 1200)
        // The same share in bursts of 100.
        let bursts = (0..<4000).map { ($0 / 100) % 20 == 7 }
        let effective = QuantileInterval.effectiveCount(of: bursts)
        #expect(effective < 200, "\(effective)")
        #expect(QuantileInterval.effectiveCount(of: Array(repeating: false, count: 500)) == 500)
    }

    private let target = LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10))

    private func tail(late: Int, of count: Int, effective: Double? = nil) -> Verdict.Tail {
        Verdict.Tail(
            LatencyHistogram(
                bins: [
                    .init(latency: Nanoseconds(milliseconds: 5), count: count - late),
                    .init(latency: Nanoseconds(milliseconds: 20), count: late),
                ].filter { $0.count > 0 }),
            effectiveCount: effective ?? Double(count), target: target, confidence: Fraction(0.95))
    }

    @Test("The interval decides, or says that it does not")
    func answers() {
        #expect(tail(late: 20, of: 1000).answer == .meets)
        #expect(tail(late: 100, of: 1000).answer == .misses)
        #expect(tail(late: 50, of: 1000).answer == .undecided)
        // What a thousand independent queries would decide, fifty do not.
        #expect(tail(late: 20, of: 1000, effective: 50).answer == .undecided)
        #expect(tail(late: 20, of: 1000, effective: 50).upper == nil)
    }

    @Test("MLPerf's query counts follow from its rule")
    func mlPerfMinima() {
        let judge = MeasurementJudge.mlPerf
        #expect(judge.queriesMin(for: Quantile(0.9)) == 24_576)
        #expect(judge.queriesMin(for: Quantile(0.95)) == 57_344)
        #expect(judge.queriesMin(for: Quantile(0.99)) == 270_336)
        #expect(judge.durationMin == Nanoseconds(seconds: 600))
        #expect(MeasurementJudge().queriesMin(for: Quantile(0.95)) == 200)
        #expect(MeasurementJudge().queriesMin(for: Quantile(0.99)) == 1000)
    }

    // MARK: Warm-up

    private func pieces(slow: Int, factor: Double, seed: UInt64 = 1) -> [WarmUpDetection.Piece] {
        var stream = RandomStream(seed: seed, name: "pieces")
        return (0..<1000).map { index in
            let items = stream.integer(in: 1..<500)
            let base = (200 + 3 * Double(items)) * (0.95 + 0.1 * stream.uniform())
            return WarmUpDetection.Piece(
                items: items, time: Nanoseconds(Int64(1000 * base * (index < slow ? factor : 1))))
        }
    }

    @Test("A slow start is found where it ends, whatever the sizes", arguments: [1, 2, 3] as [UInt64])
    func slowStart(seed: UInt64) throws {
        let found = try #require(WarmUpDetection.warmUpPieces(pieces(slow: 120, factor: 3, seed: seed)))
        #expect((115...200).contains(found), "\(found)")
    }

    @Test("A run that was settled from the start loses little")
    func settled() throws {
        let found = try #require(WarmUpDetection.warmUpPieces(pieces(slow: 0, factor: 1)))
        #expect(found <= 500)
        #expect(WarmUpDetection.warmUpPieces([]) == 0)
    }

    @Test("A stall in the first half is part of the run, and so is a burst of slow pieces")
    func stalls() {
        var stalled = pieces(slow: 0, factor: 1)
        stalled[300].time = Nanoseconds(seconds: 2)
        #expect(WarmUpDetection.warmUpPieces(stalled) == 0)
        for index in 350..<400 { stalled[index].time = stalled[index].time * 4 }
        #expect(WarmUpDetection.warmUpPieces(stalled) == 0)
    }

    @Test("A run that slows down to its end has no settled state")
    func neverSettled() {
        #expect(WarmUpDetection.warmUpPieces(pieces(slow: 700, factor: 3)) == nil)
    }

    // MARK: Disturbed runs

    private func measurement(steal: Double) -> LoadRun {
        LoadRun(
            model: "m", serverType: "here",
            schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 8), purpose: .cell,
            pattern: .openPoisson,
            host: Host(name: "h", processor: "p", cores: 4, memory: Bytes(1), operatingSystem: "o"),
            engine: "fake", engineVersion: "1", offeredRate: QueriesPerSecond(1),
            completedRate: QueriesPerSecond(1), queries: 1000, duration: Nanoseconds(seconds: 1),
            latencies: LatencyHistogram(bins: []), generatorLateness: LatencyHistogram(bins: []),
            serviceSamples: Array(repeating: ServiceSample(items: 1, time: Nanoseconds(1)), count: 100),
            utilisation: Fraction(0.5), power: nil, powerProvenance: nil,
            noise: HostNoise(stealFraction: Fraction(steal), processorPressureFraction: nil),
            provenance: .measured, seed: 1, measuredAtUnixSeconds: 0, toolVersion: "1")
    }

    /// Runs one cell whose attempts see these shares of stolen time; gives back the attempts kept and the one
    /// chosen.
    private func attempts(_ steals: [Double], expected: Double) throws -> [[Int]] {
        var runs = DisturbedRuns(expected: Nanoseconds(seconds: expected))
        var kept: [Int] = []
        let chosen = try runs.run {
            measurement(steal: steals[min($0, steals.count) - 1])
        } judge: {
            MeasurementJudge().verdict(on: $0, target: target)
        } keep: { measurement, _ in
            kept.append(measurement.attempt)
        }
        return [kept, [chosen.measurement.attempt]]
    }

    @Test("A disturbed run is made again, all attempts are kept, and the quiet one is taken")
    func retries() throws {
        #expect(try attempts([0.0], expected: 100) == [[1], [1]])
        #expect(try attempts([0.3, 0.0], expected: 100) == [[1, 2], [2]])
        // Never quiet: no more than three attempts, and the least disturbed stands in, with its doubt.
        #expect(try attempts([0.3, 0.1, 0.2, 0.0], expected: 100) == [[1, 2, 3], [2]])
    }

    @Test("Attempts cost at most a quarter of the time that was planned")
    func retryBudget() throws {
        // A quarter of 4 s pays for one attempt of a second.
        #expect(try attempts([0.3, 0.2, 0.0], expected: 4) == [[1, 2], [2]])
        #expect(try attempts([0.3, 0.2], expected: 1) == [[1], [1]])
    }
}
