/// The integer covering knapsack
///
///     minimise    sum_j  c_j n_j
///     subject to  sum_j  a_j n_j >= b
///                 0 <= n_j <= u_j, n_j integer
///
/// solved exactly by depth-first branch and bound (Martello and Toth, Knapsack Problems, 1990, chapter 3, in
/// its covering form): items in the order of cost per weight, the count of each tried from the highest useful
/// one downwards, and a branch dropped when the fractional completion of it is too dear. With the better
/// items' counts fixed, that completion only grows as a count falls, so one dear count ends its whole loop.
///
/// Exponential in the worst case; a node limit keeps it short and the bound sound. A node costs O(1) for most
/// and O(items) at worst. ``KnapsackSearch`` is the same without an allocation for each knapsack.
public struct CoveringKnapsack: Sendable {
    private let costs: [Double]
    private let weights: [Double]
    private let limits: [Int]
    private let requirement: Double
    private let conditions: KnapsackSearch.SideConditions
    private let failure: CoverFailure?

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

    /// A knapsack over items given by three arrays of one length. Items without weight or with a limit of 0
    /// are never used.
    ///
    /// - Parameters:
    ///   - leastCount: a cover has at least so many items.
    ///   - mostKinds: a cover has items of at most so many kinds.
    /// - Precondition: the arrays have one length, costs are not negative, and the requirement is positive.
    public init(
        costs: [Double], weights: [Double], limits: [Int], requirement: Double, leastCount: Int = 0,
        mostKinds: Int = .max
    ) {
        self.init(
            costs: costs, weights: weights, limits: limits, requirement: requirement, leastCount: leastCount,
            mostKinds: mostKinds, failure: nil)
    }

    /// The same, where a cover also covers without what one failure takes of it.
    package init(
        costs: [Double], weights: [Double], limits: [Int], requirement: Double, leastCount: Int = 0,
        mostKinds: Int = .max, failure: CoverFailure?
    ) {
        precondition(costs.count == weights.count && weights.count == limits.count, "one entry per item")
        precondition(costs.allSatisfy { $0 >= 0 } && requirement > 0, "costs and the requirement have a sign")
        self.costs = costs
        self.weights = weights
        self.limits = limits
        self.requirement = requirement
        self.failure = failure
        conditions = KnapsackSearch.SideConditions(leastCount: leastCount, mostKinds: mostKinds)
    }

    /// The cheapest cover, or one within a relative gap of it; nil where none covers, or where with a limit
    /// on kinds none was found within the node limit.
    ///
    /// - Parameter relativeGap: branches that could gain less than this share of the best cost are dropped.
    /// - Parameter nodeLimit: after so many nodes the rest of the tree only contributes to the bound.
    public func solve(relativeGap: Double = 0, nodeLimit: Int = 100_000) -> Solution? {
        let search = prepared()
        guard let result = search.minimise(relativeGap: relativeGap, nodeLimit: nodeLimit) else { return nil }
        return Solution(
            counts: Self.counts(costs.count) { search.writeBest(to: $0) }, cost: result.cost,
            bound: result.bound, nodeCount: result.nodeCount)
    }

    /// Every minimal cover (one that covers no more when any item is taken out) of at most the given cost.
    ///
    /// - Parameter countLimit: the enumeration gives up beyond so many covers, or so many nodes.
    public func covers(costingAtMost cost: Double, countLimit: Int, nodeLimit: Int) -> Covers {
        let search = prepared()
        let listing = search.list(costingAtMost: cost, coverLimit: countLimit, nodeLimit: nodeLimit)
        return Covers(
            counts: listing.costs.indices.map { cover in
                Self.counts(costs.count) { search.writeListed(cover, to: $0) }
            }, costs: listing.costs, isComplete: listing.isComplete, nodeCount: listing.nodeCount)
    }

    private func prepared() -> KnapsackSearch {
        let search = KnapsackSearch(capacity: costs.count)
        var order = costs.indices.map(Int32.init)
        order.withUnsafeMutableBufferPointer { order in
            guard let order = order.baseAddress else { return }
            search.prepare(
                costs: costs, weights: weights, limits: limits, count: costs.count,
                requirement: requirement, conditions: conditions, failure: failure, order: order)
        }
        return search
    }

    private static func counts(_ count: Int, _ write: (UnsafeMutablePointer<Int>) -> Void) -> [Int] {
        [Int](unsafeUninitializedCapacity: count) { buffer, initialised in
            if let base = buffer.baseAddress { write(base) }
            initialised = count
        }
    }
}
