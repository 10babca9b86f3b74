import Vocabulary

/// The integer program with the load that will come instead of a forecast, and no headroom: the least power
/// that any policy could set aside with such decisions. A replay's lower bound, not a controller.
public struct OraclePolicy: ProvisioningPolicy {
    public static let name = "oracle"
    public static let weighsSwitching = true
    public static let view = LoadView.truth

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
