import Optimization

/// An allocation that comes close to the bound, out of covers that are cheapest at the best prices but do not
/// fit together: the models in turn take what is cheapest for them while the price of what is wrong rises.
///
/// At prices with the bound `bound` an allocation that covers every model costs
///
///     bound + sum_m excess[m] + sum_h price[h] * (available[h] - use[h]),
///
/// with a cover's excess what it costs at the prices beyond its model's cheapest one. The last sum rewards
/// overdraft, so this minimises, for a weight w that grows from 0 to 1,
///
///     sum_m excess[m] + w * sum_h (price[h] idle[h] + 2 (price[h] + unit) overdraft[h]):
///
/// the Lagrangian at first, and at the end the cost with an exact penalty on overdraft (graduated penalties:
/// Fiacco and McCormick, Nonlinear Programming, 1968; exact ones: Bertsekas, Constrained Optimization and
/// Lagrange Multiplier Methods, 1982, chapter 4). The penalty is convex in each type's use, so a model's best
/// answer to the others is a covering knapsack in which servers of a type cost more once it is used up
/// (block coordinate descent). Small steps of w change few answers at a time, which leaves a better optimum
/// than the full penalty at once.
///
/// A pass costs one knapsack for each model, and its own cover rules out most items of each.
struct PenaltyDescent {
    /// How much more a type's server may cost for the load it carries, at its own cost, than the model's
    /// cheapest cover at the prices. Of costlier types not even one is worth having to complete a cover.
    private static let dearest = 1.25

    private let program: CoverProgram
    private let prices: [Double]
    /// What a model's cheapest cover may cost in excess without harm.
    private let unit: Double
    private let search: KnapsackSearch
    /// N[h,m]; types may be overdrawn.
    private(set) var counts: CoverProgram.Counts
    /// sum_m N[h,m].
    private var use: [Int]
    /// The types that help each model.
    private var useful: [[Int]] = []

    // The items of one knapsack: a segment for each step of the cost, the dearest first.
    private let segmentCount: Int
    private var costs: [Double]
    private var weights: [Double]
    private var limits: [Int]
    private var order: [Int32]
    private var found: [Int]

    /// Whether the answers of all models are plain knapsacks.
    static func applies(to program: CoverProgram) -> Bool {
        program.failure == nil && program.conditions.allSatisfy { $0 == .none }
    }

    /// A descent from the covers that are cheapest at the prices.
    init(_ program: CoverProgram, priced: PricedCovers) {
        self.program = program
        counts = priced.counts
        prices = priced.prices
        unit = 1e-3 * abs(priced.bound) / Double(max(1, program.modelCount))
        let types = program.typeCount
        use = priced.use
        segmentCount = program.weighsStarts ? 3 : 2
        let items = segmentCount * types
        search = KnapsackSearch(capacity: items)
        costs = [Double](repeating: 0, count: items)
        weights = costs
        limits = [Int](repeating: 0, count: items)
        found = limits
        order = (0..<items).map(Int32.init)
        for model in 0..<program.modelCount {
            let row = model * types
            let limit = Self.dearest * priced.knapsackBounds[model]
            useful.append(
                (0..<types).filter { type in
                    let pair = row + type
                    return priced.counts[pair] > 0
                        || (program.most[pair] > 0 && program.cost[pair] <= limit * program.cover[pair])
                })
        }
    }

    /// Lets every model answer the others once.
    ///
    /// - Parameters:
    ///   - weight: w.
    ///   - first: the model whose turn comes first.
    mutating func pass(
        weight: Double, first: Int, relativeGap: Double, nodeLimit: Int, effort: inout PlanEffort
    ) {
        effort.descentPasses += 1
        let idle = prices.map { $0 * (1 - weight) }
        let overdrawn = prices.map { $0 + 2 * weight * ($0 + unit) }
        for turn in 0..<program.modelCount {
            let model = (first + turn) % program.modelCount
            let ownCost = prepare(model, idle, overdrawn)
            let itemCount = segmentCount * useful[model].count
            search.prepare(
                costs: costs, weights: weights, limits: limits, count: itemCount,
                requirement: CoverProgram.requirement, knownCost: ownCost * (1 - CoverProgram.roundingMargin),
                twinOffset: useful[model].count, order: &order)
            effort.knapsacks += 1
            let result = search.minimise(relativeGap: relativeGap, nodeLimit: nodeLimit)
            effort.knapsackNodes += search.nodeCount
            guard result != nil else { continue }
            found.withUnsafeMutableBufferPointer { found in
                if let base = found.baseAddress { search.writeBest(to: base) }
            }
            take(model)
        }
    }

    /// Sets up a model's items beside what the others use.
    ///
    /// - Returns: what its own cover costs.
    private mutating func prepare(_ model: Int, _ idle: [Double], _ overdrawn: [Double]) -> Double {
        let typeCount = useful[model].count
        let row = model * program.typeCount
        var ownCost = 0.0
        for place in 0..<typeCount {
            let type = useful[model][place]
            let pair = row + type
            let own = counts[pair]
            let most = program.most[pair]
            let free = min(most, max(0, program.available[type] - use[type] + own))
            let surcharge = overdrawn[type] - idle[type]
            var item = place + segmentCount * typeCount
            var start = 0
            var cost = program.cost[pair] + idle[type]
            /// Ends a segment at a count from which servers cost more; too small a rise might not sort two
            /// items.
            func close(at end: Int, rise: Double) {
                item -= typeCount
                costs[item] = cost
                weights[item] = program.cover[pair]
                if cost + rise > cost * (1 + 1e-9) {
                    limits[item] = end - start
                    ownCost += cost * Double(max(0, min(own, end) - start))
                    start = end
                    cost += rise
                } else {
                    limits[item] = 0
                }
            }
            if program.weighsStarts {
                let running = min(most, program.running[pair])
                let startCost = program.startCost[pair]
                close(at: min(free, running), rise: free < running ? surcharge : startCost)
                close(at: max(free, running), rise: free < running ? startCost : surcharge)
            } else {
                close(at: free, rise: surcharge)
            }
            close(at: most, rise: .infinity)
        }
        return ownCost
    }

    private mutating func take(_ model: Int) {
        let types = useful[model]
        let row = model * program.typeCount
        for (place, type) in types.enumerated() {
            var count = 0
            for segment in 0..<segmentCount { count += found[segment * types.count + place] }
            use[type] += count - counts[row + type]
            counts[row + type] = count
        }
    }
}
