import Vocabulary

/// A policy that answers even where its planner cannot: with the plan in force while that covers the load,
/// and else with the greedy allocation. The route says which. A fleet that nobody decides for is worse than
/// one that is a little larger than it has to be.
package struct FallbackPolicy<Base: ProvisioningPolicy>: ProvisioningPolicy {
    package static var name: String { Base.name }
    package static var view: LoadView { Base.view }
    package static var weighsSwitching: Bool { Base.weighsSwitching }
    package static var knob: PolicyKnob { Base.knob }

    private let base: Base?

    /// - Parameter base: nil where it could not even be made.
    package init(base: Base?) { self.base = base }

    package func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        var memory = PolicyMemory()
        return try plan(request, memory: &memory)
    }

    package func plan(
        _ request: ProvisioningRequest, memory: inout PolicyMemory
    ) throws(ProvisioningError) -> PlanningOutcome {
        if let base {
            let before = memory
            do { return try base.plan(request, memory: &memory) } catch { memory = before }
        }
        let problem = request.problem
        if let inForce = request.planInForce {
            let counts = problem.counts(of: inForce.allocation)
            if problem.isSatisfied(by: counts) { return outcome(counts, .kept, problem) }
        }
        return outcome(GreedyPolicy.allocate(problem), .greedy, problem)
    }

    private func outcome(
        _ counts: ProvisioningProblem.Counts, _ route: PlanRoute, _ problem: ProvisioningProblem
    ) -> PlanningOutcome {
        PlanningOutcome(
            plan: problem.plan(counts, bound: nil, gap: 0), effort: PlanEffort(route: route))
    }
}

extension ProvisioningPolicies {
    /// The policy of a name, which answers also where its planner fails or its solver is missing.
    /// - Throws: `unknownPolicy` with the known names.
    public static func steadfast(
        named name: String, configuration: PolicyConfiguration
    ) throws(ProvisioningError) -> any ProvisioningPolicy {
        func wrapped(_ policy: some ProvisioningPolicy) -> any ProvisioningPolicy {
            FallbackPolicy(base: policy)
        }
        do {
            return wrapped(try named(name, configuration: configuration))
        } catch {
            guard case .solver = error, name == HerculesPolicy.name else { throw error }
            return FallbackPolicy<HerculesPolicy>(base: nil)
        }
    }
}
