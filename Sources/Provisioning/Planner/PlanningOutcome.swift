import Vocabulary

/// A plan and what it took to find it.
public struct PlanningOutcome: Hashable, Sendable {
    public let plan: Plan
    public let effort: PlanEffort
    /// Where a plan for a similar demand may start from; nil where nothing useful was found out.
    public let memory: PlanningMemory?

    public init(plan: Plan, effort: PlanEffort, memory: PlanningMemory? = nil) {
        self.plan = plan
        self.effort = effort
        self.memory = memory
    }
}

/// What a plan leaves behind for the next one: the prices of the server types at its best bound, and its
/// allocation.
///
/// A value like any other: a plan depends on its problem and on the memory it is given, and on nothing else.
public struct PlanningMemory: Hashable, Codable, Sendable {
    /// The models and the server types it is about; of no use to a problem with others.
    let models: [ModelID]
    let serverTypes: [ServerTypeID]
    /// price[h], in the unit of the objective.
    let prices: [Double]
    /// N[h,m].
    let counts: ProvisioningProblem.Counts

    func fits(_ problem: ProvisioningProblem) -> Bool {
        models == problem.models && serverTypes == problem.serverTypes
    }
}

/// What a planner did to find a plan, in counts that are the same on every machine.
public struct PlanEffort: Hashable, Codable, Sendable {
    /// Which step settled the plan.
    public var route: PlanRoute
    /// Linear programs solved.
    public var linearPrograms = 0
    /// Covering knapsacks solved or enumerated.
    public var knapsacks = 0
    /// Nodes of all their search trees.
    public var knapsackNodes = 0
    /// Subgradient steps on the prices.
    public var priceSteps = 0
    /// Passes over all models in which covers that do not fit together are made to.
    public var descentPasses = 0
    /// Moves of annealing over choices of covers.
    public var annealingMoves = 0
    /// Nodes of the search over combinations of covers.
    public var combinationNodes = 0
    /// Integer programs handed to the solver.
    public var integerPrograms = 0
    /// Branch-and-bound nodes that the solver visited.
    public var solverNodes = 0

    public init(route: PlanRoute) { self.route = route }
}
