import Optimization
import Randomness
import Testing

/// Knapsacks with a least number of items and a limit on their kinds, against trying every choice.
@Suite struct KnapsackConditionsTests {
    private struct Instance {
        var costs: [Double]
        var weights: [Double]
        var limits: [Int]
        var requirement: Double
        var leastCount: Int
        var mostKinds: Int
        var failure: CoverFailure?

        init(using words: inout SplitMix64) {
            let count = Int.random(in: 1...4, using: &words)
            costs = (0..<count).map { _ in Double(Int.random(in: 0...40, using: &words)) }
            weights = (0..<count).map { _ in Double(Int.random(in: 0...12, using: &words)) }
            limits = (0..<count).map { _ in Int.random(in: 0...4, using: &words) }
            requirement = Double(Int.random(in: 1...40, using: &words))
            leastCount = Int.random(in: 0...7, using: &words)
            mostKinds = Int.random(in: 1...4, using: &words)
            switch Int.random(in: 0..<6, using: &words) {
            case 0...2: failure = nil
            case 3: failure = .rack(perKind: (0..<count).map { _ in Int.random(in: 1...3, using: &words) })
            case 4: failure = .items(Int.random(in: 1...3, using: &words))
            default: failure = .itemsOfOneKind(Int.random(in: 1...3, using: &words))
            }
        }

        var knapsack: CoveringKnapsack {
            CoveringKnapsack(
                costs: costs, weights: weights, limits: limits, requirement: requirement,
                leastCount: leastCount, mostKinds: mostKinds, failure: failure)
        }

        func total(_ values: [Double], _ counts: [Int]) -> Double {
            zip(values, counts).reduce(0) { $0 + $1.0 * Double($1.1) }
        }

        func worstLoss(_ counts: [Int]) -> Double {
            switch failure {
            case nil: return 0
            case .rack(let racks):
                let losses = counts.indices.map {
                    Double((counts[$0] + racks[$0] - 1) / racks[$0]) * weights[$0]
                }
                return losses.max() ?? 0
            case .items(let lost):
                let each = counts.indices.flatMap { [Double](repeating: weights[$0], count: counts[$0]) }
                return each.sorted(by: >).prefix(lost).reduce(0, +)
            case .itemsOfOneKind(let lost):
                return counts.indices.map { Double(min(lost, counts[$0])) * weights[$0] }.max() ?? 0
            }
        }

        func isCover(_ counts: [Int]) -> Bool {
            // Items without weight are never used.
            total(weights, counts) >= requirement && counts.reduce(0, +) >= leastCount
                && counts.count { $0 > 0 } <= mostKinds
                && total(weights, counts) - worstLoss(counts) >= requirement
                && zip(counts, weights).allSatisfy { $0 == 0 || $1 > 0 }
        }

        var covers: [[Int]] {
            limits.reduce([[]]) { partial, limit in
                partial.flatMap { head in (0...limit).map { head + [$0] } }
            }
            .filter(isCover)
        }

        func isMinimal(_ counts: [Int]) -> Bool {
            !counts.indices.contains { item in
                guard counts[item] > 0 else { return false }
                var fewer = counts
                fewer[item] -= 1
                return isCover(fewer)
            }
        }
    }

    @Test func theCheapestCoverIsTheOneThatTryingAllFinds() {
        var words = SplitMix64(seed: 3)
        var covered = 0
        for round in 0..<2000 {
            let instance = Instance(using: &words)
            let solution = instance.knapsack.solve()
            let best = instance.covers.map { instance.total(instance.costs, $0) }.min()
            #expect(solution?.cost == best, "round \(round): \(instance)")
            guard let solution, let best else { continue }
            covered += 1
            #expect(solution.bound == best)
            #expect(instance.isCover(solution.counts))
            #expect(instance.total(instance.costs, solution.counts) == best)
        }
        #expect(covered > 500)
    }

    @Test func theBoundHoldsUnderAnyNodeLimit() {
        var words = SplitMix64(seed: 5)
        for _ in 0..<1000 {
            let instance = Instance(using: &words)
            let best = instance.covers.map { instance.total(instance.costs, $0) }.min()
            let limit = Int.random(in: 1...6, using: &words)
            if let solution = instance.knapsack.solve(relativeGap: 0.1, nodeLimit: limit), let best {
                #expect(solution.bound <= best && best <= solution.cost)
            }
        }
    }

    @Test func allMinimalCoversAreListed() {
        var words = SplitMix64(seed: 7)
        for round in 0..<1000 {
            let instance = Instance(using: &words)
            let cost = Double(Int.random(in: 0...200, using: &words))
            let listed = instance.knapsack.covers(costingAtMost: cost, countLimit: 10_000, nodeLimit: 100_000)
            let expected = instance.covers.filter {
                instance.total(instance.costs, $0) <= cost && instance.isMinimal($0)
            }
            #expect(listed.isComplete)
            #expect(Set(listed.counts) == Set(expected), "round \(round): \(instance)")
        }
    }
}
