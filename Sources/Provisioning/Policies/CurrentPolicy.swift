import Quantities
import Vocabulary

/// What runs today, as the scenario states it: the allocation that savings are measured from. It follows its
/// own schedule, whatever the load.
public struct CurrentPolicy: ProvisioningPolicy {
    public static let name = "current"
    public static let view = LoadView.observed
    public static let knob = PolicyKnob.none

    private let schedule: CurrentAllocation
    private let traceStart: Int64

    /// - Throws: `needsCurrent` where the configuration names no allocation.
    public init(_ configuration: PolicyConfiguration) throws(ProvisioningError) {
        guard let schedule = configuration.current else { throw .needsCurrent }
        self.schedule = schedule
        traceStart = configuration.traceStart
    }

    /// O(models * types). Servers that the allocation has beyond the fleet, or of a type that cannot run the
    /// model, are left out.
    public func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        let problem = request.problem
        let allocation = schedule.allocation(at: request.at, traceStart: traceStart)
        var counts = problem.noServers
        var free = problem.available
        for (model, id) in problem.models.enumerated() {
            for (type, typeID) in problem.serverTypes.enumerated()
            where problem.canServe(model, with: type) {
                let count = min(allocation[id, typeID], free[type])
                counts[problem.index(model: model, serverType: type)] = count
                free[type] -= count
            }
        }
        return problem.outcomeByRule(counts)
    }
}
