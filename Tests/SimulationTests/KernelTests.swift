import Quantities
import Randomness
import Simulation
import Testing

@Suite struct KernelTests {
    @Test func eventsLeaveByTimeThenByTheOrderTheyWereScheduledIn() {
        for seed in UInt64(0)..<50 {
            var stream = RandomStream(seed: seed, name: "events")
            var heap = EventHeap<Int>()
            var reference: [(time: Int64, event: Int)] = []
            var scheduled = 0
            for _ in 0..<2000 {
                if stream.integer(in: 0..<3) > 0 || reference.isEmpty {
                    let time = Int64(stream.integer(in: 0..<40))
                    heap.schedule(scheduled, at: Nanoseconds(time))
                    reference.append((time, scheduled))
                    scheduled += 1
                } else {
                    let first = reference.indices.min {
                        (reference[$0].time, reference[$0].event) < (reference[$1].time, reference[$1].event)
                    }
                    let expected = reference.remove(at: first ?? 0)
                    #expect(heap.earliest.count == expected.time)
                    let found = heap.next()
                    #expect(found.time.count == expected.time && found.event == expected.event)
                }
                #expect(heap.count == reference.count)
            }
        }
    }

    @Test func anAliasTableKeepsTheShares() {
        let cases: [[Double]] = [
            [1], [1, 1], [0, 3, 1], [1e-3, 5, 0.7, 90, 4.3], (1...50).map { Double($0) },
        ]
        for weights in cases {
            let table = AliasTable(weights: weights)
            var stream = RandomStream(seed: 9, name: "alias")
            var counts = Array(repeating: 0.0, count: weights.count)
            let draws = 200_000
            for _ in 0..<draws { counts[table.sample(using: &stream)] += 1 }
            let total = weights.reduce(0, +)
            for (count, weight) in zip(counts, weights) {
                let expected = weight / total * Double(draws)
                #expect(abs(count - expected) <= 5 * expected.squareRoot() + 1)
            }
        }
    }

    @Test func aTallyNeverUnderstatesAQuantileAndOverstatesByLessThanOnePercent() throws {
        var stream = RandomStream(seed: 5, name: "latencies")
        var tally = LatencyTally()
        var half = LatencyTally()
        var values: [Int64] = []
        for index in 0..<50_000 {
            let value = Int64(stream.logNormal(mu: 9, sigma: 3))
            values.append(value)
            if index % 2 == 0 { tally.record(Nanoseconds(value)) } else { half.record(Nanoseconds(value)) }
        }
        tally.merge(half)
        values.sort()
        #expect(tally.count == values.count && tally.maximum.count == values.last)
        for order in [0.001, 0.1, 0.5, 0.95, 0.99, 0.9999] {
            let rank = Int((order * Double(values.count)).rounded(.up))
            let exact = Double(values[rank - 1])
            let found = Double(try #require(tally.quantile(Quantile(order))).count)
            #expect(found >= exact && found <= exact * 1.008 + 1, "\(order): \(found) for \(exact)")
        }
        #expect(LatencyTally().quantile(Quantile(0.5)) == nil && LatencyTally().mean == nil)
    }
}
