/// The state of one search for a plan: the best allocation found, what is proven of the optimum, and the
/// effort.
///
/// The steps in `IntegerProgramPlanner` only ever offer allocations and raise the bound, so they may run in
/// any order and stop as soon as the two are close enough.
struct PlanSearch {
    let program: CoverProgram
    let gap: Double
    let limits: PlanningLimits
    /// Whether nothing dear is to be tried where no allocation comes to light.
    let isTrial: Bool
    let knapsacks: CoverKnapsacks
    var effort = PlanEffort(route: .direct)
    /// The cheapest feasible allocation found.
    private(set) var best: (counts: CoverProgram.Counts, cost: Double)?
    /// No feasible allocation costs less.
    private(set) var bound = 0.0
    /// Covers that were cheapest at some prices, for each model without repetition.
    private var known: [Set<SparseCover>]
    /// The nearly cheapest covers listed last.
    private var listed: CoverAnnealing?
    /// The covers at the prices with the best bound.
    private(set) var priced: PricedCovers?

    init(_ program: CoverProgram, gap: Double, limits: PlanningLimits, isTrial: Bool = false) {
        self.program = program
        self.isTrial = isTrial
        self.gap = gap
        self.limits = limits
        knapsacks = CoverKnapsacks(program)
        known = [Set<SparseCover>](repeating: [], count: program.modelCount)
    }

    /// How exactly knapsacks are solved: their share of the gap is small.
    var knapsackGap: Double { gap / 30 }

    /// Whether the best allocation is within the gap of the bound.
    var isClosed: Bool { isClosed(within: gap) }

    /// Whether the best allocation is within a relative gap of the bound.
    func isClosed(within gap: Double) -> Bool { best.map { $0.cost - bound <= gap * $0.cost } ?? false }

    /// Takes an allocation into account; one that overdraws a type or leaves a model uncovered is ignored.
    mutating func offer(_ counts: CoverProgram.Counts) {
        let cost = program.cost(of: counts)
        guard cost < best?.cost ?? .infinity, program.isFeasible(counts) else { return }
        best = (counts, cost)
    }

    /// Takes a proof into account that no feasible allocation costs less.
    mutating func raiseBound(to proven: Double) { bound = max(bound, proven) }
}

// MARK: - Steps

extension PlanSearch {
    /// Solves the knapsacks at some prices, for the bound and for an allocation; nil where some model has no
    /// cover.
    ///
    /// - Parameter known: covers of all models; see `CoverProgram.pricedCovers`.
    mutating func price(_ prices: [Double], known: CoverProgram.Counts? = nil) -> PricedCovers? {
        guard
            let covers = program.pricedCovers(
                prices: prices, known: known, with: knapsacks, relativeGap: knapsackGap,
                nodeLimit: limits.knapsackNodes,
                effort: &effort)
        else { return nil }
        raiseBound(to: covers.bound)
        offer(covers.counts)
        if covers.bound > priced?.bound ?? -.infinity { priced = covers }
        for model in self.known.indices {
            self.known[model].insert(SparseCover(covers.counts[program.pairs(of: model)]))
        }
        return covers
    }

    /// Improves an allocation first at the given prices, then at the servers' own cost, and offers both.
    ///
    /// - Parameter first: the model whose turn comes first.
    @discardableResult
    mutating func exchange(
        _ counts: CoverProgram.Counts, first: Int = 0, prices: [Double]?
    ) -> CoverProgram.Counts {
        var counts = counts
        if let prices {
            counts = exchanged(counts, first: first, prices: prices)
            offer(counts)
            if isClosed { return counts }
        }
        counts = exchanged(counts, first: first, prices: nil)
        offer(counts)
        return counts
    }

    private mutating func exchanged(
        _ counts: CoverProgram.Counts, first: Int, prices: [Double]?
    ) -> CoverProgram.Counts {
        program.exchanged(
            counts, first: first, prices: prices, with: knapsacks, relativeGap: knapsackGap,
            nodeLimit: limits.exchangeNodes, effort: &effort)
    }

    /// Makes the cheapest covers at the best prices fit together; see `PenaltyDescent`. Where that is not for
    /// the program, builds an allocation from nothing at the best prices.
    ///
    /// - Parameters:
    ///   - passes: over all models, the last of them at the full penalty.
    ///   - first: the model whose turn comes first.
    mutating func descend(passes: Int, first: Int) {
        guard let priced, passes > 0 else { return }
        guard PenaltyDescent.applies(to: program) else {
            let nothing = CoverProgram.Counts(repeating: 0, count: program.cost.count)
            exchange(nothing, first: first, prices: priced.prices)
            return
        }
        var descent = PenaltyDescent(program, priced: priced)
        for pass in 1...passes {
            descent.pass(
                weight: Double(pass) / Double(passes), first: first, relativeGap: knapsackGap,
                nodeLimit: limits.exchangeNodes, effort: &effort)
        }
        offer(descent.counts)
        if isClosed { return }
        let repaired = program.repaired(
            descent.counts, prices: priced.prices, with: knapsacks, relativeGap: knapsackGap,
            nodeLimit: limits.exchangeNodes, effort: &effort)
        offer(repaired)
        if isClosed { return }
        exchange(repaired, prices: nil)
    }

    /// Chooses among nearly cheapest covers at the best prices by annealing, and repairs what overdraws.
    mutating func annealCovers(movesPerModel: Int, seed: UInt64) {
        guard let priced, priced.bound > 0 else { return }
        let choice: CoverAnnealing
        if let listed, bound <= listed.priced.bound * (1 + knapsackGap) {
            choice = listed
        } else {
            choice = CoverAnnealing(
                program, priced: priced, known: known, poolSize: limits.poolCovers,
                nodeLimit: limits.poolNodes,
                with: knapsacks, effort: &effort)
            listed = choice
        }
        let choices = choice.anneal(
            movesPerModel: movesPerModel, sufficientCost: bound / (1 - gap), seed: seed, effort: &effort)
        for counts in choices where !isClosed {
            offer(counts)
            if isClosed { return }
            let repaired = program.repaired(
                counts, prices: choice.priced.prices, with: knapsacks, relativeGap: knapsackGap,
                nodeLimit: limits.exchangeNodes, effort: &effort)
            offer(repaired)
            if isClosed { return }
            exchange(repaired, prices: nil)
        }
    }

    /// Searches combinations of covers within a growing budget over the bound, until the gap is closed, a
    /// limit is reached for the second time, or the budget is so large that the solver is the better tool.
    mutating func combineCovers() {
        guard let priced, priced.bound > 0 else { return }
        var budget = priced.bound * max(gap / 16, 1e-5)
        var proven = budget / 16
        var unlisted: Int?
        var hasFailed = false
        while !isClosed, budget <= 0.1 * priced.bound {
            // A bound this far up closes the gap to the best allocation known; more would be wasted.
            let closing =
                best.map { $0.cost * (1 - gap) * (1 + 4 * CoverProgram.roundingMargin) } ?? .infinity
            let ceiling = min(priced.bound + budget, closing)
            let outcome = CoverCombination.search(
                program, priced: priced, upTo: ceiling, unlisted: unlisted,
                sufficientCost: priced.bound / (1 - gap), limits: limits, effort: &effort)
            if let counts = outcome.counts { offer(counts) }
            if outcome.isComplete {
                raiseBound(to: min(outcome.cost, ceiling) * (1 - CoverProgram.roundingMargin))
                if ceiling >= closing { return }
                unlisted = outcome.unlisted
                proven = budget
                budget *= hasFailed ? 1.2 : 2
            } else {
                guard !hasFailed else { return }
                hasFailed = true
                // Half way there may be an allocation that is good enough.
                budget = (proven * min(budget, ceiling - priced.bound)).squareRoot()
            }
        }
    }
}

/// The servers of one model: a type and a number for each type that is used.
struct SparseCover: Hashable {
    /// Types and numbers in turn, in the order of types.
    let entries: [Int32]

    init(_ counts: some Collection<Int>) {
        var entries: [Int32] = []
        for (type, count) in counts.enumerated() where count > 0 {
            entries.append(Int32(type))
            entries.append(Int32(count))
        }
        self.entries = entries
    }

    var uses: [(resource: Int, amount: Int)] {
        stride(from: 0, to: entries.count, by: 2).map { (Int(entries[$0]), Int(entries[$0 + 1])) }
    }
}
