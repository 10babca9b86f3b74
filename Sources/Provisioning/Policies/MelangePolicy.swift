import Vocabulary

/// Cost alone, model by model, after Melange (Griggs et al., arXiv 2404.14527): its program with one bucket
/// of request lengths, as efficiency entries have one rate.
///
///     min sum_h cost[h] y_h,   y_h = ceil(x_h load / slices / qps[h]),   sum_h x_h = slices
///
/// The load is cut into slices, each served by one type; the program supposes that there are as many servers
/// of every type as it asks for. What the fleet does not have is left out of its answer, model by model in
/// name order, so that a fleet with few servers of a cheap type leaves load unserved: the program does not
/// know of it.
public struct MelangePolicy: ProvisioningPolicy {
    public static let name = "melange"

    /// As in its examples.
    static let slices = 8

    public init() {}

    /// O(models * types * slices^2).
    public func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        let problem = request.problem
        var counts = problem.noServers
        var free = problem.available
        for model in problem.models.indices {
            for (type, wanted) in Self.cheapest(problem, model).enumerated() {
                let taken = min(wanted, free[type])
                counts[problem.index(model: model, serverType: type)] = taken
                free[type] -= taken
            }
        }
        return problem.outcomeByRule(counts)
    }

    /// The cheapest servers of each type for a model, were there any number of them.
    static func cheapest(_ problem: ProvisioningProblem, _ model: Int) -> [Int] {
        let types = problem.serverTypes.indices
        var none = types.map { _ in 0 }
        let load = problem.loads[model]
        guard load > 0 else { return none }
        // By slices served so far: the least cost, and how many of the last type's slices it takes.
        var costs = [0] + Array(repeating: Double.infinity, count: slices)
        var taken: [[Int]] = []
        func servers(_ type: Int, _ share: Int) -> Double {
            let pair = problem.index(model: model, serverType: type)
            return
                (Double(share) * load / Double(slices) / problem.throughputs[pair]
                * (1 - Coverage.tolerance)).rounded(.up)
        }
        for type in types {
            var (next, choice) = (costs, Array(repeating: 0, count: slices + 1))
            if problem.canServe(model, with: type) {
                let each = problem.rankingCosts[problem.index(model: model, serverType: type)]
                for whole in 1...slices {
                    for share in 1...whole {
                        let cost = costs[whole - share] + each * servers(type, share)
                        if cost < next[whole] { (next[whole], choice[whole]) = (cost, share) }
                    }
                }
            }
            costs = next
            taken.append(choice)
        }
        guard costs[slices].isFinite else { return none }
        var left = slices
        for type in types.reversed() where left > 0 {
            let share = taken[type][left]
            if share > 0 { none[type] = Int(min(servers(type, share), 1e9)) }
            left -= share
        }
        return none
    }
}
