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

    /// How often the share between what fits and what does not is halved.
    private static let halvings = 3

    /// Asks the policy for the forecast with headroom. Where that does not fit the fleet, headroom is given
    /// up before load: with all of it the policy might serve one model 1 + R times over and another not at
    /// all. As much of it is kept as fits, up to an eighth.
    ///
    /// - Parameter ask: asks the policy; whether it is a trial, of which only an answer that fits is used.
    static func plan(
        forecast: [Double], rates: [Fraction], problem: ProvisioningProblem,
        ask: (ProvisioningProblem, _ isTrial: Bool) throws(ProvisioningError) -> PlanningOutcome
    ) throws(ProvisioningError) -> Bounded {
        func attempt(_ share: Double, isTrial: Bool) throws(ProvisioningError) -> Bounded {
            let needed = zip(forecast, rates).map { $0 * (1 + share * $1.value) }
            let outcome = try ask(problem.replacingLoads(needed), isTrial)
            return Bounded(outcome: outcome, needed: needed, share: share)
        }
        let hasHeadroom = rates.contains { $0 > .zero }
        let full = try attempt(1, isTrial: hasHeadroom)
        guard full.outcome.plan.status == .infeasible, hasHeadroom else { return full }
        var fitting = try attempt(0, isTrial: false)
        guard fitting.outcome.plan.status != .infeasible else { return fitting }
        var excess = full.share
        for _ in 0..<halvings {
            let middle = try attempt((fitting.share + excess) / 2, isTrial: true)
            if middle.outcome.plan.status == .infeasible {
                excess = middle.share
            } else {
                fitting = middle
            }
        }
        return fitting
    }
}
