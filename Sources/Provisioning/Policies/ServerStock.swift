/// The servers still free and the loads still uncovered while a policy hands servers out.
struct ServerStock {
    let problem: ProvisioningProblem
    /// What was handed out.
    private(set) var counts: ProvisioningProblem.Counts
    private var free: [Int]
    /// Capacity that each model keeps whatever one failure takes, in queries/s.
    private var capacity: [Double]

    init(_ problem: ProvisioningProblem) {
        self.problem = problem
        counts = problem.noServers
        free = problem.available
        capacity = problem.models.map { _ in 0 }
    }

    /// Whether a model has load that the servers handed out to it do not serve.
    func isUncovered(_ model: Int) -> Bool { !problem.isServed(model: model, by: capacity[model]) }

    /// The free types that serve an uncovered model most efficiently, best first, ties by name; none for a
    /// model that is covered.
    func mostEfficientTypes(for model: Int, count: Int) -> [Int] {
        guard isUncovered(model) else { return [] }
        let usable = free.indices.filter { free[$0] > 0 }
        return Array(problem.mostEfficient(usable, for: model).prefix(count))
    }

    /// Hands out the smallest number of servers of a type that covers the rest of a model's load, or all
    /// there are.
    mutating func cover(_ model: Int, with serverType: Int) {
        let needed = problem.serversToCover(
            problem.loads[model] - capacity[model], model: model, serverType: serverType)
        take(min(free[serverType], needed), of: serverType, for: model)
    }

    /// Hands out one server.
    /// - Precondition: one is free.
    mutating func takeOne(_ serverType: Int, for model: Int) { take(1, of: serverType, for: model) }

    private mutating func take(_ count: Int, of serverType: Int, for model: Int) {
        precondition(count <= free[serverType], "only free servers are handed out")
        let pair = problem.index(model: model, serverType: serverType)
        counts[pair] += count
        free[serverType] -= count
        capacity[model] = problem.assuredCapacity(of: counts, model: model)
    }
}

extension ProvisioningProblem {
    /// The outcome of a rule of thumb: nothing was solved, and nothing is proven.
    func outcomeByRule(_ counts: Counts) -> PlanningOutcome {
        PlanningOutcome(plan: plan(counts, bound: nil, gap: 0), effort: PlanEffort(route: .direct))
    }
}
