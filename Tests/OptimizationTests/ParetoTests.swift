import Optimization
import Randomness
import Testing

/// Fronts, their volume, and the searches for them.
@Suite struct HypervolumeTests {
    @Test func boxesHaveTheirVolume() {
        #expect(Hypervolume.volume(of: [[2]], reference: [5]) == 3)
        #expect(Hypervolume.volume(of: [[1, 1]], reference: [3, 4]) == 6)
        #expect(Hypervolume.volume(of: [[1, 2], [2, 1]], reference: [3, 3]) == 3)
        #expect(Hypervolume.volume(of: [[0, 0, 0]], reference: [1, 2, 3]) == 6)
        // Two boxes that share a corner: 4 + 4 - 1 x ... of their meeting.
        #expect(Hypervolume.volume(of: [[0, 0, 1], [1, 1, 0]], reference: [2, 2, 2]) == 5)
        #expect(Hypervolume.volume(of: [[5, 5]], reference: [3, 3]) == 0)
        #expect(Hypervolume.volume(of: [], reference: [3, 3, 3]) == 0)
    }

    private func points(_ count: Int, _ dimensions: Int, _ words: inout SplitMix64) -> [[Double]] {
        (0..<count).map { _ in (0..<dimensions).map { _ in Double.random(in: 0..<1, using: &words) } }
    }

    @Test(arguments: [2, 3])
    func aPointMoreNeverTakesVolumeAndOrderDoesNotCount(dimensions: Int) {
        var words = SplitMix64(seed: 1)
        let reference = [Double](repeating: 1, count: dimensions)
        var set: [[Double]] = []
        var before = 0.0
        for point in points(30, dimensions, &words) {
            set.append(point)
            let now = Hypervolume.volume(of: set, reference: reference)
            #expect(now >= before - 1e-12)
            let shuffled = Hypervolume.volume(of: set.shuffled(using: &words), reference: reference)
            #expect(abs(now - shuffled) < 1e-12)
            before = now
        }
    }

    /// Within three standard deviations of counting.
    @Test(arguments: [2, 3])
    func volumesAgreeWithCounting(dimensions: Int) {
        var words = SplitMix64(seed: 2)
        let set = points(12, dimensions, &words)
        let volume = Hypervolume.volume(of: set, reference: [Double](repeating: 1, count: dimensions))
        let count = 200_000
        var inside = 0
        for _ in 0..<count {
            let drawn = (0..<dimensions).map { _ in Double.random(in: 0..<1, using: &words) }
            if set.contains(where: { point in zip(point, drawn).allSatisfy(<=) }) { inside += 1 }
        }
        let share = Double(inside) / Double(count)
        let deviation = (volume * (1 - volume) / Double(count)).squareRoot()
        #expect(abs(share - volume) < 3 * deviation, "\(share) against \(volume)")
    }
}

@Suite struct ParetoFrontTests {
    private func point(_ objectives: [Double], violation: Double = 0) -> EvaluatedPoint {
        EvaluatedPoint(genes: [], objectives: objectives, violation: violation)
    }

    @Test func constraintsComeBeforeObjectives() {
        #expect(point([9, 9]).dominates(point([1, 1], violation: 0.1)))
        #expect(point([9, 9], violation: 0.1).dominates(point([1, 1], violation: 0.2)))
        #expect(point([1, 2]).dominates(point([1, 3])))
        #expect(!point([1, 2]).dominates(point([1, 2])))
        #expect(!point([1, 2]).dominates(point([2, 1])))
        #expect(ParetoFront.front(of: [point([1, 1], violation: 1)]).isEmpty)
    }

    @Test func frontAndRanksAgreeWithTheirDefinitions() {
        var words = SplitMix64(seed: 5)
        for dimensions in 2...3 {
            let all = (0..<60).map { _ in
                point((0..<dimensions).map { _ in Double(Int.random(in: 0..<12, using: &words)) })
            }
            let front = ParetoFront.front(of: all)
            for one in front { #expect(!all.contains { $0.dominates(one) }) }
            let free = Set(all.filter { one in !all.contains { $0.dominates(one) } }.map(\.objectives))
            #expect(Set(front.map(\.objectives)) == free)
            let ranks = ParetoFront.ranks(of: all)
            for one in all.indices {
                let above = all.indices.filter { all[$0].dominates(all[one]) }.map { ranks[$0] }
                #expect(ranks[one] == (above.max().map { $0 + 1 } ?? 0))
            }
        }
    }

    @Test func endsAreNeverCrowded() {
        let crowding = ParetoFront.crowding(of: [
            point([0, 4]), point([1, 2]), point([3, 1]), point([4, 0]),
        ])
        #expect(crowding[0] == .infinity && crowding[3] == .infinity)
        #expect(abs(crowding[1] - (3 / 4.0 + 3 / 4.0)) < 1e-12)
    }
}

@Suite struct ParetoSearchTests {
    /// Two stages of depth 1 to 3 with 3 kinds each: what is beyond the depth counts for nothing.
    private static let space = GeneSpace(
        sizes: [4, 3, 3, 3, 3, 4, 3, 3, 3, 3], blocks: [0..<5, 5..<10]
    ) { genes in
        var genes = genes
        for first in [0, 5] {
            for gene in (first + 3 + genes[first + 1])..<max(first + 5, first + 3 + genes[first + 1])
            where gene < first + 5 { genes[gene] = 0 }
        }
        return genes
    }

    /// Something to be small against something to be large, with ripples.
    private static func evaluate(_ genes: [Int]) -> (objectives: [Double], violation: Double) {
        var (cost, worth) = (0.0, 0.0)
        for (place, gene) in genes.enumerated() {
            cost += Double(gene * (1 + place % 3)) + Double((gene * 7 + place) % 5) * 0.13
            worth += Double(gene).squareRoot() * Double(1 + (place + 1) % 3)
        }
        return ([cost, -worth], 0)
    }

    @Test func allVectorsAreCanonicalAndDifferent() {
        let all = Self.space.all()
        #expect(Set(all).count == all.count && all.count < Int(Self.space.vectors))
        var words = SplitMix64(seed: 3)
        let known = Set(all)
        for _ in 0..<500 {
            let (one, other) = (Self.space.random(&words), Self.space.random(&words))
            #expect(known.contains(one))
            #expect(known.contains(Self.space.crossed(one, other, &words)))
            #expect(known.contains(Self.space.mutated(one, probability: 0.3, &words)))
            let neighbours = Self.space.neighbours(of: one)
            #expect(neighbours.allSatisfy { known.contains($0) && $0 != one })
        }
    }

    @Test(arguments: ParetoSearch.allCases)
    func everyMethodKeepsToItsBudgetAndSeed(method: ParetoSearch) {
        let settings = ParetoSearch.Settings(evaluations: 300, population: 32, seed: 9)
        var calls = 0
        let found = method.points(in: Self.space, settings) {
            calls += 1
            return Self.evaluate($0)
        }
        #expect(found.count == 300 && calls == 300, "\(found.count)")
        #expect(Set(found.map(\.genes)).count == 300, "nothing is evaluated twice")
        #expect(method.points(in: Self.space, settings, evaluate: Self.evaluate) == found)
        var other = settings
        other.seed = 10
        #expect(method.points(in: Self.space, other, evaluate: Self.evaluate) != found)
    }

    @Test func aSpaceSmallerThanTheBudgetIsSearchedWhole() {
        let small = GeneSpace(sizes: [2, 3], blocks: [0..<2])
        for method in ParetoSearch.allCases {
            let found = method.points(in: small, .init(evaluations: 100, population: 4, seed: 1)) {
                ([Double($0[0]), Double($0[1])], 0)
            }
            #expect(found.count <= 6 && found.count >= 4, "\(method): \(found.count)")
        }
    }

    @Test func evolutionComesNearerToTheFrontThanDrawing() {
        let all = Self.space.all().map { EvaluatedPoint(genes: $0, objectives: Self.evaluate($0).objectives) }
        let reference = [100.0, 0]
        let whole = Hypervolume.volume(of: all.map(\.objectives), reference: reference)
        func share(_ method: ParetoSearch, _ seed: UInt64) -> Double {
            let found = method.points(
                in: Self.space, .init(evaluations: all.count / 10, population: 32, seed: seed),
                evaluate: Self.evaluate)
            return Hypervolume.volume(of: found.map(\.objectives), reference: reference) / whole
        }
        let evolved = (1...5).map { share(.nsga2, $0) }.sorted()[2]
        let drawn = (1...5).map { share(.random, $0) }.sorted()[2]
        #expect(evolved > drawn && evolved > 0.98 && evolved <= 1 + 1e-12, "\(evolved) against \(drawn)")
    }

    @Test func missedConstraintsEndInNoFront() {
        let found = ParetoSearch.nsga2.points(
            in: Self.space, .init(evaluations: 400, population: 32, seed: 2)
        ) {
            let plain = Self.evaluate($0)
            // At least so much worth.
            return (plain.objectives, max(0, plain.objectives[1] + 16))
        }
        let front = ParetoFront.front(of: found)
        #expect(!front.isEmpty && front.allSatisfy { $0.objectives[1] <= -16 })
    }
}

@Suite struct RankStatisticsTests {
    @Test func ranksOfKnownSamples() {
        #expect(RankStatistics.ranks([3, 1, 2, 1]) == [4, 1.5, 3, 1.5])
        #expect(abs(RankStatistics.kendallTau([1, 2, 3, 4], [1, 2, 3, 4]) - 1) < 1e-12)
        #expect(abs(RankStatistics.kendallTau([1, 2, 3, 4], [4, 3, 2, 1]) + 1) < 1e-12)
        #expect(abs(RankStatistics.spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) - 0.8207826816681233) < 1e-12)
        // scipy.stats.kendalltau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]).
        #expect(
            abs(RankStatistics.kendallTau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]) + 0.4714045207910316) < 1e-12)
        // scipy.stats.mannwhitneyu([19, 22, 16, 29, 24], [20, 11, 17, 12], "greater", "asymptotic"): 0.0555.
        let value = RankStatistics.mannWhitney([19, 22, 16, 29, 24], than: [20, 11, 17, 12])
        #expect(abs(value - 0.0555) < 1e-3, "\(value)")
    }

    @Test func ridgeLearnsASmoothFunction() {
        var words = SplitMix64(seed: 8)
        func sample() -> ([Double], Double) {
            let x = (0..<3).map { _ in Double.random(in: -1...1, using: &words) }
            return (x, x[0] * x[0] + 0.5 * x[1] - x[2] * x[0])
        }
        let (train, held) = ((0..<150).map { _ in sample() }, (0..<60).map { _ in sample() })
        let model = KernelRidge(samples: train.map(\.0), values: train.map(\.1), ridge: 1e-3)
        let found = held.map { model.value(of: $0.0) }
        #expect(RankStatistics.kendallTau(found, held.map(\.1)) > 0.9)
        let constant = KernelRidge(samples: [[1], [1]], values: [3, 5])
        #expect(abs(constant.value(of: [1]) - 4) < 1e-9)
    }

    @Test func aTableOfOperatorsFindsSumsAndFollowsAnotherDevice() {
        var words = SplitMix64(seed: 6)
        let sizes = [3, 4, 2]
        let effects = sizes.map { size in (0..<size).map { _ in Double.random(in: 0...5, using: &words) } }
        func draw() -> [Int] { sizes.map { Int.random(in: 0..<$0, using: &words) } }
        func truth(_ choices: [Int]) -> Double { zip(effects, choices).reduce(2) { $0 + $1.0[$1.1] } }
        let train = (0..<60).map { _ in draw() }
        let table = OperatorTable(choices: train, sizes: sizes, values: train.map(truth), ridge: 1e-6)
        for choices in (0..<20).map({ _ in draw() }) {
            #expect(abs(table.value(of: choices) - truth(choices)) < 1e-3)
        }
        // Another device: three times as slow, and 7 more.
        let few = (0..<10).map { _ in draw() }
        let other = table.corrected(choices: few, values: few.map { 3 * truth($0) + 7 })
        for choices in (0..<20).map({ _ in draw() }) {
            #expect(abs(other.value(of: choices) - (3 * truth(choices) + 7)) < 1e-2)
        }
    }
}
