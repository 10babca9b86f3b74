import Optimization
import Vocabulary

// MARK: - Demands that do not fit

extension IntegerProgramPlanner {
    /// Up to how many servers it is worth a program to distribute what stays unserved at the least cost.
    private static let serversToDistribute = 64

    /// Leaves as little unserved as possible, priority by priority, and then makes that cheap.
    func leastShortfall(
        _ problem: ProvisioningProblem, after search: PlanSearch
    ) throws(OptimizationError) -> PlanningOutcome {
        var effort = search.effort
        effort.route = .shortfall
        let counts = try fittingCounts(problem, effort: &effort)
        // What no step before could place within its limits may fit after all.
        let isWhole = counts.map { problem.isSatisfied(by: $0) } ?? false
        return PlanningOutcome(
            plan: problem.plan(
                counts ?? problem.pinnedCounts, bound: isWhole ? search.bound : nil, gap: gap, fits: isWhole),
            effort: effort)
    }

    private func fittingCounts(
        _ problem: ProvisioningProblem, effort: inout PlanEffort
    ) throws(OptimizationError) -> ProvisioningProblem.Counts? {
        let program = FullProgram(problem)
        var constraints = problem.goal.constraints
        constraints.priorities = [:]
        let isPlain = constraints == PlanConstraints()
        let rounded = isPlain ? try program.roundedUnserved(with: solver, effort: &effort) : nil
        let pairs = problem.throughputs.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
        if let rounded, pairs > limits.solverPairs {
            return try cheapest(problem, serving: rounded, effort: &effort) ?? rounded
        }
        guard
            let least = try program.leastUnserved(
                with: solver, start: rounded, gap: gap, limits: limits, effort: &effort)
        else { return nil }
        // The gap may leave a server idle that would serve a little more.
        let most = isPlain ? program.completed(least) ?? least : least
        let cheaper = try cheapest(problem, serving: most, effort: &effort)
        // Another distribution of what stays unserved may be cheaper still. Where one server is a small part,
        // hardly so.
        if let cheaper, problem.available.reduce(0, +) > Self.serversToDistribute { return cheaper }
        return try program.serveAsMuch(
            as: cheaper ?? most, with: solver, gap: gap, limits: limits, effort: &effort)
    }

    /// The cheapest allocation found that serves every model as far as a given one does; nil where the
    /// constraints do not fall apart by model, or the given allocation does not keep to them.
    private func cheapest(
        _ problem: ProvisioningProblem, serving counts: ProvisioningProblem.Counts, effort: inout PlanEffort
    ) throws(OptimizationError) -> ProvisioningProblem.Counts? {
        let loads = problem.models.indices.map {
            max(0, min(problem.loads[$0], problem.assuredCapacity(of: counts, model: $0)))
        }
        guard problem.isDecomposable, let served = try? problem.replacingLoads(loads),
            served.isSatisfied(by: counts)
        else { return nil }
        let program = CoverProgram(served)
        guard program.modelCount > 0 else { return counts }
        // Nothing is to be proven, and nearly all servers are in use.
        var limits = limits
        limits.descents = min(limits.descents, 3)
        limits.annealingMoves /= 16
        limits.combinationNodes = min(limits.combinationNodes, 20_000)
        limits.coversPerModel = min(limits.coversPerModel, 5_000)
        limits.solverNodes = 0
        var search = PlanSearch(program, gap: gap, limits: limits)
        search.effort = effort
        search.offer(program.counts(from: counts, served))
        _ = try run(&search, on: served, after: nil)
        effort = search.effort
        effort.route = .shortfall
        let best = search.best.map { program.countsOfProblem($0.counts, served) }
        return best.flatMap { served.isSatisfied(by: $0) ? $0 : nil } ?? counts
    }
}
