import Optimization
import Randomness
import Testing

@Suite struct CoveringKnapsackTests {
    private struct Instance {
        var costs: [Double]
        var weights: [Double]
        var limits: [Int]
        var requirement: Double

        init(using words: inout SplitMix64) {
            let count = Int.random(in: 1...4, using: &words)
            costs = (0..<count).map { _ in Double(Int.random(in: 0...40, using: &words)) }
            weights = (0..<count).map { _ in Double(Int.random(in: 0...12, using: &words)) }
            limits = (0..<count).map { _ in Int.random(in: 0...4, using: &words) }
            requirement = Double(Int.random(in: 1...60, using: &words))
        }

        var knapsack: CoveringKnapsack {
            CoveringKnapsack(costs: costs, weights: weights, limits: limits, requirement: requirement)
        }

        func total(_ values: [Double], _ counts: [Int]) -> Double {
            zip(values, counts).reduce(0) { $0 + $1.0 * Double($1.1) }
        }

        /// Every choice of counts that covers.
        var covers: [[Int]] {
            limits.reduce([[]]) { partial, limit in
                partial.flatMap { head in (0...limit).map { head + [$0] } }
            }
            .filter { total(weights, $0) >= requirement }
        }

        func isMinimal(_ counts: [Int]) -> Bool {
            !counts.indices.contains { item in
                counts[item] > 0 && total(weights, counts) - weights[item] >= requirement
            }
        }
    }

    @Test func theCheapestCoverIsTheOneThatTryingAllFinds() {
        var words = SplitMix64(seed: 1)
        var covered = 0
        for _ in 0..<800 {
            let instance = Instance(using: &words)
            let solution = instance.knapsack.solve()
            let best = instance.covers.map { instance.total(instance.costs, $0) }.min()
            #expect(solution?.cost == best)
            guard let solution, let best else { continue }
            covered += 1
            #expect(solution.bound == best)
            #expect(instance.total(instance.costs, solution.counts) == best)
            #expect(instance.total(instance.weights, solution.counts) >= instance.requirement)
            #expect(zip(solution.counts, instance.limits).allSatisfy { 0 <= $0 && $0 <= $1 })
        }
        #expect(covered > 200)
    }

    @Test func theBoundHoldsUnderAnyGapAndNodeLimit() {
        var words = SplitMix64(seed: 2)
        for round in 0..<800 {
            let instance = Instance(using: &words)
            let gap = [0, 0.01, 0.2][round % 3]
            guard let solution = instance.knapsack.solve(relativeGap: gap, nodeLimit: round % 7) else {
                continue
            }
            let best = instance.covers.map { instance.total(instance.costs, $0) }.min() ?? .infinity
            #expect(solution.bound <= best * (1 + 1e-12))
            #expect(solution.cost >= best)
            #expect(instance.total(instance.weights, solution.counts) >= instance.requirement)
        }
    }

    /// A known cover rules out items, and nothing but a cheaper cover is an answer.
    @Test func aKnownCoverChangesNoAnswerAndNoBound() {
        var words = SplitMix64(seed: 9)
        var improved = 0
        var kept = 0
        var nodes = (plain: 0, known: 0)
        for _ in 0..<800 {
            let instance = Instance(using: &words)
            let covers = instance.covers
            guard let known = covers.randomElement(using: &words) else { continue }
            let knownCost = instance.total(instance.costs, known)
            let best = covers.map { instance.total(instance.costs, $0) }.min() ?? .infinity
            let search = KnapsackSearch(capacity: instance.costs.count)
            var order = instance.costs.indices.map(Int32.init)
            search.prepare(
                costs: instance.costs, weights: instance.weights, limits: instance.limits,
                count: instance.costs.count, requirement: instance.requirement, knownCost: knownCost,
                order: &order)
            let found = search.minimise(relativeGap: 0, nodeLimit: 1_000_000)
            nodes.known += search.nodeCount
            nodes.plain += instance.knapsack.solve()?.nodeCount ?? 0
            #expect(search.provenBound == best)
            if let found {
                improved += 1
                #expect(found.cost == best && found.cost < knownCost)
                var counts = instance.limits
                search.writeBest(to: &counts)
                #expect(instance.total(instance.costs, counts) == best)
                #expect(instance.total(instance.weights, counts) >= instance.requirement)
            } else {
                kept += 1
                #expect(knownCost == best)
            }
        }
        #expect(improved > 100 && kept > 50)
        #expect(nodes.known < nodes.plain)
    }

    @Test func aGapIsKept() {
        var words = SplitMix64(seed: 6)
        for _ in 0..<300 {
            let instance = Instance(using: &words)
            guard let solution = instance.knapsack.solve(relativeGap: 0.1) else { continue }
            let best = instance.covers.map { instance.total(instance.costs, $0) }.min() ?? .infinity
            #expect(solution.cost * 0.9 <= best + 1e-9)
        }
    }

    @Test func allMinimalCoversUpToACostAreListed() {
        var words = SplitMix64(seed: 4)
        for _ in 0..<800 {
            let instance = Instance(using: &words)
            // The cost of a cover itself is the limit at which an off-by-one would show.
            let someCover = instance.covers.randomElement(using: &words)
            let costLimit = someCover.map { instance.total(instance.costs, $0) } ?? 100
            let found = instance.knapsack.covers(
                costingAtMost: costLimit, countLimit: 10_000, nodeLimit: 1_000_000)
            // Items without weight are in no minimal cover.
            let expected = instance.covers.filter {
                instance.total(instance.costs, $0) <= costLimit && instance.isMinimal($0)
            }
            #expect(found.isComplete)
            #expect(Set(found.counts) == Set(expected))
            #expect(found.counts.count == expected.count)
            #expect(zip(found.counts, found.costs).allSatisfy { instance.total(instance.costs, $0) == $1 })
        }
    }

    @Test func anEnumerationThatIsCutOffSaysSo() {
        let knapsack = CoveringKnapsack(
            costs: [1, 1.1, 1.2], weights: [1, 1, 1], limits: [9, 9, 9], requirement: 9)
        #expect(!knapsack.covers(costingAtMost: 20, countLimit: 3, nodeLimit: 1000).isComplete)
        #expect(!knapsack.covers(costingAtMost: 20, countLimit: 1000, nodeLimit: 3).isComplete)
        #expect(knapsack.covers(costingAtMost: 20, countLimit: 1000, nodeLimit: 1000).counts.count == 55)
    }
}
