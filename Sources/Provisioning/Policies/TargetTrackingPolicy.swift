import Quantities
import Vocabulary

/// Scaling by an engine's memory and queue, one server at a time: after the saturation analysis of llm-d's
/// workload variant autoscaler and the load planner of Dynamo.
///
/// In every period a model gets one more server where the use of the memory for keys and values is above the
/// threshold less the spare, or requests queue; it gives one up where the others would stay below. It adds
/// its most efficient free type and gives up its least efficient one, as llm-d's takes the cheapest variant.
///
/// A replay of loads has no memory to look at. Use is taken as the load over what the servers are trusted
/// with: at that rate engines are as full as their limits let them be. Requests queue where the load is
/// beyond it.
public struct TargetTrackingPolicy: ProvisioningPolicy {
    public static let name = "target-tracking"
    public static let view = LoadView.observed
    public static let knob = PolicyKnob.memoryUse

    private let settings: TrackingSettings
    /// More steps than that lead nowhere.
    private static let stepsMax = 10_000

    public init(_ settings: TrackingSettings = TrackingSettings()) { self.settings = settings }

    public func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        var memory = PolicyMemory()
        return try plan(request, memory: &memory)
    }

    /// O(models * (types log types + servers that come or go)).
    public func plan(
        _ request: ProvisioningRequest, memory: inout PolicyMemory
    ) throws(ProvisioningError) -> PlanningOutcome {
        let problem = request.problem
        var scaling = FleetScaling(problem, from: request.planInForce?.allocation)
        let steps = min(
            Self.stepsMax, request.periods(of: settings.period, since: memory.recommendations.last?.at))
        memory.recommendations = [
            .init(at: request.at, capacities: problem.models.indices.map { wanted(problem.loads[$0]) })
        ]
        // Who shrinks goes first, so that who grows finds free servers.
        for model in problem.models.indices where request.planInForce != nil {
            for _ in 0..<steps where !isFull(scaling, model) {
                let before = scaling.replicas(model)
                scaling.shrink(
                    model, to: wanted(problem.loads[model]),
                    replicasMin: max(settings.replicasMin, before - 1))
                if scaling.replicas(model) == before { break }
            }
        }
        for model in problem.models.indices {
            guard request.planInForce != nil else {
                scaling.grow(
                    model, to: wanted(problem.loads[model]), replicasMin: settings.replicasMin,
                    replicasMax: .max)
                continue
            }
            for _ in 0..<steps where isFull(scaling, model) {
                let before = scaling.replicas(model)
                // Whatever its capacity, one more server.
                scaling.grow(model, to: 1e15, replicasMin: settings.replicasMin, replicasMax: before + 1)
                if scaling.replicas(model) == before { break }
            }
        }
        return problem.outcomeByRule(scaling.counts)
    }

    /// The capacity at which the memory is used as far as the threshold.
    private func wanted(_ load: Double) -> Double { load / settings.scaleUpAbove }

    private func isFull(_ scaling: FleetScaling, _ model: Int) -> Bool {
        let load = scaling.problem.loads[model]
        return load > scaling.capacity(model) * settings.scaleUpAbove * (1 + Coverage.tolerance)
            || scaling.replicas(model) < settings.replicasMin
    }
}
