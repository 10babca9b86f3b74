import Quantities
import Randomness
import ServerModels
import Simulation
import Testing
import Vocabulary

/// Service that takes an exponential time of a given mean, whatever the size.
private struct ExponentialService: ServiceTimes {
    let mean: Nanoseconds
    func time(items: Int, draw: Double) -> Nanoseconds {
        // Inversion of the exponential distribution by its series-free form: -ln(1 - u).
        var stream = RandomStream(seed: UInt64(draw * 0x1p53), name: "exponential")
        return Nanoseconds(seconds: mean.seconds * stream.exponential())
    }
    func meanTime(items: Int) -> Nanoseconds { mean }
}

/// Service that is proportional to the items, plus an overhead.
struct LinearService: ServiceTimes {
    var overhead = Nanoseconds.zero
    let perItem: Nanoseconds
    func time(items: Int, draw: Double) -> Nanoseconds { meanTime(items: items) }
    func meanTime(items: Int) -> Nanoseconds { overhead + perItem * items }
}

func singleStage(
    _ service: any ServiceTimes, threads: Int = 1, batch: Int = 1024, fusionLimit: Int? = nil
) -> ScheduledServer {
    ScheduledServer(
        schedule: ThreadSchedule(partition: .whole, threads: threads, workers: 1, batch: batch),
        stages: [
            .init(
                threads: threads, fusionLimit: fusionLimit, service: service,
                isAccelerator: fusionLimit != nil)
        ],
        cores: threads,
        power: PowerCurve(
            hostIdle: Watts(50), hostPeak: Watts(150), acceleratorIdle: .zero, acceleratorPeak: .zero,
            halfLoadFactor: 1),
        provenance: .modelled)
}

@Suite struct QueueSimulationTests {
    @Test func theSearchedRateMatchesTheMM1Formula() {
        // M/M/1: the p95 of the time in system is ln(20) / (mu - lambda), so the highest rate that keeps it
        // below a limit L is mu - ln(20) / L.
        let stream = QueryStream(sizes: .fixed(1), count: 60_000, seed: 5)
        let throughput = LatencyBoundedThroughput(
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10)),
            powerBudget: nil, stream: stream, seed: 5)
        let found = throughput.evaluate(singleStage(ExponentialService(mean: Nanoseconds(milliseconds: 1))))
        let expected = 1000 - 2.995_732 / 0.010
        #expect(abs(found.throughput.value / expected - 1) < 0.03)
    }

    @Test func everyPieceOfAQueryIsServedAndTheLastOneEndsIt() {
        let stream = QueryStream(sizes: .fixed(10), count: 1, seed: 1)
        let server = singleStage(LinearService(perItem: Nanoseconds(100)), threads: 2, batch: 4)
        let outcome = QueueSimulation(server: server, stream: stream, seed: 1).run(at: QueriesPerSecond(1))
        // Pieces of 4, 4 and 2 items on two threads: 400 ns, then 200 ns more on either.
        #expect(outcome.latencies == [Nanoseconds(600)])
    }

    @Test func fusionServesWaitingQueriesTogether() {
        let stream = QueryStream(sizes: .fixed(10), count: 2000, seed: 2)
        let service = LinearService(overhead: Nanoseconds(milliseconds: 1), perItem: Nanoseconds(1000))
        let target = LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 20))
        func throughput(_ limit: Int) -> Double {
            LatencyBoundedThroughput(target: target, powerBudget: nil, stream: stream, seed: 2)
                .evaluate(singleStage(service, batch: limit, fusionLimit: limit)).throughput.value
        }
        // One query a launch takes 1.01 ms: 990/s at most. Twenty share one overhead: 20 / 1.2 ms.
        #expect(throughput(10) < 991)
        #expect(throughput(200) > 5000)
        #expect(throughput(200) < 20 / 0.0012)
    }

    @Test func tighterTargetsAndBudgetsNeverRaiseTheThroughput() {
        let stream = QueryStream(sizes: .deepRecSys, count: 3000, seed: 3)
        let server = singleStage(
            LinearService(overhead: Nanoseconds(50_000), perItem: Nanoseconds(8000)), threads: 4, batch: 128)
        var last = Double.infinity
        for milliseconds in [200.0, 50, 20, 10, 5, 2, 1] {
            let found = LatencyBoundedThroughput(
                target: LatencyTarget(
                    quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: milliseconds)),
                powerBudget: nil, stream: stream, seed: 3
            ).evaluate(server).throughput.value
            #expect(found <= last)
            last = found
        }
        #expect(last == 0, "a limit below the service time of a full piece cannot be met")
        last = .infinity
        for watts in [200.0, 140, 120, 90, 60, 40] {
            let found = LatencyBoundedThroughput(
                target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 50)),
                powerBudget: Watts(watts), stream: stream, seed: 3
            ).evaluate(server)
            #expect(found.throughput.value <= last)
            #expect(found.throughput == .zero || found.power <= Watts(watts))
            last = found.throughput.value
        }
        #expect(last == 0, "no rate draws less than the idle power")
    }

    @Test func querySizesHaveThePublishedQuantiles() throws {
        let sizes = QueryStream(sizes: .deepRecSys, count: 200_000, seed: 4).sizes.sorted()
        let mean = Double(sizes.reduce(0, +)) / Double(sizes.count)
        #expect(abs(mean - 239) < 3)
        #expect(abs(sizes[sizes.count / 2] - 178) <= 3)
        #expect(abs(sizes[sizes.count * 95 / 100] - 607) <= 20)
        #expect(abs(sizes[sizes.count * 99 / 100] - 921) <= 10)
    }

    @Test(
        "A short stream offers the rate and the mean size that a long one does",
        arguments: [1, 2, 3, 4] as [UInt64])
    func streamsWithoutLuck(seed: UInt64) {
        let stream = QueryStream(sizes: .deepRecSys, count: 1000, seed: seed)
        #expect(abs(stream.arrivals[999] - 1000) < 1e-6)
        let mean = Double(stream.sizes.reduce(0, +)) / 1000
        #expect(abs(mean / 239 - 1) < 0.02, "\(mean)")
        #expect(stream.sizes != stream.sizes.sorted())
        #expect(stream.sizes == QueryStream(sizes: .deepRecSys, count: 1000, seed: seed).sizes)
    }
}
