import Quantities

/// How long the planner searches. All but `solverTime` are counts, so that a plan does not depend on the
/// machine.
public struct PlanningLimits: Hashable, Sendable {
    /// Nodes of one covering knapsack's search tree.
    public var knapsackNodes: Int
    /// Nodes of one knapsack's search tree in a local exchange, where only the find counts and not the proof.
    public var exchangeNodes: Int
    /// Subgradient steps towards better prices, spread over the descents; as many more beside the annealing.
    public var priceSteps: Int
    /// Descents from the covers at the best prices to allocations; 0 for none.
    public var descents: Int
    /// Annealing moves for each model in the longest of the searches for a choice of covers; 0 for none.
    public var annealingMoves: Int
    /// Nearly cheapest covers of one model that annealing chooses from.
    public var poolCovers: Int
    /// Nodes of one listing of them.
    public var poolNodes: Int
    /// Nearly cheapest covers listed for one model before their combinations are searched.
    public var coversPerModel: Int
    /// Nodes of one search over combinations of covers.
    public var combinationNodes: Int
    /// Branch-and-bound nodes of one integer program in the solver; 0 for no last resort.
    public var solverNodes: Int
    /// Pairs of models and server types up to which the solver is asked to branch once an allocation is
    /// known: beyond, its bound does not move in any useful time.
    public var solverPairs: Int
    /// The last resort against a solve that does not end; a plan cut off by it is not reproducible.
    public var solverTime: Nanoseconds

    public init(
        knapsackNodes: Int = 200_000, exchangeNodes: Int = 5_000, priceSteps: Int = 300, descents: Int = 12,
        annealingMoves: Int = 80_000, poolCovers: Int = 50, poolNodes: Int = 150_000,
        coversPerModel: Int = 400_000, combinationNodes: Int = 5_000_000, solverNodes: Int = 2_000,
        solverPairs: Int = 1_000, solverTime: Nanoseconds = Nanoseconds(seconds: 60)
    ) {
        self.knapsackNodes = knapsackNodes
        self.exchangeNodes = exchangeNodes
        self.priceSteps = priceSteps
        self.descents = descents
        self.annealingMoves = annealingMoves
        self.poolCovers = poolCovers
        self.poolNodes = poolNodes
        self.coversPerModel = coversPerModel
        self.combinationNodes = combinationNodes
        self.solverNodes = solverNodes
        self.solverPairs = solverPairs
        self.solverTime = solverTime
    }

    /// Where another demand is asked for if this one does not fit: no solver, and few combinations.
    var ofTrial: PlanningLimits {
        var limits = self
        limits.solverNodes = 0
        limits.combinationNodes = min(combinationNodes, 250_000)
        limits.coversPerModel = min(coversPerModel, 20_000)
        return limits
    }
}
