import Vocabulary

/// Peak provisioning: one optimal plan for each model's own highest load, held for good.
///
/// This is what a fleet without autoscaling costs, at its best: the peaks are known and the plan is optimal
/// for them.
public struct StaticPolicy: ProvisioningPolicy {
    public static let name = "static"
    public static let knob = PolicyKnob.peak

    private let planner: IntegerProgramPlanner
    private let peakDemand: Demand

    /// - Throws: `solver` where HiGHS cannot be loaded.
    public init(_ configuration: PolicyConfiguration) throws(ProvisioningError) {
        planner = try IntegerProgramPlanner(gap: configuration.gap, limits: configuration.limits)
        peakDemand = configuration.peakDemand
    }

    public func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        if let held = request.planInForce {
            return PlanningOutcome(plan: held, effort: PlanEffort(route: .direct))
        }
        // How full it will be is not known when it is planned, so it is priced as at its peak.
        let peak = try request.problem.replacingDemand(peakDemand)
        return try planner.plan(peak.expecting(peak.loads, needed: peak.loads))
    }
}
