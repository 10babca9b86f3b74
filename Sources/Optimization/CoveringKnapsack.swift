/// The integer covering knapsack
///
///     minimise    sum_j  c_j n_j
///     subject to  sum_j  a_j n_j >= b
///                 0 <= n_j <= u_j, n_j integer
///
/// solved exactly by depth-first branch and bound (Martello and Toth, Knapsack Problems, 1990, chapter 3, in its
/// covering form): items in the order of cost per weight, the count of each tried from the highest useful one
/// downwards, and a branch dropped when the fractional completion of it is too dear. With the better items'
/// counts fixed, that completion only grows as a count falls, so one dear count ends its whole loop.
///
/// Exponential in the worst case; a node limit keeps it short and the bound sound. A node costs O(items).
public struct CoveringKnapsack: Sendable {
    /// Where each sorted item stood in the caller's arrays.
    private let positions: [Int]
    /// c_j of the sorted items.
    private let costs: [Double]
    /// a_j of the sorted items.
    private let weights: [Double]
    /// u_j of the sorted items.
    private let limits: [Int]
    /// b.
    private let requirement: Double
    /// How many items the caller's arrays have.
    private let itemCount: Int

    /// A cover of least cost, or near it, and what proves it.
    public struct Solution: Sendable {
        /// n, in the order of the arrays the knapsack was made from.
        public let counts: [Int]
        /// sum_j c_j n_j.
        public let cost: Double
        /// No cover costs less.
        public let bound: Double
        /// How many nodes of the search tree were visited.
        public let nodeCount: Int
    }

    /// All covers up to a cost.
    public struct Covers: Sendable {
        /// The counts of each cover, in the order of the arrays the knapsack was made from.
        public let counts: [[Int]]
        /// The cost of each cover.
        public let costs: [Double]
        /// Whether no minimal cover within the cost is missing.
        public let isComplete: Bool
        /// How many nodes of the search tree were visited.
        public let nodeCount: Int
    }

    /// A knapsack over items given by three arrays of one length. Items without weight or with a limit of 0 are
    /// never used.
    /// - Precondition: the arrays have one length, costs are not negative, and the requirement is positive.
    public init(costs: [Double], weights: [Double], limits: [Int], requirement: Double) {
        precondition(costs.count == weights.count && weights.count == limits.count, "one entry per item")
        precondition(costs.allSatisfy { $0 >= 0 } && requirement > 0, "costs and the requirement have a sign")
        let usable = costs.indices.filter { weights[$0] > 0 && limits[$0] > 0 }
        // Ties go to the heavier item, then to the earlier one, so that the outcome does not depend on the sort.
        let sorted = usable.sorted { left, right in
            let leftRatio = costs[left] / weights[left]
            let rightRatio = costs[right] / weights[right]
            if leftRatio != rightRatio { return leftRatio < rightRatio }
            return weights[left] != weights[right] ? weights[left] > weights[right] : left < right
        }
        positions = sorted
        self.costs = sorted.map { costs[$0] }
        self.weights = sorted.map { weights[$0] }
        self.limits = sorted.map { limits[$0] }
        self.requirement = requirement
        itemCount = costs.count
    }

    /// The cheapest cover, or one within a relative gap of it; nil where all items together do not cover.
    ///
    /// - Parameter relativeGap: branches that could gain less than this share of the best cost are dropped.
    /// - Parameter nodeLimit: after so many nodes the rest of the tree only contributes to the bound.
    public func solve(relativeGap: Double = 0, nodeLimit: Int = 100_000) -> Solution? {
        guard totalWeight >= requirement else { return nil }
        var search = Minimisation(
            knapsack: self, relativeGap: relativeGap, nodeLimit: max(nodeLimit, costs.count + 1))
        search.descend(to: 0, remaining: requirement, spent: 0)
        guard search.best < .infinity else { return nil }
        return Solution(
            counts: inCallersOrder(search.bestCounts), cost: search.best,
            bound: min(search.best, search.openBound), nodeCount: search.nodeCount)
    }

    /// Every minimal cover (one that covers no more when any item is taken out) of at most the given cost.
    ///
    /// - Parameter countLimit: the enumeration gives up beyond so many covers, or so many nodes.
    public func covers(costingAtMost cost: Double, countLimit: Int, nodeLimit: Int) -> Covers {
        var search = Enumeration(
            knapsack: self, costLimit: cost, countLimit: countLimit, nodeLimit: nodeLimit)
        if totalWeight >= requirement { search.descend(to: 0, remaining: requirement, spent: 0) }
        return Covers(
            counts: search.found.map(inCallersOrder), costs: search.foundCosts,
            isComplete: search.isComplete, nodeCount: search.nodeCount)
    }

    private var totalWeight: Double {
        zip(weights, limits).reduce(0) { $0 + $1.0 * Double($1.1) }
    }

    private func inCallersOrder(_ sortedCounts: [Int]) -> [Int] {
        var counts = [Int](repeating: 0, count: itemCount)
        for (index, position) in positions.enumerated() { counts[position] = sortedCounts[index] }
        return counts
    }

    /// The cost of covering what remains with fractions of the items from `first` on: a lower bound.
    private func fractionalCost(from first: Int, remaining: Double) -> Double {
        var remaining = remaining
        var cost = 0.0
        var index = first
        while index < costs.count {
            let weight = weights[index] * Double(limits[index])
            if weight >= remaining { return cost + costs[index] * (remaining / weights[index]) }
            remaining -= weight
            cost += costs[index] * Double(limits[index])
            index += 1
        }
        return .infinity
    }

    /// The highest count of an item that is of use: its limit, or what covers the rest.
    private func usefulCount(of index: Int, remaining: Double) -> Int {
        let needed = (remaining / weights[index]).rounded(.up)
        return needed < Double(limits[index]) ? Int(needed) : limits[index]
    }
}

extension CoveringKnapsack {
    /// The search for the cheapest cover.
    private struct Minimisation {
        let knapsack: CoveringKnapsack
        let relativeGap: Double
        let nodeLimit: Int

        var counts: [Int]
        var best = Double.infinity
        var bestCounts: [Int]
        /// The least fractional cost of a branch that was dropped.
        var openBound = Double.infinity
        var nodeCount = 0

        init(knapsack: CoveringKnapsack, relativeGap: Double, nodeLimit: Int) {
            self.knapsack = knapsack
            self.relativeGap = relativeGap
            self.nodeLimit = nodeLimit
            counts = [Int](repeating: 0, count: knapsack.costs.count)
            bestCounts = counts
        }

        mutating func descend(to index: Int, remaining: Double, spent: Double) {
            guard index < counts.count else { return }
            nodeCount += 1
            var count = knapsack.usefulCount(of: index, remaining: remaining)
            while count >= 0 {
                let rest = remaining - Double(count) * knapsack.weights[index]
                let cost = spent + Double(count) * knapsack.costs[index]
                counts[index] = count
                if rest <= 0 {
                    if cost < best {
                        best = cost
                        bestCounts = counts
                    }
                } else {
                    let bound = cost + knapsack.fractionalCost(from: index + 1, remaining: rest)
                    if bound >= best * (1 - relativeGap) || nodeCount >= nodeLimit {
                        openBound = min(openBound, bound)
                        break
                    }
                    descend(to: index + 1, remaining: rest, spent: cost)
                }
                count -= 1
            }
            counts[index] = 0
        }
    }

    /// The search for all minimal covers up to a cost.
    private struct Enumeration {
        let knapsack: CoveringKnapsack
        let costLimit: Double
        let countLimit: Int
        let nodeLimit: Int

        var counts: [Int]
        var found: [[Int]] = []
        var foundCosts: [Double] = []
        var isComplete = true
        var nodeCount = 0

        init(knapsack: CoveringKnapsack, costLimit: Double, countLimit: Int, nodeLimit: Int) {
            self.knapsack = knapsack
            self.costLimit = costLimit
            self.countLimit = countLimit
            self.nodeLimit = nodeLimit
            counts = [Int](repeating: 0, count: knapsack.costs.count)
        }

        mutating func descend(to index: Int, remaining: Double, spent: Double) {
            guard index < counts.count else { return }
            nodeCount += 1
            var count = knapsack.usefulCount(of: index, remaining: remaining)
            while count >= 0 {
                if nodeCount >= nodeLimit || found.count >= countLimit {
                    isComplete = false
                    break
                }
                let rest = remaining - Double(count) * knapsack.weights[index]
                let cost = spent + Double(count) * knapsack.costs[index]
                counts[index] = count
                if rest <= 0 {
                    if cost <= costLimit, isMinimal(excess: -rest, upTo: index) {
                        found.append(counts)
                        foundCosts.append(cost)
                    }
                } else {
                    let bound = cost + knapsack.fractionalCost(from: index + 1, remaining: rest)
                    if bound > costLimit { break }
                    descend(to: index + 1, remaining: rest, spent: cost)
                }
                count -= 1
            }
            counts[index] = 0
        }

        /// Whether each item used is lighter off than what is covered beyond the requirement.
        private func isMinimal(excess: Double, upTo last: Int) -> Bool {
            for index in 0..<last where counts[index] > 0 && knapsack.weights[index] <= excess {
                return false
            }
            return true
        }
    }
}
