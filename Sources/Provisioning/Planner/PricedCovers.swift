/// The Lagrangian relaxation of the cover program (Geoffrion, Mathematical Programming Study 2, 1974): the
/// limits of the types are given up and priced instead. At prices price[h] >= 0 it falls apart into one
/// covering knapsack for each model,
///
///     K[m] = minimum of  sum_h (cost[h,m] + price[h]) N[h,m]   over covers of model m
///
/// and for any prices no feasible N costs less than
///
///     bound = sum_m K[m] - sum_h price[h] available[h].
///
/// Unlike the linear relaxation's, this bound knows that servers are whole.
struct PricedCovers {
    /// price[h].
    let prices: [Double]
    /// The cheapest covers found, N[h,m]; together they may overdraw types.
    let counts: CoverProgram.Counts
    /// sum_m N[h,m].
    let use: [Int]
    /// What was proven of each K[m] from below.
    let knapsackBounds: [Double]
    /// The bound on the whole program.
    let bound: Double
}

extension CoverProgram {
    /// How far sums of products may be off by rounding, relative to their terms, with a wide margin: proven
    /// bounds are lowered by it.
    static let roundingMargin = 1e-9

    /// Solves the knapsacks of all models at the given prices; nil where some model has no cover within the
    /// whole fleet.
    ///
    /// - Parameter known: covers of all models out of the whole fleet, such as those that were cheapest at
    ///   other prices; a model keeps its own where no other is cheaper. They save most of the work.
    /// - Parameter relativeGap: how exactly each knapsack is solved.
    func pricedCovers(
        prices: [Double], known: Counts?, with knapsacks: CoverKnapsacks, relativeGap: Double, nodeLimit: Int,
        effort: inout PlanEffort
    ) -> PricedCovers? {
        var counts = Counts(repeating: 0, count: cost.count)
        var use = [Int](repeating: 0, count: typeCount)
        var bounds: [Double] = []
        bounds.reserveCapacity(modelCount)
        for model in 0..<modelCount {
            let first = model * typeCount
            var knownCost = Double.infinity
            if let known {
                knownCost = 0
                for type in 0..<typeCount where known[first + type] > 0 {
                    let count = known[first + type]
                    knownCost += cost(of: count, pair: first + type) + prices[type] * Double(count)
                }
            }
            let solution = knapsacks.cheapest(
                model, prices: prices, free: available, knownCost: knownCost, relativeGap: relativeGap,
                nodeLimit: nodeLimit, effort: &effort)
            bounds.append(solution?.bound ?? knapsacks.provenBound)
            if solution != nil {
                for type in 0..<typeCount { counts[first + type] = knapsacks.counts[type] }
            } else if let known {
                for type in 0..<typeCount { counts[first + type] = known[first + type] }
            } else {
                return nil
            }
            for type in 0..<typeCount { use[type] += counts[first + type] }
        }
        let covering = bounds.reduce(0, +)
        let pricedLimits = zip(prices, available).reduce(0) { $0 + $1.0 * Double($1.1) }
        return PricedCovers(
            prices: prices, counts: counts, use: use, knapsackBounds: bounds,
            bound: covering - pricedLimits - Self.roundingMargin * (covering + pricedLimits))
    }
}
