import Quantities
import Vocabulary

/// Target tracking, as the Kubernetes Horizontal Pod Autoscaler does it for each model (kubernetes.io,
/// "Horizontal Pod Autoscaling", algorithm details):
///
///     desired = current * (load / capacity) / target,   unless that ratio is within the tolerance of 1
///
/// Scale-down follows the highest desire of the stabilisation window, scale-up the lowest of its own; both
/// are limited to a share of the replicas for every period gone by. Where the autoscaler has one kind of pod,
/// a model here has servers of several types and counts in capacity: it adds servers of its most efficient
/// free type and gives up those of its least efficient one. The metric is requests per second, which does not
/// saturate as processor time does.
///
/// A model without replicas has no utilisation, so `replicasMin` keeps it from getting stuck at zero.
public struct ReactivePolicy: ProvisioningPolicy {
    public static let name = "reactive"
    public static let view = LoadView.observed

    private let settings: ReactiveSettings

    public init(_ settings: ReactiveSettings = ReactiveSettings()) { self.settings = settings }

    public func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        var memory = PolicyMemory()
        return try plan(request, memory: &memory)
    }

    /// O(models * types log types + servers started).
    public func plan(
        _ request: ProvisioningRequest, memory: inout PolicyMemory
    ) throws(ProvisioningError) -> PlanningOutcome {
        let problem = request.problem
        var scaling = FleetScaling(problem, from: request.planInForce?.allocation)
        let desired = problem.models.indices.map { model -> Double in
            wish(
                load: problem.loads[model], current: scaling.capacity(model),
                replicas: scaling.replicas(model), isFirst: request.planInForce == nil)
        }
        let periods = request.periods(of: settings.period, since: memory.recommendations.last?.at)
        let longest = max(settings.scaleDownWindow, settings.scaleUpWindow)
        memory.recommendations.removeAll { $0.at + longest < request.at }
        memory.recommendations.append(.init(at: request.at, capacities: desired))
        func recommended(_ window: Nanoseconds, _ model: Int) -> [Double] {
            memory.recommendations.filter { $0.at + window >= request.at }.map { $0.capacities[model] }
        }
        // Who shrinks goes first, so that who grows finds free servers.
        for model in problem.models.indices {
            let floor = recommended(settings.scaleDownWindow, model).max() ?? desired[model]
            let replicas = scaling.replicas(model)
            var left = replicas
            for _ in 0..<min(periods, 64) where left > 0 {
                left -= max(1, Int((Double(left) * settings.scaleDownShare.value).rounded(.up)))
            }
            scaling.shrink(
                model, to: floor,
                replicasMin: max(settings.replicasMin, request.planInForce == nil ? 0 : left))
        }
        for model in problem.models.indices {
            let goal = recommended(settings.scaleUpWindow, model).min() ?? desired[model]
            var most = scaling.replicas(model)
            for _ in 0..<min(periods, 64) where most < 1_000_000 {
                most = max(
                    Int(Double(most) * (1 + settings.scaleUpShare.value)), most + settings.scaleUpServers)
            }
            if request.planInForce == nil { most = .max }
            scaling.grow(model, to: goal, replicasMin: settings.replicasMin, replicasMax: most)
        }
        return problem.outcomeByRule(scaling.counts)
    }

    /// The capacity a model should have now, in queries/s.
    private func wish(load: Double, current: Double, replicas: Int, isFirst: Bool) -> Double {
        let goal = load / settings.targetUtilisation.value
        if isFirst { return goal }
        // Without replicas there is no utilisation, and the autoscaler does nothing.
        guard replicas > 0 else { return 0 }
        guard current > 0 else { return goal }
        let ratio = goal / current
        return abs(ratio - 1) <= settings.tolerance.value ? current : goal
    }
}
