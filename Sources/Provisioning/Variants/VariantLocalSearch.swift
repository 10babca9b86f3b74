import Vocabulary

/// Makes a point whole and improves it: servers are added until every load is served within its floor, then
/// taken out, exchanged one for one and two for one while that costs less.
///
/// Whether a group is served is asked of the split of highest accuracy, so a move looks at one group alone.
/// O(passes x pairs^2 x variants x types).
struct VariantLocalSearch {
    private let problem: VariantProblem
    private var counts: ProvisioningProblem.Counts
    private var free: [Int]

    private static let passesMax = 50
    /// Beyond so many pairs of a group, exchanges of two for one are not tried.
    private static let pairsOfTwoForOne = 24

    init(_ problem: VariantProblem) {
        self.problem = problem
        counts = problem.base.noServers
        free = problem.base.available
    }

    /// An allocation near a point; nil where none was found.
    mutating func counts(near point: [Double]) -> ProvisioningProblem.Counts? {
        begin(point.map { Int(($0 + 1e-9).rounded(.down)) })
        for group in problem.groups where group.load > 0 {
            guard complete(group, towards: point) else { return nil }
        }
        improve()
        return counts
    }

    private mutating func begin(_ start: ProvisioningProblem.Counts) {
        counts = start
        free = problem.base.available
        let types = problem.base.serverTypes.count
        for pair in counts.indices {
            counts[pair] = min(counts[pair], max(0, free[pair % types]))
            free[pair % types] -= counts[pair]
        }
    }

    private func type(_ pair: Int) -> Int { pair % problem.base.serverTypes.count }

    private func pairs(_ group: VariantProblem.Group) -> [Int] {
        let base = problem.base
        return group.variants.flatMap { model in
            base.serverTypes.indices.filter { base.canServe(model, with: $0) }.map {
                base.index(model: model, serverType: $0)
            }
        }
    }

    private mutating func add(_ pair: Int, _ count: Int) {
        counts[pair] += count
        free[type(pair)] -= count
    }

    /// What is still to be had: load, and accuracy in the same unit.
    private func deficit(_ group: VariantProblem.Group) -> Double {
        let (loads, left) = problem.route(counts, group)
        var lack = 0.0
        if let lackMax = group.lackMax {
            // What is left over could at best be answered by the best.
            let sum = loads.indices.reduce(0) { $0 + loads[$1] * group.lack($1) }
            let spread = max(group.lack(group.variants.count - 1), 1e-9)
            lack = max(0, sum - lackMax * group.load) / spread
        }
        return left + lack
    }

    /// Adds servers: first those of which the point has a part, then whatever does most for its cost.
    private mutating func complete(_ group: VariantProblem.Group, towards point: [Double]) -> Bool {
        let pairs = pairs(group)
        let parts = pairs.filter { point[$0] - Double(counts[$0]) > 1e-6 }
        for pair in parts.sorted(by: { point[$0] - Double(counts[$0]) > point[$1] - Double(counts[$1]) })
        where !problem.isServed(counts, group) && free[type(pair)] > 0 {
            add(pair, 1)
        }
        while !problem.isServed(counts, group) {
            let before = deficit(group)
            var best: (rate: Double, pair: Int)?
            for pair in pairs where free[type(pair)] > 0 {
                add(pair, 1)
                let gained = before - deficit(group)
                add(pair, -1)
                let rate = gained / max(problem.base.costs[pair], 1e-12)
                if gained > 0, best.map({ rate > $0.rate }) ?? true { best = (rate, pair) }
            }
            guard let best else { return false }
            add(best.pair, 1)
        }
        return true
    }

    private mutating func improve() {
        for _ in 0..<Self.passesMax {
            var isBetter = false
            for group in problem.groups where group.load > 0 {
                isBetter = pass(group) || isBetter
            }
            guard isBetter else { return }
        }
    }

    private mutating func pass(_ group: VariantProblem.Group) -> Bool {
        let pairs = pairs(group)
        let costs = problem.base.costs
        var isBetter = false
        for out in pairs.sorted(by: { costs[$0] > costs[$1] }) where counts[out] > 0 {
            isBetter = attempt([out], nil, group) || isBetter
            for into in pairs where into != out && costs[into] < costs[out] && counts[out] > 0 {
                isBetter = attempt([out], into, group) || isBetter
            }
            guard pairs.count <= Self.pairsOfTwoForOne else { continue }
            for second in pairs where counts[out] > 0 && counts[second] > (second == out ? 1 : 0) {
                for into in pairs where into != out && into != second {
                    guard costs[into] < costs[out] + costs[second] else { continue }
                    guard counts[out] > 0, counts[second] > (second == out ? 1 : 0) else { break }
                    isBetter = attempt([out, second], into, group) || isBetter
                }
            }
        }
        return isBetter
    }

    /// Makes a move, and takes it back where the group is no longer served or a type has too few servers.
    private mutating func attempt(_ out: [Int], _ into: Int?, _ group: VariantProblem.Group) -> Bool {
        let gain = out.reduce(0) { $0 + problem.base.costs[$1] } - (into.map { problem.base.costs[$0] } ?? 0)
        guard gain > 1e-12 else { return false }
        for pair in out { add(pair, -1) }
        if let into { add(into, 1) }
        if into.map({ free[type($0)] >= 0 }) ?? true, problem.isServed(counts, group) { return true }
        for pair in out { add(pair, 1) }
        if let into { add(into, -1) }
        return false
    }
}
