import Vocabulary

/// A rule that turns a demand and a fleet into a plan, decision after decision.
///
/// A policy never takes more servers than the fleet has. Where the demand does not fit it returns an `infeasible`
/// plan that names what is missing and serves the rest as well as the policy can. The same request gives the same
/// outcome. Policies are not `Sendable`: some hold a solver, and every task makes its own.
public protocol ProvisioningPolicy {
    /// The name in scenario files and reports.
    static var name: String { get }

    /// The plan for one decision.
    func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome
}

extension ProvisioningPolicy {
    /// The name in scenario files and reports.
    public var name: String { Self.name }
}

/// What a policy is asked.
public struct ProvisioningRequest: Sendable {
    /// The load to cover, headroom included, and the servers to do it with.
    public let problem: ProvisioningProblem
    /// The plan now in force; nil before the first decision.
    public let planInForce: Plan?

    public init(problem: ProvisioningProblem, planInForce: Plan? = nil) {
        self.problem = problem
        self.planInForce = planInForce
    }
}
