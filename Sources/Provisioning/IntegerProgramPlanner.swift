import Optimization
import Quantities
import Vocabulary

/// Plans with the integer program
///
///     minimise    sum  N[h,m] * power[h,m]
///     subject to  sum_h N[h,m] * qps[h,m] >= load[m]        for every model m
///                 sum_m N[h,m]            <= available[h]   for every server type h
///                 N[h,m] >= 0, whole
///
/// where the load already includes the headroom (1 + R). Every plan comes with a proven bound.
///
/// Branch and bound needs a second or more to close a gap of 1e-3 here, because the linear relaxation is weak: it
/// rents out fractions of servers. The planner therefore goes from cheap to dear, and stops as soon as the best
/// allocation is within the gap of the bound:
///
/// 1. each model's cheapest servers regardless of the others, which is optimal where they fit together;
/// 2. the linear relaxation, whose duals price the contested types; the knapsack bound at these prices (see
///    `PricedCovers`); the relaxation rounded down and completed by local exchange;
/// 3. better prices by column generation, and an exchange at each;
/// 4. all combinations of nearly cheapest covers (see `CoverCombination`);
/// 5. the solver's branch and cut, started from the best allocation known.
///
/// A demand that does not fit is answered by `ShortfallProgram`. The outcome depends on the problem alone, not on
/// earlier ones. Not `Sendable`, like the solver it holds.
public final class IntegerProgramPlanner {
    /// The relative gap at which a plan counts as optimal.
    public let gap: Double
    /// How long the planner searches.
    public let limits: PlanningLimits
    private let solver: HiGHSSolver

    /// The smallest gap that floating-point arithmetic and the solver's tolerances can tell from none.
    public static let leastGap = 1e-6

    /// A planner with its own solver.
    ///
    /// - Parameter gap: when to stop; a gap below `leastGap` is taken as that.
    /// - Throws: `solver` where HiGHS cannot be loaded.
    public init(
        gap: Fraction = Fraction(1e-3), limits: PlanningLimits = PlanningLimits()
    ) throws(ProvisioningError) {
        self.gap = max(gap.value, Self.leastGap)
        self.limits = limits
        do { solver = try HiGHSSolver() } catch { throw .solver(error) }
    }

    /// The plan for a problem: `optimal` within the gap, `feasible` where a limit came first, or `infeasible` with
    /// the least unserved load that was found, where nothing serves the demand or nothing that does was found within
    /// the limits.
    public func plan(_ problem: ProvisioningProblem) throws(ProvisioningError) -> PlanningOutcome {
        let program = CoverProgram(problem)
        guard program.modelCount > 0 else {
            return PlanningOutcome(
                plan: problem.plan(problem.noServers, bound: 0, gap: gap), effort: PlanEffort(route: .direct))
        }
        var search = PlanSearch(program, gap: gap, limits: limits)
        let isServable: Bool
        do { isServable = try run(&search, on: problem) } catch { throw .solver(error) }
        guard isServable, let best = search.best else { return try leastShortfall(problem, after: search) }
        return PlanningOutcome(
            plan: problem.plan(program.countsOfProblem(best.counts, problem), bound: search.bound, gap: gap),
            effort: search.effort)
    }

    /// Runs the steps until the gap is closed; false where the demand was proven not to fit.
    private func run(
        _ search: inout PlanSearch, on problem: ProvisioningProblem
    ) throws(OptimizationError) -> Bool {
        search.effort.route = .uncontested
        let withoutPrices = [Double](repeating: 0, count: search.program.typeCount)
        guard search.price(withoutPrices) != nil else { return false }
        if search.isClosed { return true }

        search.effort.route = .priced
        guard let relaxed = try relax(&search) else { return false }
        if search.isClosed { return true }
        try improvePrices(&search, from: relaxed)
        if search.isClosed { return true }
        search.exchangeInEveryOrder()
        if search.isClosed { return true }

        search.effort.route = .combined
        search.combineCovers()
        if search.isClosed { return true }

        search.effort.route = .branched
        // The rules of thumb are seldom better than what is known by now, but then a plan must not be worse.
        for counts in [GreedyPolicy.allocate(problem), PriorityPolicy.allocate(problem)] {
            search.offer(search.program.counts(from: counts, problem))
        }
        return try branch(&search)
    }

    /// Solves the relaxation, prices its duals and rounds its point; nil where not even fractions of servers serve
    /// the demand.
    private func relax(_ search: inout PlanSearch) throws(OptimizationError) -> CoverProgram.Counts? {
        let program = search.program
        let (relaxation, pairs) = program.relaxation()
        search.effort.linearPrograms += 1
        let solution = try solver.solve(relaxation)
        guard let optimum = solution.optimum else {
            if solution.status == .infeasible { return nil }
            throw .callFailed(
                function: "Highs_run", detail: "the relaxation of a plan ended \(solution.status.rawValue)")
        }
        let prices = optimum.rowDuals[program.modelCount...].map { max(0, -$0) }
        _ = search.price(prices)
        var floor = CoverProgram.Counts(repeating: 0, count: program.power.count)
        for (pair, value) in zip(pairs, optimum.values) {
            floor[pair] = Int((value + 1e-6).rounded(.down))
        }
        return search.exchange(floor, prices: prices).unpriced
    }

    /// Column generation: prices from the covers known, covers from the prices.
    private func improvePrices(
        _ search: inout PlanSearch, from known: CoverProgram.Counts
    ) throws(OptimizationError) {
        var master = RestrictedMaster(search.program, firstPrices: search.priced?.prices ?? [])
        _ = master.add(known)
        if let counts = search.priced?.counts { _ = master.add(counts) }
        let nothing = CoverProgram.Counts(repeating: 0, count: search.program.power.count)
        for _ in 0..<limits.pricingRounds where !search.isClosed {
            search.effort.linearPrograms += 1
            guard let next = try master.solve(with: solver), let covers = search.price(next.prices) else {
                return
            }
            let exchanged = search.exchange(nothing, prices: next.prices)
            let hasNewCovers = [covers.counts, exchanged.priced, exchanged.unpriced].map { master.add($0) }
            // The master's own optimum bounds from above what better prices can still prove.
            let isExhausted = next.objective - (search.priced?.bound ?? 0) < gap / 10 * next.objective
            if isExhausted || !hasNewCovers.contains(true) { return }
        }
    }

    /// Hands the integer program to the solver; false where it is infeasible.
    private func branch(_ search: inout PlanSearch) throws(OptimizationError) -> Bool {
        let (program, pairs) = search.program.integerProgram()
        let start = search.best.map { best in pairs.map { Double(best.counts[$0]) } }
        search.effort.integerPrograms += 1
        let solution = try solver.solve(
            program,
            options: IntegerSolveOptions(
                relativeGap: gap, nodeLimit: limits.solverNodes, timeLimit: limits.solverTime, start: start))
        search.effort.solverNodes += solution.nodeCount
        if solution.status == .infeasible { return search.best != nil }
        // The solver's bound holds up to its tolerances on reduced costs.
        search.raiseBound(to: solution.dualBound - 1e-7 * abs(solution.dualBound))
        if let incumbent = solution.incumbent {
            var counts = CoverProgram.Counts(repeating: 0, count: search.program.power.count)
            for (pair, value) in zip(pairs, incumbent.values) { counts[pair] = Int(value) }
            // Its tolerance on rows is as wide as ours, so a cover can be a hair short: exchange completes it.
            _ = search.exchange(counts, prices: [Double](repeating: 0, count: search.program.typeCount))
        }
        return true
    }

    private func leastShortfall(
        _ problem: ProvisioningProblem, after search: PlanSearch
    ) throws(ProvisioningError) -> PlanningOutcome {
        var effort = search.effort
        effort.route = .shortfall
        do {
            let counts = try ShortfallProgram(search.program).solve(
                with: solver, start: GreedyPolicy.allocate(problem), problem: problem, gap: gap,
                limits: limits,
                effort: &effort)
            return PlanningOutcome(plan: problem.plan(counts, bound: search.bound, gap: gap), effort: effort)
        } catch { throw .solver(error) }
    }
}
