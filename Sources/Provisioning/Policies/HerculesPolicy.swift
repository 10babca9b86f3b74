/// The heterogeneity-aware policy: the integer program of least power, solved anew for every decision
/// (Hercules, Ke et al., HPCA 2022, section on cluster provisioning).
public struct HerculesPolicy: ProvisioningPolicy {
    public static let name = "hercules"
    public static let weighsSwitching = true
    public static let knob = PolicyKnob.risk

    private let planner: IntegerProgramPlanner

    /// - Throws: `solver` where HiGHS cannot be loaded.
    public init(_ configuration: PolicyConfiguration) throws(ProvisioningError) {
        planner = try IntegerProgramPlanner(gap: configuration.gap, limits: configuration.limits)
    }

    public func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        try planner.plan(request.problem)
    }

    public func plan(
        _ request: ProvisioningRequest, memory: inout PolicyMemory
    ) throws(ProvisioningError) -> PlanningOutcome {
        try planner.plan(request.problem, memory: &memory.planning, isTrial: request.isTrial)
    }
}
