import Foundation
import Randomness
import Testing

@Suite struct ZipfTests {
    @Test(arguments: [0.5, 0.99, 1.0, 1.05, 2.0])
    func ranksHaveTheirProbabilities(exponent: Double) {
        let (count, draws) = (50, 400_000)
        let ranks = ZipfRanks(count: count, exponent: exponent)
        var stream = RandomStream(seed: 5, name: "zipf")
        var seen = [Int](repeating: 0, count: count + 1)
        for _ in 0..<draws { seen[ranks.rank(using: &stream)] += 1 }
        #expect(seen[0] == 0)
        let weights = (1...count).map { pow(Double($0), -exponent) }
        let total = weights.reduce(0, +)
        for rank in 1...count {
            let share = weights[rank - 1] / total
            let deviation = (share * (1 - share) / Double(draws)).squareRoot()
            // Fifty ranks five times over: 4.5 standard deviations are met by chance once in 600 runs of all
            // of them, and the seed is fixed.
            #expect(abs(Double(seen[rank]) / Double(draws) - share) < 4.5 * deviation)
        }
    }

    @Test func oneRankIsTheOnlyOne() {
        let ranks = ZipfRanks(count: 1, exponent: 1)
        var stream = RandomStream(seed: 1, name: "one")
        for _ in 0..<100 { #expect(ranks.rank(using: &stream) == 1) }
    }

    @Test(arguments: [(1_000_000, 1.05, 50_000), (10_000, 0.8, 30_000), (500, 1.0, 200)])
    func expectedDistinctRanksAreSeen(count: Int, exponent: Double, draws: Int) {
        let ranks = ZipfRanks(count: count, exponent: exponent)
        var stream = RandomStream(seed: 9, name: "distinct")
        var seen = Set<Int>()
        for _ in 0..<draws { seen.insert(ranks.rank(using: &stream)) }
        let expected = ranks.expectedDistinct(draws: Double(draws))
        #expect(abs(Double(seen.count) - expected) < 0.05 * expected)
    }

    @Test(arguments: [1, 2, 3, 17, 1000, 4096, 4097])
    func anOrderHoldsEveryIndexOnce(count: Int) {
        var stream = RandomStream(seed: 3, name: "order")
        let order = IndexPermutation(count: count, using: &stream)
        #expect(Set((0..<count).map { order[$0] }) == Set(0..<count))
    }

    @Test func neighboursAreStrewn() {
        var stream = RandomStream(seed: 3, name: "order")
        let count = 1 << 20
        let order = IndexPermutation(count: count, using: &stream)
        // The mean distance of two random places is a third of the range.
        let distances = (0..<2000).map { abs(Double(order[$0] - order[$0 + 1])) / Double(count) }
        let mean: Double = distances.reduce(0, +) / 2000
        #expect(abs(mean - 0.333) < 0.03)
        var other = RandomStream(seed: 4, name: "order")
        let another = IndexPermutation(count: count, using: &other)
        let moved = (0..<100).filter { order[$0] != another[$0] }
        #expect(moved.count > 90)
    }
}
