import Vocabulary

/// A plan and what it took to find it.
public struct PlanningOutcome: Hashable, Sendable {
    public let plan: Plan
    public let effort: PlanEffort

    public init(plan: Plan, effort: PlanEffort) {
        self.plan = plan
        self.effort = effort
    }
}

/// What a planner did to find a plan, in counts that are the same on every machine.
public struct PlanEffort: Hashable, Codable, Sendable {
    /// Which step settled the plan.
    public enum Route: String, Codable, Sendable, CaseIterable {
        /// No program was solved: a rule of thumb, or nothing to serve.
        case direct
        /// Each model's cheapest servers fit into the fleet together.
        case uncontested
        /// The relaxation's prices bounded the plan closely enough.
        case priced
        /// All combinations of the models' nearly cheapest covers were searched.
        case combined
        /// The solver branched.
        case branched
        /// The demand does not fit; the unserved load was minimised.
        case shortfall
    }

    public var route: Route
    /// Linear programs solved.
    public var linearPrograms = 0
    /// Covering knapsacks solved or enumerated.
    public var knapsacks = 0
    /// Nodes of all their search trees.
    public var knapsackNodes = 0
    /// Nodes of the search over combinations of covers.
    public var combinationNodes = 0
    /// Integer programs handed to the solver.
    public var integerPrograms = 0
    /// Branch-and-bound nodes that the solver visited.
    public var solverNodes = 0

    public init(route: Route) { self.route = route }
}
