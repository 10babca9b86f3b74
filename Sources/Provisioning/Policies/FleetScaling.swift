import Vocabulary

/// Servers as they are given up and taken, model by model, to follow a load without a new plan.
struct FleetScaling {
    let problem: ProvisioningProblem
    private(set) var counts: ProvisioningProblem.Counts
    private var free: [Int]

    /// - Parameter allocation: what runs; more than there is of a type is taken from the last models.
    init(_ problem: ProvisioningProblem, from allocation: Allocation?) {
        self.init(problem, from: allocation.map { problem.counts(of: $0) } ?? problem.noServers)
    }

    /// - Parameter running: what runs, as N[m, h]; more than there is of a type is taken from the last
    ///   models.
    init(_ problem: ProvisioningProblem, from running: ProvisioningProblem.Counts) {
        self.problem = problem
        counts = problem.noServers
        free = problem.available
        for pair in running.indices {
            let kept = min(free[pair % free.count], running[pair])
            counts[pair] = kept
            free[pair % free.count] -= kept
        }
    }

    /// What a model keeps whatever one failure takes.
    func capacity(_ model: Int) -> Double { problem.assuredCapacity(of: counts, model: model) }

    func replicas(_ model: Int) -> Int {
        problem.serverTypes.indices.reduce(0) { $0 + counts[problem.index(model: model, serverType: $1)] }
    }

    /// The types that can serve a model, the most efficient first.
    private func types(_ model: Int) -> [Int] {
        problem.mostEfficient(problem.serverTypes.indices, for: model)
    }

    /// Gives up servers of the least efficient types as long as a capacity and a number of replicas are kept.
    mutating func shrink(_ model: Int, to capacity: Double, replicasMin: Int) {
        let kept = capacity * (1 - Coverage.tolerance)
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
        // Larger servers than those there also make the worst failure larger, so that one pass may not do.
        while take(model, to: capacity, replicasMin: replicasMin, replicasMax: replicasMax),
            problem.goal.constraints.survives != nil
        {}
    }

    /// One pass over the types.
    /// - Returns: whether anything was taken.
    private mutating func take(
        _ model: Int, to capacity: Double, replicasMin: Int, replicasMax: Int
    ) -> Bool {
        var lack = capacity * (1 - Coverage.tolerance) - self.capacity(model)
        let before = replicas(model)
        var replicas = before
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
        return replicas > before
    }
}
