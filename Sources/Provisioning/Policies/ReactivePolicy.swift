import Quantities
import Vocabulary

/// Target tracking, as the Kubernetes Horizontal Pod Autoscaler does it for each model (kubernetes.io, "Horizontal Pod
/// Autoscaling", algorithm details):
///
///     desired = current * (load / capacity) / target,   unless that ratio is within the tolerance of 1
///
/// Scale-down follows the highest desire of the stabilisation window, scale-up the lowest of its own; both are limited
/// to a share of the replicas for every period gone by. Where the autoscaler has one kind of pod, a model here has
/// servers of several types and counts in capacity: it adds servers of its most efficient free type and gives up those
/// of its least efficient one. The metric is requests per second, which does not saturate as processor time does.
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
        var scaling = Scaling(problem, from: request.planInForce?.allocation)
        let desired = problem.models.indices.map { model -> Double in
            wish(
                load: problem.loads[model], current: scaling.capacity(model),
                isFirst: request.planInForce == nil)
        }
        let periods = periods(since: memory.recommendations.last?.at, until: request.at)
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
    private func wish(load: Double, current: Double, isFirst: Bool) -> Double {
        let goal = load / settings.targetUtilisation.value
        if isFirst { return goal }
        // Without replicas there is no utilisation, and the autoscaler does nothing.
        guard current > 0 else { return 0 }
        let ratio = goal / current
        return abs(ratio - 1) <= settings.tolerance.value ? current : goal
    }

    private func periods(since last: Nanoseconds?, until now: Nanoseconds) -> Int {
        guard let last else { return 1 }
        return max(1, Int((now - last).count / max(1, settings.period.count)))
    }
}

/// Servers as they are given up and taken.
private struct Scaling {
    let problem: ProvisioningProblem
    private(set) var counts: ProvisioningProblem.Counts
    private var free: [Int]

    /// - Parameter allocation: what runs; more than there is of a type is taken from the last models.
    init(_ problem: ProvisioningProblem, from allocation: Allocation?) {
        self.problem = problem
        counts = problem.noServers
        free = problem.available
        guard let allocation else { return }
        for (model, name) in problem.models.enumerated() {
            for (type, typeName) in problem.serverTypes.enumerated() {
                let kept = min(free[type], allocation[name, typeName])
                counts[problem.index(model: model, serverType: type)] = kept
                free[type] -= kept
            }
        }
    }

    func capacity(_ model: Int) -> Double { problem.capacity(of: counts, model: model) }

    func replicas(_ model: Int) -> Int {
        problem.serverTypes.indices.reduce(0) { $0 + counts[problem.index(model: model, serverType: $1)] }
    }

    /// The types that can serve a model, the most efficient first.
    private func types(_ model: Int) -> [Int] {
        func queriesPerJoule(_ type: Int) -> Double {
            let pair = problem.index(model: model, serverType: type)
            return problem.throughputs[pair] / problem.powers[pair]
        }
        return problem.serverTypes.indices
            .filter { problem.throughputs[problem.index(model: model, serverType: $0)] > 0 }
            .sorted { (-queriesPerJoule($0), $0) < (-queriesPerJoule($1), $1) }
    }

    /// Gives up servers of the least efficient types as long as a capacity and a number of replicas are kept.
    mutating func shrink(_ model: Int, to capacity: Double, replicasMin: Int) {
        let kept = capacity * (1 - ProvisioningProblem.coverageTolerance)
        var spare = self.capacity(model) - kept
        var replicas = replicas(model)
        for type in types(model).reversed() {
            let pair = problem.index(model: model, serverType: type)
            let throughput = problem.throughputs[pair]
            let given = min(counts[pair], replicas - replicasMin, Int(max(0, min(spare / throughput, 1e9))))
            guard given > 0 else { continue }
            counts[pair] -= given
            free[type] += given
            spare -= Double(given) * throughput
            replicas -= given
        }
    }

    /// Takes servers of the most efficient free types until a capacity and a number of replicas are reached.
    mutating func grow(_ model: Int, to capacity: Double, replicasMin: Int, replicasMax: Int) {
        var lack = capacity * (1 - ProvisioningProblem.coverageTolerance) - self.capacity(model)
        var replicas = replicas(model)
        for type in types(model) {
            let pair = problem.index(model: model, serverType: type)
            let throughput = problem.throughputs[pair]
            let wanted = max(
                replicasMin - replicas, lack > 0 ? Int(min((lack / throughput).rounded(.up), 1e9)) : 0)
            let taken = min(wanted, free[type], replicasMax - replicas)
            guard taken > 0 else { continue }
            counts[pair] += taken
            free[type] -= taken
            lack -= Double(taken) * throughput
            replicas += taken
        }
    }
}
