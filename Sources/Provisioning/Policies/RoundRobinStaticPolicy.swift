import Vocabulary

/// Peak provisioning for a front end that sends every server equally many queries: a fleet is then worth its
/// slowest server as often as it has servers.
///
/// For each model in name order, at its own highest load, the cheapest servers are taken among those that are
/// no slower than some type, for the type that makes them cheapest; they are held for good. What a plan
/// counts as capacity is the sum of throughputs, as elsewhere: a mixed fleet has more than it can use.
public struct RoundRobinStaticPolicy: ProvisioningPolicy {
    public static let name = "round-robin-static"
    public static let knob = PolicyKnob.peak

    private let peakDemand: Demand

    public init(peakDemand: Demand) { self.peakDemand = peakDemand }

    /// O(models * types^2 log types) for the first plan.
    public func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        if let held = request.planInForce {
            return PlanningOutcome(plan: held, effort: PlanEffort(route: .direct))
        }
        let peak = try request.problem.replacingDemand(peakDemand)
        // How full it will be is not known when it is planned, so it is priced as at its peak.
        let problem = peak.expecting(peak.loads, needed: peak.loads)
        var counts = problem.noServers
        var free = problem.available
        for model in problem.models.indices where problem.loads[model] > 0 {
            let chosen = Self.choice(problem, model, free: free)
            for type in free.indices {
                counts[problem.index(model: model, serverType: type)] = chosen[type]
                free[type] -= chosen[type]
            }
        }
        return problem.outcomeByRule(counts)
    }

    /// The cheapest servers of each type whose number times the slowest covers a load; where none do, those
    /// that come nearest.
    private static func choice(_ problem: ProvisioningProblem, _ model: Int, free: [Int]) -> [Int] {
        func pair(_ type: Int) -> Int { problem.index(model: model, serverType: type) }
        let usable = free.indices.filter { problem.canServe(model, with: $0) && free[$0] > 0 }
        var best = (served: 0.0, cost: Double.infinity, counts: free.map { _ in 0 })
        for slowest in usable {
            let speed = problem.throughputs[pair(slowest)]
            let cheapestFirst = usable.filter { problem.throughputs[pair($0)] >= speed }
                .sorted { (problem.rankingCosts[pair($0)], $0) < (problem.rankingCosts[pair($1)], $1) }
            var left = Int(
                min((problem.loads[model] * (1 - Coverage.tolerance) / speed).rounded(.up), 1e9))
            var (counts, cost, taken) = (free.map { _ in 0 }, 0.0, 0)
            for type in cheapestFirst where left > 0 {
                counts[type] = min(left, free[type])
                left -= counts[type]
                taken += counts[type]
                cost += Double(counts[type]) * problem.rankingCosts[pair(type)]
            }
            let served = left == 0 ? problem.loads[model] : Double(taken) * speed
            if served > best.served || served == best.served && cost < best.cost {
                best = (served, cost, counts)
            }
        }
        return best.counts
    }
}
