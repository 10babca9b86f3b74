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
/// Branch and bound needs a second or more to close a gap of 1e-3 here, because the linear relaxation is
/// weak: it rents out fractions of servers. Priced by type, the program falls apart into one small covering
/// knapsack for each model, and that bound knows that servers are whole. The planner goes from cheap to dear,
/// and stops as soon as the best allocation is within the gap of the bound:
///
/// 1. each model's cheapest servers regardless of the others, which is optimal where they fit together;
/// 2. the prices of an earlier plan, where one is handed in, and local exchange from its allocation;
/// 3. first prices from the smoothed dual (`SmoothedPrices`), the knapsack bound at them (`PricedCovers`),
///   and the covers of that bound made to fit together by a descent with rising penalties (`PenaltyDescent`);
///   then, in turn, better prices by subgradient steps (`SubgradientAscent`) and slower descents from them;
/// 4. for few models, all combinations of nearly cheapest covers, over pools of types that are alike
///    (`CoverCombination`, `TypePools`);
/// 5. a choice among the models' nearly cheapest covers by annealing (`CoverAnnealing`);
/// 6. the linear relaxation, and the solver's branch and cut started from the best allocation known.
///
/// Constraints that do not fall apart by model (failures beside pinned servers, a power cap that binds) go to
/// the solver at once, with the bound of the problem without them (`FullProgram`). Of a demand that does not
/// fit as little as possible is left unserved: by the solver on a small fleet, by the rounded relaxation on a
/// large one. The outcome depends on the problem and the memory handed in alone. Not `Sendable`, like the
/// solver it holds.
public final class IntegerProgramPlanner {
    /// The relative gap at which a plan counts as optimal.
    public let gap: Double
    /// How long the planner searches.
    public let limits: PlanningLimits
    let solver: HiGHSSolver

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

    /// The plan for the next of a series of problems; the memory of the last one is replaced by what this one
    /// leaves.
    func plan(
        _ problem: ProvisioningProblem, memory: inout PlanningMemory?, isTrial: Bool = false
    ) throws(ProvisioningError) -> PlanningOutcome {
        let outcome = try plan(problem, after: memory, isTrial: isTrial)
        memory = outcome.memory ?? memory
        return outcome
    }

    /// The plan for a problem: `optimal` within the gap, `feasible` where a limit came first, or `infeasible`
    /// with the least unserved load that was found, where nothing serves the demand or nothing that does was
    /// found within the limits.
    ///
    /// - Parameters:
    ///   - memory: what an earlier plan for a similar demand left behind; plans come sooner with it.
    ///   - isTrial: whether it is enough to say that a demand does not fit, or that nothing was found for it
    ///     without the solver; such a plan has no allocation.
    public func plan(
        _ problem: ProvisioningProblem, after memory: PlanningMemory? = nil, isTrial: Bool = false
    ) throws(ProvisioningError) -> PlanningOutcome {
        do {
            let memory = memory.flatMap { $0.fits(problem) ? $0 : nil }
            let decomposable = problem.isDecomposable ? problem : problem.relaxed()
            let program = CoverProgram(decomposable)
            // What the pinned servers cost is in every allocation.
            let pinnedCost = problem.cost(of: program.pinned)
            var limits = limits
            if !problem.isDecomposable { limits.solverNodes = 0 }
            if isTrial { limits = limits.ofTrial }
            var search = PlanSearch(program, gap: gap, limits: limits, isTrial: isTrial)
            var isServable = true
            if program.modelCount > 0 { isServable = try run(&search, on: decomposable, after: memory) }
            let counts =
                program.modelCount == 0
                ? program.pinned : search.best.map { program.countsOfProblem($0.counts, problem) }
            let known = counts.flatMap { problem.isSatisfied(by: $0) ? $0 : nil }
            if isTrial, known == nil {
                return PlanningOutcome(
                    plan: problem.plan(problem.noServers, bound: nil, gap: gap, fits: false),
                    effort: search.effort)
            }
            guard isServable, search.bound < .infinity else {
                return try leastShortfall(problem, after: search)
            }
            if let counts = known, problem.isDecomposable || search.isClosed || program.modelCount == 0 {
                return outcome(counts, bound: search.bound + pinnedCost, problem, search)
            }
            if problem.isDecomposable, counts == nil { return try leastShortfall(problem, after: search) }
            // Provisioned power is bounded already; more than the cap is too much.
            let cap = problem.goal.constraints.powerCap?.value ?? .infinity
            if problem.goal.isProvisionedPower, search.bound + pinnedCost > cap * (1 + 1e-9) {
                return try leastShortfall(problem, after: search)
            }
            return try solveWhole(problem, after: &search, known: known, bound: search.bound + pinnedCost)
        } catch { throw .solver(error) }
    }

    private func outcome(
        _ counts: ProvisioningProblem.Counts, bound: Double, _ problem: ProvisioningProblem,
        _ search: PlanSearch
    ) -> PlanningOutcome {
        PlanningOutcome(
            plan: problem.plan(counts, bound: bound, gap: gap), effort: search.effort,
            memory: search.priced.map {
                PlanningMemory(
                    models: problem.models, serverTypes: problem.serverTypes, prices: $0.prices,
                    counts: counts)
            })
    }

    /// Hands a problem whose constraints do not fall apart to the solver.
    ///
    /// - Parameter known: an allocation that keeps to everything, where one was found; the solver starts from
    ///   it.
    /// - Parameter bound: of the problem without those constraints.
    private func solveWhole(
        _ problem: ProvisioningProblem, after search: inout PlanSearch,
        known: ProvisioningProblem.Counts?, bound: Double
    ) throws(OptimizationError) -> PlanningOutcome {
        search.effort.route = .branched
        let answer = try FullProgram(problem).serve(
            with: solver, start: known, gap: gap, limits: limits, effort: &search.effort)
        let found = [known, answer.isInfeasible ? nil : answer.counts].compactMap { $0 }
            .filter { problem.isSatisfied(by: $0) }
        guard let counts = found.min(by: { problem.cost(of: $0) < problem.cost(of: $1) }) else {
            return try leastShortfall(problem, after: search)
        }
        return outcome(counts, bound: max(bound, answer.bound), problem, search)
    }

    /// Runs the steps until the gap is closed; false where the demand was proven not to fit.
    func run(
        _ search: inout PlanSearch, on problem: ProvisioningProblem, after memory: PlanningMemory?
    ) throws(OptimizationError) -> Bool {
        search.effort.route = .uncontested
        let withoutPrices = [Double](repeating: 0, count: search.program.typeCount)
        guard let cheapest = search.price(withoutPrices) else { return false }
        if search.isClosed { return true }

        if let memory, memory.prices.count == search.program.typeCount {
            search.effort.route = .remembered
            _ = search.price(memory.prices, known: cheapest.counts)
            let counts = search.program.withoutOverdraft(search.program.counts(from: memory.counts, problem))
            search.exchange(counts, prices: memory.prices)
            if search.isClosed { return true }
        }

        search.effort.route = .priced
        if memory == nil {
            _ = search.price(SmoothedPrices(search.program).prices(), known: cheapest.counts)
        }
        var ascent = SubgradientAscent(typeCount: search.program.typeCount)
        let hasFewModels = search.program.modelCount <= Self.modelsToCombine
        let descents =
            hasFewModels
            ? min(search.limits.descents, Self.descentsBesideCombination) : search.limits.descents
        // What does not even fit in fractions of servers needs no search.
        if search.isTrial, try relax(&search) == false { return false }
        var isRelaxed = search.isTrial
        for round in 0..<descents {
            // Slower descents each time, and another model goes first.
            search.descend(passes: 20 + 10 * round, first: round * search.program.modelCount / descents)
            if search.isClosed { return true }
            ascent.run(&search, rounds: search.limits.priceSteps / search.limits.descents)
            if search.isClosed { return true }
            // Whether there is anything to find, and whether the relaxation has better prices.
            if !isRelaxed, search.best == nil || (round > 0 && !search.isClosed(within: 2 * gap)) {
                guard try relax(&search) else { return false }
                if search.isClosed { return true }
                isRelaxed = true
            }
        }
        if search.best == nil, !isRelaxed, try relax(&search) == false { return false }

        if hasFewModels {
            search.effort.route = .combined
            search.combineCovers()
            if search.isClosed { return true }
        }
        if search.isTrial, search.best == nil { return false }
        // Short searches first.
        for (index, share) in [64, 16, 4, 1].enumerated() {
            search.effort.route = .annealed
            search.annealCovers(movesPerModel: search.limits.annealingMoves / share, seed: UInt64(index + 1))
            if search.isClosed { return true }
            search.effort.route = .priced
            ascent.run(&search, rounds: search.limits.priceSteps / 6)
            if search.isClosed { return true }
        }
        return try resort(&search, to: problem)
    }

    /// Up to how many models all combinations of covers are worth searching.
    private static let modelsToCombine = 12
    /// After this many descents these are the surer way.
    private static let descentsBesideCombination = 3

    /// The solver, where it can still help; false where the demand does not fit.
    private func resort(
        _ search: inout PlanSearch, to problem: ProvisioningProblem
    ) throws(OptimizationError) -> Bool {
        // The rules of thumb are seldom better than what is known by now, but then a plan must not be worse.
        if problem.goal.constraints == PlanConstraints() {
            for counts in [GreedyPolicy.allocate(problem), PriorityPolicy.allocate(problem)] {
                search.offer(search.program.counts(from: counts, problem))
            }
        }
        let isSmall = search.program.usablePairs.count <= search.limits.solverPairs
        guard search.limits.solverNodes > 0, search.best == nil || isSmall else { return search.best != nil }
        guard try relax(&search) else { return false }
        if search.isClosed { return true }
        search.effort.route = .branched
        return try branch(&search, on: problem)
    }

    /// Solves the relaxation, prices its duals and rounds its point; false where not even fractions of
    /// servers serve the demand.
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
            floor[pair] += Int((value + 1e-6).rounded(.down))
        }
        search.exchange(floor, prices: prices)
        return true
    }

    /// Hands the integer program to the solver; false where it is infeasible.
    private func branch(
        _ search: inout PlanSearch, on problem: ProvisioningProblem
    ) throws(OptimizationError) -> Bool {
        var uncapped = problem
        uncapped.goal.constraints.powerCap = nil
        let program = search.program
        let answer = try FullProgram(uncapped).serve(
            with: solver, start: search.best.map { program.countsOfProblem($0.counts, problem) }, gap: gap,
            limits: limits, effort: &search.effort)
        if answer.isInfeasible { return search.best != nil }
        search.raiseBound(to: answer.bound - problem.cost(of: program.pinned))
        if let counts = answer.counts {
            // The solver's tolerance on rows is as wide as ours, so a cover can be a hair short: exchange
            // completes it.
            search.exchange(program.withoutOverdraft(program.counts(from: counts, problem)), prices: nil)
        }
        return true
    }
}
