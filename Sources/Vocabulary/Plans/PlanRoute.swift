/// Which step of the planner settled a plan.
public enum PlanRoute: String, Codable, Sendable, CaseIterable {
    /// No program was solved: a rule of thumb, or nothing to serve.
    case direct
    /// Each model's cheapest servers fit into the fleet together.
    case uncontested
    /// The prices remembered from an earlier plan bounded this one closely enough.
    case remembered
    /// Better prices and exchanges at them bounded the plan closely enough.
    case priced
    /// A choice among the models' nearly cheapest covers came close enough to the bound.
    case annealed
    /// All combinations of the models' nearly cheapest covers were searched.
    case combined
    /// The solver branched.
    case branched
    /// The demand does not fit; the unserved load was minimised.
    case shortfall
    /// The planner failed; the plan in force covers the load.
    case kept
    /// The planner failed, and a rule of thumb planned in its place.
    case greedy
}
