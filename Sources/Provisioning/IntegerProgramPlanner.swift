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
/// rents out fractions of servers. Priced by type, the program falls apart into one small covering knapsack for each
/// model, and that bound knows that servers are whole. The planner goes from cheap to dear, and stops as soon as
/// the best allocation is within the gap of the bound:
///
/// 1. each model's cheapest servers regardless of the others, which is optimal where they fit together;
/// 2. the prices of an earlier plan, where one is handed in, and local exchange from its allocation;
/// 3. first prices from the smoothed dual (`SmoothedPrices`), better ones by subgradient steps (`PriceAscent`), the
///    knapsack bound at them (`PricedCovers`), and allocations by local exchange;
/// 4. a choice among the models' nearly cheapest covers by annealing (`CoverChoice`);
/// 5. for few models, all combinations of nearly cheapest covers (`CoverCombination`);
/// 6. the linear relaxation, and the solver's branch and cut started from the best allocation known.
///
/// A demand that does not fit is answered by `ShortfallProgram`. The outcome depends on the problem and the memory
/// handed in alone. Not `Sendable`, like the solver it holds.
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
    ///
    /// - Parameter memory: what an earlier plan for a similar demand left behind; plans come sooner with it.
    public func plan(
        _ problem: ProvisioningProblem, after memory: PlanningMemory? = nil
    ) throws(ProvisioningError) -> PlanningOutcome {
        let program = CoverProgram(problem)
        guard program.modelCount > 0 else {
            return PlanningOutcome(
                plan: problem.plan(problem.noServers, bound: 0, gap: gap), effort: PlanEffort(route: .direct))
        }
        var search = PlanSearch(program, gap: gap, limits: limits)
        let isServable: Bool
        do {
            isServable = try run(&search, on: problem, after: memory.flatMap { $0.fits(problem) ? $0 : nil })
        } catch { throw .solver(error) }
        guard isServable, let best = search.best else { return try leastShortfall(problem, after: search) }
        let counts = program.countsOfProblem(best.counts, problem)
        return PlanningOutcome(
            plan: problem.plan(counts, bound: search.bound, gap: gap), effort: search.effort,
            memory: search.priced.map {
                PlanningMemory(
                    models: problem.models, serverTypes: problem.serverTypes, prices: $0.prices,
                    counts: counts)
            })
    }

    /// Runs the steps until the gap is closed; false where the demand was proven not to fit.
    private func run(
        _ search: inout PlanSearch, on problem: ProvisioningProblem, after memory: PlanningMemory?
    ) throws(OptimizationError) -> Bool {
        search.effort.route = .uncontested
        let withoutPrices = [Double](repeating: 0, count: search.program.typeCount)
        guard search.price(withoutPrices) != nil else { return false }
        if search.isClosed { return true }

        if let memory {
            search.effort.route = .remembered
            _ = search.price(memory.prices)
            let counts = search.program.withoutOverdraft(search.program.counts(from: memory.counts, problem))
            search.exchange(counts, prices: memory.prices)
            if search.isClosed { return true }
        }

        search.effort.route = .priced
        if memory == nil { _ = search.price(SmoothedPrices(search.program).prices()) }
        var ascent = PriceAscent(typeCount: search.program.typeCount)
        // A round of exchange costs as much as a few price steps, and helps little where there are many models.
        let exchangeEvery = search.program.modelCount <= 20 ? 10 : 50
        ascent.run(&search, rounds: limits.priceSteps / 3, exchangeEvery: exchangeEvery)
        if search.isClosed { return true }
        // Whether there is anything to find.
        if search.best == nil, try relax(&search) == false { return false }

        // Short searches first: most plans need no more.
        for (index, share) in [64, 16, 4, 1].enumerated() {
            search.effort.route = .annealed
            search.annealCovers(movesPerModel: limits.annealingMoves / share, seed: UInt64(index + 1))
            if search.isClosed { return true }
            if index == 0, search.program.modelCount <= Self.modelsToCombine {
                search.effort.route = .combined
                search.combineCovers()
                if search.isClosed { return true }
            }
            search.effort.route = .priced
            ascent.run(&search, rounds: limits.priceSteps / 6, exchangeEvery: exchangeEvery)
            if search.isClosed { return true }
        }
        return try resort(&search, to: problem)
    }

    /// Up to how many models all combinations of covers are worth searching.
    private static let modelsToCombine = 12

    /// The solver, where it can still be of use; false where the demand does not fit.
    private func resort(
        _ search: inout PlanSearch, to problem: ProvisioningProblem
    ) throws(OptimizationError) -> Bool {
        // The rules of thumb are seldom better than what is known by now, but then a plan must not be worse.
        for counts in [GreedyPolicy.allocate(problem), PriorityPolicy.allocate(problem)] {
            search.offer(search.program.counts(from: counts, problem))
        }
        let isSmall = search.program.usablePairs.count <= limits.solverPairs
        guard limits.solverNodes > 0, search.best == nil || isSmall else { return search.best != nil }
        guard try relax(&search) else { return false }
        if search.isClosed { return true }
        search.effort.route = .branched
        return try branch(&search)
    }

    /// Solves the relaxation, prices its duals and rounds its point; false where not even fractions of servers serve
    /// the demand.
    private func relax(_ search: inout PlanSearch) throws(OptimizationError) -> Bool {
        let program = search.program
        let (relaxation, pairs) = program.relaxation()
        search.effort.linearPrograms += 1
        let solution = try solver.solve(relaxation)
        guard let optimum = solution.optimum else {
            if solution.status == .infeasible { return false }
            throw .callFailed(
                function: "Highs_run", detail: "the relaxation of a plan ended \(solution.status.rawValue)")
        }
        let prices = optimum.rowDuals[program.modelCount...].map { max(0, -$0) }
        _ = search.price(prices)
        var floor = CoverProgram.Counts(repeating: 0, count: program.cost.count)
        for (pair, value) in zip(pairs, optimum.values) {
            floor[pair] = Int((value + 1e-6).rounded(.down))
        }
        search.exchange(floor, prices: prices)
        return true
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
            var counts = CoverProgram.Counts(repeating: 0, count: search.program.cost.count)
            for (pair, value) in zip(pairs, incumbent.values) { counts[pair] = Int(value) }
            // Its tolerance on rows is as wide as ours, so a cover can be a hair short: exchange completes it.
            search.exchange(search.program.withoutOverdraft(counts), prices: nil)
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
