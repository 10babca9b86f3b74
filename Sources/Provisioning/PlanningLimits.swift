import Quantities

/// How long the planner searches. All but `solverTime` are counts, so that a plan does not depend on the machine.
public struct PlanningLimits: Hashable, Sendable {
    /// Nodes of one covering knapsack's search tree.
    public var knapsackNodes: Int
    /// Nearly cheapest covers listed for one model.
    public var coversPerModel: Int
    /// Nodes of one search over combinations of covers.
    public var combinationNodes: Int
    /// Rounds of column generation for better prices.
    public var pricingRounds: Int
    /// Branch-and-bound nodes of one integer program in the solver.
    public var solverNodes: Int
    /// The last resort against a solve that does not end; a plan cut off by it is not reproducible.
    public var solverTime: Nanoseconds

    public init(
        knapsackNodes: Int = 200_000, coversPerModel: Int = 20_000, combinationNodes: Int = 200_000,
        pricingRounds: Int = 20, solverNodes: Int = 1_000, solverTime: Nanoseconds = Nanoseconds(seconds: 60)
    ) {
        self.knapsackNodes = knapsackNodes
        self.coversPerModel = coversPerModel
        self.combinationNodes = combinationNodes
        self.pricingRounds = pricingRounds
        self.solverNodes = solverNodes
        self.solverTime = solverTime
    }
}
