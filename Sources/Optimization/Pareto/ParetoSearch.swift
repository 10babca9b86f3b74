import Randomness

/// Searches for the front of a space of integer vectors with a budget of evaluations. Every vector is
/// evaluated once, however often it is met; the archive of all counts.
public enum ParetoSearch: String, CaseIterable, Sendable {
    /// NSGA-II (Deb et al. 2002): tournaments by rank and crowding, blocks crossed evenly, each gene mutated
    /// with probability 1 / genes, the best of parents and children survive.
    case nsga2
    /// Ageing evolution (Real et al. 2019) on a sum of the objectives, whose weights are drawn for each
    /// child.
    case regularised
    /// From a random vector to the best neighbour under drawn weights, and again from another.
    case local
    /// Vectors drawn evenly.
    case random

    /// What a method needs beside its space.
    public struct Settings: Hashable, Sendable {
        public var evaluations: Int
        public var population: Int
        public var seed: UInt64

        public init(evaluations: Int, population: Int = 64, seed: UInt64) {
            self.evaluations = evaluations
            self.population = population
            self.seed = seed
        }
    }

    /// Every evaluated point, in order.
    /// - Parameter evaluate: objectives to be minimised, and by how much constraints are missed.
    public func points(
        in space: GeneSpace, _ settings: Settings,
        evaluate: ([Int]) throws -> (objectives: [Double], violation: Double)
    ) rethrows -> [EvaluatedPoint] {
        var archive = Archive(settings)
        switch self {
        case .nsga2: try nsga2(space, settings, &archive, evaluate)
        case .regularised: try regularised(space, settings, &archive, evaluate)
        case .local: try local(space, &archive, evaluate)
        case .random:
            while archive.hasLeft {
                let genes = space.random(&archive.words)
                _ = try archive.point(genes, evaluate)
            }
        }
        return archive.points
    }

    private typealias Evaluation = ([Int]) throws -> (objectives: [Double], violation: Double)

    /// All that was evaluated, and what is left of the budget.
    private struct Archive {
        private(set) var points: [EvaluatedPoint] = []
        private var places: [[Int]: Int] = [:]
        private let limit: Int
        private var repeats = 0
        var words: SplitMix64

        init(_ settings: Settings) {
            limit = settings.evaluations
            words = SplitMix64(seed: settings.seed)
        }

        /// A small space may be known whole before the budget is spent: then hardly anything new is met.
        var hasLeft: Bool { points.count < limit && repeats < 50 * limit }

        mutating func point(
            _ genes: [Int], _ evaluate: ([Int]) throws -> (objectives: [Double], violation: Double)
        ) rethrows -> EvaluatedPoint? {
            if let place = places[genes] {
                repeats += 1
                return points[place]
            }
            guard points.count < limit else { return nil }
            let found = try evaluate(genes)
            let point = EvaluatedPoint(
                genes: genes, objectives: found.objectives, violation: found.violation)
            places[genes] = points.count
            points.append(point)
            return point
        }

        func knows(_ genes: [Int]) -> Bool { places[genes] != nil }

        /// Weights of a sum over objectives that are scaled to what was seen.
        mutating func weights() -> [Double] {
            guard let first = points.first else { return [] }
            let drawn = first.objectives.map { _ in Double.random(in: 0..<1, using: &words) }
            return drawn.enumerated().map { dimension, weight in
                let values = points.map { $0.objectives[dimension] }
                let spread = (values.max() ?? 0) - (values.min() ?? 0)
                return spread > 0 ? weight / spread : 0
            }
        }
    }

    /// The weighted sum; whoever misses constraints comes after all who do not.
    private static func score(_ point: EvaluatedPoint, _ weights: [Double]) -> (Double, Double) {
        (point.violation, zip(point.objectives, weights).reduce(0) { $0 + $1.0 * $1.1 })
    }

    private func nsga2(
        _ space: GeneSpace, _ settings: Settings, _ archive: inout Archive, _ evaluate: Evaluation
    ) rethrows {
        var population: [EvaluatedPoint] = []
        while population.count < settings.population, archive.hasLeft {
            let genes = space.random(&archive.words)
            if archive.knows(genes) {
                _ = try archive.point(genes, evaluate)
                continue
            }
            if let point = try archive.point(genes, evaluate) { population.append(point) }
        }
        let probability = 1 / Double(max(1, space.sizes.count(where: { $0 > 1 })))
        while archive.hasLeft, population.count > 1 {
            let order = Self.order(population)
            var children: [EvaluatedPoint] = []
            var attempts = 0
            while children.count < settings.population, archive.hasLeft {
                let mother = population[Self.winner(order, &archive.words)]
                let father = population[Self.winner(order, &archive.words)]
                var genes = space.crossed(mother.genes, father.genes, &archive.words)
                genes = space.mutated(genes, probability: probability, &archive.words)
                attempts += 1
                // Children that are known already teach nothing: they are drawn again, and in the end moved.
                if archive.knows(genes), attempts % 8 == 0 {
                    genes = space.mutated(genes, probability: 3 * probability, &archive.words)
                }
                let isNew = !archive.knows(genes)
                if let point = try archive.point(genes, evaluate), isNew { children.append(point) }
                if attempts > 100 * settings.population { break }
            }
            guard !children.isEmpty else { return }
            population = Self.survivors(population + children, settings.population)
        }
    }

    /// Rank and crowding of each of a population, as one place in an order: less is better.
    private static func order(_ population: [EvaluatedPoint]) -> [Int] {
        let ranks = ParetoFront.ranks(of: population)
        var crowding = population.map { _ in 0.0 }
        for rank in Set(ranks) {
            let members = population.indices.filter { ranks[$0] == rank }
            let distances = ParetoFront.crowding(of: members.map { population[$0] })
            for (member, distance) in zip(members, distances) { crowding[member] = distance }
        }
        let sorted = population.indices.sorted {
            (ranks[$0], -crowding[$0], $0) < (ranks[$1], -crowding[$1], $1)
        }
        var places = population.map { _ in 0 }
        for (place, member) in sorted.enumerated() { places[member] = place }
        return places
    }

    /// The better of two that are drawn.
    private static func winner(_ order: [Int], _ words: inout SplitMix64) -> Int {
        let (one, other) = (
            Int.random(in: order.indices, using: &words), Int.random(in: order.indices, using: &words)
        )
        return order[one] <= order[other] ? one : other
    }

    private static func survivors(_ all: [EvaluatedPoint], _ count: Int) -> [EvaluatedPoint] {
        let order = order(all)
        return all.indices.sorted { order[$0] < order[$1] }.prefix(count).map { all[$0] }
    }

    private func regularised(
        _ space: GeneSpace, _ settings: Settings, _ archive: inout Archive, _ evaluate: Evaluation
    ) rethrows {
        var population: [EvaluatedPoint] = []
        while population.count < settings.population, archive.hasLeft {
            if let point = try archive.point(space.random(&archive.words), evaluate) {
                population.append(point)
            }
        }
        let probability = 1 / Double(max(1, space.sizes.count(where: { $0 > 1 })))
        let drawn = max(2, settings.population / 4)
        while archive.hasLeft, !population.isEmpty {
            let weights = archive.weights()
            var parent: EvaluatedPoint?
            for _ in 0..<drawn {
                let one = population[Int.random(in: population.indices, using: &archive.words)]
                if parent.map({ Self.score(one, weights) < Self.score($0, weights) }) ?? true { parent = one }
            }
            guard let parent else { return }
            var genes = space.mutated(parent.genes, probability: probability, &archive.words)
            if genes == parent.genes {
                genes = space.mutated(parent.genes, probability: 2 * probability, &archive.words)
            }
            guard let child = try archive.point(genes, evaluate) else { return }
            population.append(child)
            population.removeFirst()
        }
    }

    private func local(
        _ space: GeneSpace, _ archive: inout Archive, _ evaluate: Evaluation
    ) rethrows {
        while archive.hasLeft {
            guard var current = try archive.point(space.random(&archive.words), evaluate) else { return }
            let weights = archive.weights()
            var isBetter = true
            while isBetter, archive.hasLeft {
                isBetter = false
                for genes in space.neighbours(of: current.genes).shuffled(using: &archive.words) {
                    guard let next = try archive.point(genes, evaluate) else { return }
                    if Self.score(next, weights) < Self.score(current, weights) {
                        current = next
                        isBetter = true
                        break
                    }
                }
            }
        }
    }
}
