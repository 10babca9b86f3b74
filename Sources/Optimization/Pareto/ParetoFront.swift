/// A point that was evaluated: genes, what is to be small, and by how much constraints are missed.
public struct EvaluatedPoint: Hashable, Sendable {
    public let genes: [Int]
    /// All to be minimised.
    public let objectives: [Double]
    /// Zero where every constraint is kept.
    public let violation: Double

    public init(genes: [Int], objectives: [Double], violation: Double = 0) {
        self.genes = genes
        self.objectives = objectives
        self.violation = violation
    }

    /// Constraint domination (Deb et al. 2002): who misses less is better; of two that keep all constraints,
    /// who is nowhere worse and somewhere better.
    public func dominates(_ other: EvaluatedPoint) -> Bool {
        if violation != other.violation { return violation < other.violation }
        var isBetter = false
        for (mine, theirs) in zip(objectives, other.objectives) {
            if mine > theirs { return false }
            if mine < theirs { isBetter = true }
        }
        return isBetter
    }
}

/// Sets of points that no other dominates.
public enum ParetoFront {
    /// The points that keep all constraints and that none dominates, each objective vector once, in ascending
    /// order. O(n^2) at worst, O(n x front) as a rule.
    public static func front(of points: some Sequence<EvaluatedPoint>) -> [EvaluatedPoint] {
        let sorted = points.filter { $0.violation == 0 }.sorted {
            $0.objectives == $1.objectives
                ? $0.genes.lexicographicallyPrecedes($1.genes)
                : $0.objectives.lexicographicallyPrecedes($1.objectives)
        }
        var front: [EvaluatedPoint] = []
        // Who comes later in this order dominates no one before.
        for point in sorted
        where !front.contains(where: { $0.objectives == point.objectives || $0.dominates(point) }) {
            front.append(point)
        }
        return front
    }

    /// The rank of each point: 0 for those that none dominates, 1 for those that only these do, and so on
    /// (fast non-dominated sort, Deb et al. 2002). O(objectives x n^2).
    public static func ranks(of points: [EvaluatedPoint]) -> [Int] {
        var dominated = points.map { _ in [Int]() }
        var dominators = points.map { _ in 0 }
        for one in points.indices {
            for other in (one + 1)..<max(points.count, one + 1) {
                if points[one].dominates(points[other]) {
                    dominated[one].append(other)
                    dominators[other] += 1
                } else if points[other].dominates(points[one]) {
                    dominated[other].append(one)
                    dominators[one] += 1
                }
            }
        }
        var ranks = points.map { _ in 0 }
        var current = points.indices.filter { dominators[$0] == 0 }
        var rank = 0
        while !current.isEmpty {
            var next: [Int] = []
            for one in current {
                ranks[one] = rank
                for other in dominated[one] {
                    dominators[other] -= 1
                    if dominators[other] == 0 { next.append(other) }
                }
            }
            current = next
            rank += 1
        }
        return ranks
    }

    /// How much room each point of a rank has beside its neighbours; infinite at the ends. O(objectives x n
    /// log n).
    public static func crowding(of points: [EvaluatedPoint]) -> [Double] {
        var distances = points.map { _ in 0.0 }
        guard let dimensions = points.first?.objectives.count else { return distances }
        for dimension in 0..<dimensions {
            let order = points.indices.sorted {
                (points[$0].objectives[dimension], $0) < (points[$1].objectives[dimension], $1)
            }
            guard let first = order.first, let last = order.last else { continue }
            let spread = points[last].objectives[dimension] - points[first].objectives[dimension]
            distances[first] = .infinity
            distances[last] = .infinity
            guard spread > 0 else { continue }
            for place in 1..<max(1, order.count - 1) {
                let gap =
                    points[order[place + 1]].objectives[dimension]
                    - points[order[place - 1]].objectives[dimension]
                distances[order[place]] += gap / spread
            }
        }
        return distances
    }
}

/// The volume that a set of points dominates, up to a reference point.
public enum Hypervolume {
    /// Exact for one, two and three objectives, all to be minimised: a sweep over the first for two
    /// (O(n log n)), slices along the third for three (HSO, While et al. 2006; O(n^2 log n)). Points that are
    /// not below the reference in every objective add nothing.
    /// - Precondition: points have as many objectives as the reference, one to three.
    public static func volume(of points: [[Double]], reference: [Double]) -> Double {
        precondition((1...3).contains(reference.count), "one to three objectives")
        let inside = points.filter { point in
            precondition(point.count == reference.count, "points have as many objectives as the reference")
            return zip(point, reference).allSatisfy(<)
        }
        switch reference.count {
        case 1: return inside.map { reference[0] - $0[0] }.max() ?? 0
        case 2: return area(inside.map { ($0[0], $0[1]) }, (reference[0], reference[1]))
        default: return slices(inside, reference)
        }
    }

    private static func area(_ points: [(Double, Double)], _ reference: (Double, Double)) -> Double {
        var (sum, height) = (0.0, reference.1)
        for (x, y) in points.sorted(by: <) where y < height {
            sum += (reference.0 - x) * (height - y)
            height = y
        }
        return sum
    }

    private static func slices(_ points: [[Double]], _ reference: [Double]) -> Double {
        let sorted = points.sorted { $0[2] < $1[2] }
        var (sum, held) = (0.0, [(Double, Double)]())
        for (place, point) in sorted.enumerated() {
            held.append((point[0], point[1]))
            let end = place + 1 < sorted.count ? sorted[place + 1][2] : reference[2]
            guard end > point[2] else { continue }
            sum += (end - point[2]) * area(held, (reference[0], reference[1]))
        }
        return sum
    }
}
