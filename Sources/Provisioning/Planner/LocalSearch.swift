extension CoverProgram {
    /// Improves an allocation model by model: each in turn gives its servers back and takes the cheapest
    /// cover out of what the others leave, at the given prices, until nobody gains.
    ///
    /// - Parameter counts: must not overdraw a type; models may be uncovered, and stay so where no cover is
    ///   left.
    /// - Parameter first: the model whose turn comes first.
    /// - Parameter prices: nil for none.
    func exchanged(
        _ counts: Counts, first: Int, prices: [Double]?, with knapsacks: CoverKnapsacks,
        relativeGap: Double, nodeLimit: Int, effort: inout PlanEffort
    ) -> Counts {
        // The cost falls with every change, so this ends by itself; the limit only cuts off tiny gains.
        let passLimit = 4
        var counts = counts
        var free = free(beside: counts)
        // A model whose last turn changed nothing, and around which nothing changed since, need not be asked
        // again.
        var settled = 0
        for turn in 0..<passLimit * modelCount where settled < modelCount {
            settled += 1
            let model = (first + turn) % modelCount
            let row = model * typeCount
            var ownCost = 0.0
            var ownCover = 0.0
            for type in 0..<typeCount where counts[row + type] > 0 {
                let count = Double(counts[row + type])
                ownCost += cost(of: counts[row + type], pair: row + type) + (prices?[type] ?? 0) * count
                ownCover += cover[row + type] * count
                free[type] += counts[row + type]
            }
            let isCovered = ownCover >= Self.requirement && meetsConditions(counts, model: model)
            let knownCost = isCovered ? ownCost * (1 - Self.roundingMargin) : .infinity
            let solution = knapsacks.cheapest(
                model, prices: prices, free: free, knownCost: knownCost, relativeGap: relativeGap,
                nodeLimit: nodeLimit, effort: &effort)
            if solution != nil {
                for type in 0..<typeCount {
                    counts[row + type] = knapsacks.counts[type]
                    free[type] -= knapsacks.counts[type]
                }
                settled = 0
            } else {
                for type in 0..<typeCount where counts[row + type] > 0 { free[type] -= counts[row + type] }
            }
        }
        return counts
    }

    /// An allocation that overdraws nothing: as long as some type is overdrawn, the one of its users that
    /// loses least by it takes the cheapest cover, at the given prices, that gives back what is too much.
    /// Where nobody can, users are left uncovered.
    func repaired(
        _ counts: Counts, prices: [Double], with knapsacks: CoverKnapsacks, relativeGap: Double,
        nodeLimit: Int, effort: inout PlanEffort
    ) -> Counts {
        // Asking all of many users costs more than the best of them saves.
        let usersAsked = 64
        var counts = counts
        var free = free(beside: counts)
        while let type = free.indices.filter({ free[$0] < 0 }).min(by: { (free[$0], $0) < (free[$1], $1) }) {
            var chosen: (model: Int, loss: Double, cover: [Int])?
            let users = (0..<modelCount).lazy.filter { counts[$0 * typeCount + type] > 0 }
            for model in users.prefix(usersAsked) {
                let row = model * typeCount
                var limits = free
                var ownCost = 0.0
                for other in 0..<typeCount where counts[row + other] > 0 {
                    limits[other] += counts[row + other]
                    ownCost +=
                        cost(of: counts[row + other], pair: row + other)
                        + prices[other] * Double(counts[row + other])
                }
                guard
                    let solution = knapsacks.cheapest(
                        model, prices: prices, free: limits, knownCost: ownCost + (chosen?.loss ?? .infinity),
                        relativeGap: relativeGap, nodeLimit: nodeLimit, effort: &effort)
                else { continue }
                chosen = (
                    model, solution.cost - ownCost, (0..<typeCount).map { knapsacks.counts[$0] }
                )
            }
            guard let chosen else { return withoutOverdraft(counts) }
            let row = chosen.model * typeCount
            for other in 0..<typeCount {
                free[other] += counts[row + other] - chosen.cover[other]
                counts[row + other] = chosen.cover[other]
            }
        }
        return counts
    }

    /// The allocation with the models that use overdrawn types left uncovered, one after the other until
    /// nothing is overdrawn.
    func withoutOverdraft(_ counts: Counts) -> Counts {
        var counts = counts
        var free = free(beside: counts)
        for type in 0..<typeCount where free[type] < 0 {
            // Those that take least of the type first: they lose least.
            let users = (0..<modelCount).filter { counts[$0 * typeCount + type] > 0 }
                .sorted { (counts[$0 * typeCount + type], $0) < (counts[$1 * typeCount + type], $1) }
            for model in users where free[type] < 0 {
                for other in pairs(of: model) {
                    free[other % typeCount] += counts[other]
                    counts[other] = 0
                }
            }
        }
        return counts
    }
}
