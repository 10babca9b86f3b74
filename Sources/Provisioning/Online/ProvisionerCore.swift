import Quantities
import Vocabulary

/// The online decision, in four steps: forecast the load, estimate the headroom R on it from history, bound both to
/// what the fleet can hold, and ask the policy; then say what has to change.
///
/// State and an event go in, a new state and actions come out: no clock, no input or output, so that a replay and a
/// live controller drive the same code.
public struct ProvisionerCore {
    private let policy: any ProvisioningPolicy
    private let problem: ProvisioningProblem
    private let rule: OverProvisionRule

    /// A core for one policy on one fleet.
    ///
    /// - Parameters:
    ///   - problem: the fleet and the models; its demand does not matter.
    ///   - rule: how R follows from history.
    public init(policy: any ProvisioningPolicy, problem: ProvisioningProblem, rule: OverProvisionRule) {
        self.policy = policy
        self.problem = problem
        self.rule = rule
    }

    /// Answers an event; the same state and event give the same decision.
    ///
    /// - Throws: `missingObservation` for a model without a load, `invalidLoad`, and what the policy throws.
    /// - Precondition: intervals start in ascending order.
    public func decide(
        _ state: ProvisionerState, _ event: ProvisionerEvent
    ) throws(ProvisioningError) -> ProvisionerDecision {
        switch event {
        case .intervalStarting(let index, let observed):
            precondition(state.lastIndex.map { $0 < index } ?? true, "intervals start in ascending order")
            let seen = try problem.replacingDemand(observed)
            var next = state
            next.lastIndex = index
            next.history = remembering(seen.demand, in: state.history)
            let forecast = Self.lastValue(seen.demand)
            let rates = next.history.mapValues(rule.rate(after:))
            let (outcome, share) = try plan(for: forecast, rates: rates, after: state)
            next.planInForce = outcome.plan
            next.allocation = outcome.plan.allocation
            return ProvisionerDecision(
                state: next, actions: ProvisionerAction.changes(from: state.allocation, to: next.allocation),
                plan: outcome.plan, effort: outcome.effort, forecast: forecast, overProvision: rates,
                headroomShare: Fraction(share))
        }
    }

    private func remembering(
        _ observed: Demand, in history: [ModelID: [QueriesPerSecond]]
    ) -> [ModelID: [QueriesPerSecond]] {
        var history = history
        for (model, load) in observed.loads {
            history[model] = Array((history[model, default: []] + [load]).suffix(rule.window + 1))
        }
        return history
    }

    /// The forecast: the next interval is like the last.
    private static func lastValue(_ observed: Demand) -> Demand { observed }

    /// Asks the policy for the forecast with headroom. Where that does not fit the fleet, headroom is given up
    /// before load: with all of it the policy might serve one model 1 + R times over and another not at all.
    private func plan(
        for forecast: Demand, rates: [ModelID: Fraction], after state: ProvisionerState
    ) throws(ProvisioningError) -> (outcome: PlanningOutcome, headroomShare: Double) {
        func attempt(_ share: Double) throws(ProvisioningError) -> PlanningOutcome {
            var needed = forecast
            for (model, load) in forecast.loads {
                needed.loads[model] = load * (1 + share * (rates[model]?.value ?? 0))
            }
            return try policy.plan(
                ProvisioningRequest(
                    problem: try problem.replacingDemand(needed), planInForce: state.planInForce))
        }
        let full = try attempt(1)
        guard full.plan.status == .infeasible, rates.values.contains(where: { $0 > .zero }) else {
            return (full, 1)
        }
        let bare = try attempt(0)
        guard bare.plan.status != .infeasible else { return (bare, 0) }
        let half = try attempt(0.5)
        return half.plan.status == .infeasible ? (bare, 0) : (half, 0.5)
    }
}
