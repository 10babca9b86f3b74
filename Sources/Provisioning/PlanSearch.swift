/// The state of one search for a plan: the best allocation found, what is proven of the optimum, and the effort.
///
/// The steps in `IntegerProgramPlanner` only ever offer allocations and raise the bound, so they may run in any
/// order and stop as soon as the two are close enough.
struct PlanSearch {
    let program: CoverProgram
    let gap: Double
    let limits: PlanningLimits
    var effort = PlanEffort(route: .direct)
    /// The cheapest feasible allocation found.
    private(set) var best: (counts: CoverProgram.Counts, cost: Double)?
    /// No feasible allocation costs less.
    private(set) var bound = 0.0
    /// The covers at the prices with the best bound.
    private(set) var priced: PricedCovers?

    init(_ program: CoverProgram, gap: Double, limits: PlanningLimits) {
        self.program = program
        self.gap = gap
        self.limits = limits
    }

    /// How exactly knapsacks are solved: their share of the gap is small.
    var knapsackGap: Double { gap / 20 }

    /// Whether the best allocation is within the gap of the bound.
    var isClosed: Bool { best.map { $0.cost - bound <= gap * $0.cost } ?? false }

    /// Takes an allocation into account; one that overdraws a type or leaves a model uncovered is ignored.
    mutating func offer(_ counts: CoverProgram.Counts) {
        guard program.isFeasible(counts) else { return }
        let cost = program.cost(of: counts)
        if cost < best?.cost ?? .infinity { best = (counts, cost) }
    }

    /// Takes a proof into account that no feasible allocation costs less.
    mutating func raiseBound(to proven: Double) { bound = max(bound, proven) }
}

// MARK: - Steps

extension PlanSearch {
    /// Solves the knapsacks at some prices, for the bound and for an allocation; nil where some model cannot be
    /// covered by the whole fleet.
    mutating func price(_ prices: [Double]) -> PricedCovers? {
        guard
            let covers = program.pricedCovers(
                prices: prices, relativeGap: knapsackGap, nodeLimit: limits.knapsackNodes, effort: &effort)
        else { return nil }
        raiseBound(to: covers.bound)
        offer(covers.counts)
        if covers.bound > priced?.bound ?? -.infinity { priced = covers }
        return covers
    }

    /// Improves an allocation first at the given prices, then at the servers' own power, and offers both.
    ///
    /// - Parameter first: the model whose turn comes first.
    mutating func exchange(
        _ counts: CoverProgram.Counts, first: Int = 0, prices: [Double]
    ) -> (priced: CoverProgram.Counts, unpriced: CoverProgram.Counts) {
        let atPrices = program.exchanged(
            counts, first: first, prices: prices, relativeGap: knapsackGap, nodeLimit: limits.knapsackNodes,
            effort: &effort)
        let atPower = program.exchanged(
            atPrices, first: first, prices: prices.map { _ in 0 }, relativeGap: knapsackGap,
            nodeLimit: limits.knapsackNodes, effort: &effort)
        offer(atPrices)
        offer(atPower)
        return (atPrices, atPower)
    }

    /// Builds allocations from nothing, each model in turn going first.
    mutating func exchangeInEveryOrder() {
        guard let prices = priced?.prices else { return }
        let nothing = CoverProgram.Counts(repeating: 0, count: program.power.count)
        for first in 0..<program.modelCount where !isClosed {
            _ = exchange(nothing, first: first, prices: prices)
        }
    }

    /// Searches combinations of covers within a growing budget over the bound, until the gap is closed, a limit is
    /// reached, or the budget is so large that the solver is the better tool.
    mutating func combineCovers() {
        guard let priced, priced.bound > 0 else { return }
        let margin = CoverProgram.roundingMargin * priced.bound
        var budget = priced.bound * max(gap / 16, 1e-5)
        while !isClosed, budget <= 0.1 * priced.bound {
            // A bound this far up closes the gap to the best allocation known; more would be wasted.
            let closing = best.map { $0.cost * (1 - gap) - priced.bound + 2 * margin } ?? .infinity
            let outcome = CoverCombination.search(
                program, priced: priced, budget: min(budget, closing),
                sufficientCost: priced.bound / (1 - gap), limits: limits, effort: &effort)
            if let counts = outcome.counts { offer(counts) }
            guard outcome.isComplete else { return }
            raiseBound(to: min(outcome.cost, priced.bound + min(budget, closing)) - margin)
            if budget >= closing { return }
            budget *= 2
        }
    }
}
