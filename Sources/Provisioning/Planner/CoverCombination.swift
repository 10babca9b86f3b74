import Optimization

/// The search over combinations of nearly cheapest covers.
///
/// At prices with the bound `bound`, give each cover k of a model m the excess
///
///     excess[k] = sum_p (cost[p,m] + price[p]) k[p] - K[m]  >= 0
///
/// over pools p of types that can stand in for each other (`TypePools`). A feasible allocation that gives
/// each model one cover costs
///
///     bound + sum of its covers' excess + sum_p slack[p],
///
/// so one that costs at most `bound + budget` uses only covers with an excess within the budget. The
/// knapsacks list them, and model after model adds each of its covers to every combination so far, under the
/// limits of the pools. What the others can still do depends on what is used of each pool alone, so of
/// combinations that use the same the cheapest is kept (dynamic programming), and none whose excess and
/// unavoidable slack exceed the budget. The model with most covers comes last and need not be listed: its
/// cheapest cover out of what all others leave is one knapsack more. Only minimal covers are needed: taking a
/// server out of any other one saves its cost. A search that ends without a find has proven that every
/// allocation costs more than `bound + budget`.
///
/// Exponential in the worst case; limits keep it short, and its outcome says whether they were reached.
struct CoverCombination {
    /// What a search found out.
    struct Outcome {
        /// The cheapest allocation found; nil where there is none.
        var counts: CoverProgram.Counts?
        var cost = Double.infinity
        /// Whether every allocation within the budget that is cheaper than the one found was ruled out.
        var isComplete = true
        /// A model with more covers than can be listed; with a larger budget it has no fewer.
        var unlisted: Int?
    }

    private let program: CoverProgram
    private let knapsacks: PooledKnapsacks
    private let pools: TypePools
    /// Proven of the whole program at the prices.
    private let bound: Double
    /// What each model's cheapest cover costs at the prices at least.
    private let bounds: [Double]
    /// The models in the order they are decided, those with the fewest covers first.
    private let order: [Int]
    /// The covers of each model in that order.
    private let covers: [PooledCovers]
    /// The model that takes its cheapest cover out of what the others leave.
    private let last: Int
    /// How many servers of each pool the models from a depth on can use at most.
    private let usable: [[Int]]
    private let limits: PlanningLimits
    private var nodeCount = 0
    private var outcome = Outcome()

    /// Searches for an allocation of at most a given cost.
    ///
    /// - Parameters:
    ///   - priced: the prices to combine covers at.
    ///   - ceiling: the cost up to which allocations are looked for.
    ///   - unlisted: a model that is known to have too many covers to list.
    ///   - sufficientCost: the search ends as soon as it finds an allocation of at most this cost.
    static func search(
        _ program: CoverProgram, priced: PricedCovers, upTo ceiling: Double, unlisted: Int?,
        sufficientCost: Double, limits: PlanningLimits, effort: inout PlanEffort
    ) -> Outcome {
        let knapsacks = PooledKnapsacks(
            program, priced: priced, budget: ceiling - priced.bound, nodeLimit: limits.knapsackNodes)
        var incomplete = Outcome()
        incomplete.isComplete = false
        defer {
            effort.knapsacks += knapsacks.count
            effort.knapsackNodes += knapsacks.nodeCount
        }
        // A model that no usable types cover has only covers beyond the budget.
        guard let bounds = knapsacks.bounds() else {
            return program.conditions.allSatisfy { $0 == .none } ? Outcome() : incomplete
        }
        let pools = knapsacks.pools
        let worth = pools.worth
        let covering = bounds.reduce(0, +)
        let bound = covering - worth - CoverProgram.roundingMargin * (covering + worth)
        let budget = ceiling - bound
        guard budget > 0 else { return Outcome() }
        var covers: [PooledCovers] = []
        var last = unlisted
        for model in 0..<program.modelCount {
            let listed =
                model == last
                ? nil
                : knapsacks.list(
                    model, least: bounds[model], budget: budget, coverLimit: limits.coversPerModel)
            if listed == nil {
                guard last == nil || last == model else { return incomplete }
                last = model
            }
            covers.append(listed ?? PooledCovers(poolCount: pools.totals.count))
        }
        let most = covers.indices.max { (covers[$0].count, $1) < (covers[$1].count, $0) }
        var search = CoverCombination(
            program, knapsacks: knapsacks, bound: bound, bounds: bounds, covers: covers,
            last: last ?? most ?? 0,
            limits: limits)
        search.run(budget: budget, sufficientCost: sufficientCost)
        effort.combinationNodes += search.nodeCount
        search.outcome.unlisted = last
        return search.outcome
    }

    private init(
        _ program: CoverProgram, knapsacks: PooledKnapsacks, bound: Double, bounds: [Double],
        covers: [PooledCovers], last: Int, limits: PlanningLimits
    ) {
        self.program = program
        self.knapsacks = knapsacks
        self.bound = bound
        self.bounds = bounds
        self.last = last
        self.limits = limits
        let pools = knapsacks.pools
        self.pools = pools
        order = covers.indices.filter { $0 != last }.sorted {
            (covers[$0].count, $0) < (covers[$1].count, $1)
        }
        let ordered = order.map { covers[$0] }
        self.covers = ordered
        let poolCount = pools.totals.count
        var usable = [[Int]](
            repeating: (0..<poolCount).map { pools.limits[last * poolCount + $0] }, count: ordered.count + 1)
        for depth in ordered.indices.reversed() {
            usable[depth] = (0..<poolCount).map { usable[depth + 1][$0] + ordered[depth].most[$0] }
        }
        self.usable = usable
    }

    private mutating func run(budget: Double, sufficientCost: Double) {
        var layers = [CombinationLayer(poolCount: pools.totals.count)]
        layers[0].addRoot()
        for depth in covers.indices {
            layers.append(layer(after: layers[depth], at: depth, budget: budget))
            if layers[depth + 1].count == 0 || !outcome.isComplete { return }
        }
        settleLast(layers, budget: budget, sufficientCost: sufficientCost)
    }

    /// Every combination with every cover of the next model.
    private mutating func layer(
        after layer: CombinationLayer, at depth: Int, budget: Double
    ) -> CombinationLayer {
        var next = CombinationLayer(poolCount: pools.totals.count)
        let covers = covers[depth]
        // What all models decided so far cost at the prices at least.
        let decided = order[...depth].reduce(0) { $0 + bounds[$1] }
        var used = [Int](repeating: 0, count: pools.totals.count)
        for state in 0..<layer.count {
            for cover in covers.byExcess {
                // No slack becomes less than what it is now.
                if layer.bounds[state] + covers.excess[cover] > budget { break }
                nodeCount += 1
                if nodeCount >= limits.combinationNodes {
                    outcome.isComplete = false
                    return next
                }
                let cost = layer.costs[state] + covers.costs[cover]
                guard
                    let slack = slack(
                        layer, state, covers, cover, reach: usable[depth + 1], used: &used)
                else { continue }
                let excess = cost - decided + slack
                if excess <= budget { next.add(used, cost: cost, bound: excess, from: (state, cover)) }
            }
        }
        return next
    }

    /// The slack of all pools, written with what is `used` of them; nil where the cover does not fit.
    private func slack(
        _ layer: CombinationLayer, _ state: Int, _ covers: PooledCovers, _ cover: Int, reach: [Int],
        used: inout [Int]
    ) -> Double? {
        var sum = 0.0
        for pool in used.indices {
            let use = layer.used(state, pool: pool) + covers.count(cover, pool: pool)
            let left = pools.totals[pool] - use
            guard left >= 0 else { return nil }
            used[pool] = use
            sum += pools.slack(pool: pool, used: use, reach: min(left, reach[pool]))
        }
        return sum
    }

    /// The cheapest cover of the last model beside each combination of all others.
    private mutating func settleLast(
        _ layers: [CombinationLayer], budget: Double, sufficientCost: Double
    ) {
        let layer = layers[covers.count]
        var budget = budget
        for state in layer.byBound {
            guard layer.bounds[state] <= budget else { return }
            let used = pools.totals.indices.map { layer.used(state, pool: $0) }
            let known =
                layer.costs[state] + used.indices.reduce(0) { $0 + pools.surcharge(pool: $1, use: used[$1]) }
            let found = knapsacks.cheapest(last, beside: used, knownCost: bound + budget - known)
            nodeCount += 1 + found.nodeCount
            if !found.isProven { outcome.isComplete = false }
            if let counts = found.counts {
                let all = self.counts(layers, state, last: counts)
                let total = program.cost(of: all)
                if total < outcome.cost {
                    outcome.counts = all
                    outcome.cost = total
                    // From here on only a cheaper one helps.
                    budget = min(budget, total - bound)
                }
            }
            if nodeCount >= limits.combinationNodes || outcome.cost <= sufficientCost {
                outcome.isComplete = false
                return
            }
        }
    }

    private func counts(_ layers: [CombinationLayer], _ state: Int, last lastCounts: [Int])
        -> CoverProgram.Counts
    {
        let poolCount = lastCounts.count
        var byPool = [Int](repeating: 0, count: program.modelCount * poolCount)
        for pool in 0..<poolCount { byPool[last * poolCount + pool] = lastCounts[pool] }
        var state = state
        for depth in covers.indices.reversed() {
            let (parent, cover) = layers[depth + 1].origin(state)
            for pool in 0..<poolCount {
                byPool[order[depth] * poolCount + pool] = covers[depth].count(cover, pool: pool)
            }
            state = parent
        }
        return pools.counts(byPool, program)
    }
}
