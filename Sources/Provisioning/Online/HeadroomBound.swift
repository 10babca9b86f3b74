import Quantities
import Vocabulary

/// The third step of a decision: how much of the headroom the fleet can hold.
enum HeadroomBound {
    /// What came of asking the policy.
    struct Bounded {
        let outcome: PlanningOutcome
        /// The load the plan was asked for, in queries/s, in the order of the models.
        let needed: [Double]
        /// The share of R that the plan was made with.
        let share: Double
    }

    /// Asks the policy for the forecast with headroom. Where that does not fit the fleet, headroom is given
    /// up before load: with all of it the policy might serve one model 1 + R times over and another not at
    /// all.
    static func plan(
        forecast: [Double], rates: [Fraction], problem: ProvisioningProblem,
        ask: (ProvisioningProblem) throws(ProvisioningError) -> PlanningOutcome
    ) throws(ProvisioningError) -> Bounded {
        func attempt(_ share: Double) throws(ProvisioningError) -> Bounded {
            let needed = zip(forecast, rates).map { $0 * (1 + share * $1.value) }
            let outcome = try ask(problem.replacingLoads(needed))
            return Bounded(outcome: outcome, needed: needed, share: share)
        }
        let full = try attempt(1)
        guard full.outcome.plan.status == .infeasible, rates.contains(where: { $0 > .zero }) else {
            return full
        }
        let bare = try attempt(0)
        guard bare.outcome.plan.status != .infeasible else { return bare }
        let half = try attempt(0.5)
        return half.outcome.plan.status == .infeasible ? bare : half
    }
}
