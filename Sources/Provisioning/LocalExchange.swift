extension CoverProgram {
    /// Improves an allocation model by model: each in turn gives its servers back and takes the cheapest cover out
    /// of what the others leave, at the given prices, until nobody gains.
    ///
    /// - Parameter counts: must not overdraw a type; models may be uncovered, and stay so where no cover is left.
    /// - Parameter first: the model whose turn comes first.
    func exchanged(
        _ counts: Counts, first: Int, prices: [Double], relativeGap: Double, nodeLimit: Int,
        effort: inout PlanEffort
    ) -> Counts {
        // The cost falls with every change, so this ends by itself; the limit only cuts off tiny gains.
        let passLimit = 4
        var counts = counts
        for _ in 0..<passLimit {
            var hasChanged = false
            for turn in 0..<modelCount {
                let model = (first + turn) % modelCount
                let pairs = pairs(of: model)
                let limits = zip(free(beside: counts), counts[pairs]).map { $0 + $1 }
                effort.knapsacks += 1
                guard
                    let solution = knapsack(of: model, prices: prices, limits: limits)
                        .solve(relativeGap: relativeGap, nodeLimit: nodeLimit)
                else { continue }
                effort.knapsackNodes += solution.nodeCount
                let isCovered = coverage(of: counts, model: model) >= Self.requirement
                let ownCost = zip(pairs, prices).reduce(0) {
                    $0 + (power[$1.0] + $1.1) * Double(counts[$1.0])
                }
                guard !isCovered || solution.cost < ownCost * (1 - Self.roundingMargin) else { continue }
                counts.replaceSubrange(pairs, with: solution.counts)
                hasChanged = true
            }
            if !hasChanged { break }
        }
        return counts
    }
}
