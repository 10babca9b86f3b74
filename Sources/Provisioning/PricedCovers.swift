/// The Lagrangian relaxation of the cover program (Geoffrion, Mathematical Programming Study 2, 1974): the limits
/// of the types are given up and priced instead. At prices price[h] >= 0 it falls apart into one covering knapsack
/// for each model,
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
    /// How far sums of products may be off by rounding, relative to their terms, with a wide margin: proven bounds
    /// are lowered by it.
    static let roundingMargin = 1e-9

    /// Solves the knapsacks of all models at the given prices; nil where some model has no cover within the whole
    /// fleet.
    ///
    /// - Parameter relativeGap: how exactly each knapsack is solved.
    func pricedCovers(
        prices: [Double], with knapsacks: CoverKnapsacks, relativeGap: Double, nodeLimit: Int,
        effort: inout PlanEffort
    ) -> PricedCovers? {
        var counts = Counts(repeating: 0, count: cost.count)
        var use = [Int](repeating: 0, count: typeCount)
        var bounds: [Double] = []
        bounds.reserveCapacity(modelCount)
        for model in 0..<modelCount {
            guard
                let solution = knapsacks.cheapest(
                    model, prices: prices, free: available, relativeGap: relativeGap, nodeLimit: nodeLimit,
                    effort: &effort)
            else { return nil }
            bounds.append(solution.bound)
            let first = model * typeCount
            for type in 0..<typeCount where knapsacks.counts[type] > 0 {
                counts[first + type] = knapsacks.counts[type]
                use[type] += knapsacks.counts[type]
            }
        }
        let covering = bounds.reduce(0, +)
        let pricedLimits = zip(prices, available).reduce(0) { $0 + $1.0 * Double($1.1) }
        return PricedCovers(
            prices: prices, counts: counts, use: use, knapsackBounds: bounds,
            bound: covering - pricedLimits - Self.roundingMargin * (covering + pricedLimits))
    }
}
