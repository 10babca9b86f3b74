import Optimization

/// The models' nearly cheapest covers at the best prices, and a choice among them that fits the fleet.
///
/// At prices with the bound `bound`, a feasible allocation that gives each model one cover costs
///
///     bound + sum of its covers' excess + sum_h price[h] * (servers of h left free),
///
/// with a cover's excess what it costs beyond its model's cheapest one (see `CoverCombination`, which
/// searches all combinations and so is for few models). Where there are many, an allocation close to the
/// bound is a choice of little excess that leaves few priced servers free, and annealing finds it (see
/// `ChoiceAnnealing`).
struct CoverAnnealing {
    private let program: CoverProgram
    let priced: PricedCovers
    private var options = ChoiceAnnealing.Options()
    private var covers: [SparseCover] = []
    private var starts = [0]

    /// Lists about `poolSize` covers for each model.
    ///
    /// - Parameter known: covers that were cheapest at other prices. Those listed are often much alike; these
    ///   make the mixtures that the best prices balance.
    init(
        _ program: CoverProgram, priced: PricedCovers, known: [Set<SparseCover>], poolSize: Int,
        nodeLimit: Int, with knapsacks: CoverKnapsacks, effort: inout PlanEffort
    ) {
        self.program = program
        self.priced = priced
        for model in 0..<program.modelCount {
            let least = priced.knapsackBounds[model]
            var pool: [SparseCover: Double] = [:]
            var budget = 1e-3 * least
            // Each look widens the budget until there are enough covers, or no more. A look that was cut off
            // has seen only covers that begin alike, so the one before it counts, where there is one.
            for _ in 0..<24 {
                let listing = knapsacks.list(
                    model, prices: priced.prices, costingAtMost: least + budget, coverLimit: 20 * poolSize,
                    nodeLimit: nodeLimit, effort: &effort)
                guard listing.isComplete || pool.isEmpty else { break }
                let order = listing.costs.indices.sorted {
                    (listing.costs[$0], $0) < (listing.costs[$1], $1)
                }
                for cover in order.prefix(poolSize) {
                    knapsacks.writeListed(cover)
                    let counts = UnsafeBufferPointer(start: knapsacks.counts, count: program.typeCount)
                    pool[SparseCover(counts)] = max(0, listing.costs[cover] - least)
                }
                if listing.costs.count >= poolSize || !listing.isComplete || budget > 0.5 * least { break }
                budget *= 1.6
            }
            for cover in known[model] where pool[cover] == nil {
                pool[cover] = max(0, program.pricedCost(of: cover, model: model, priced.prices) - least)
            }
            let sorted = pool.sorted {
                $0.value != $1.value
                    ? $0.value < $1.value : $0.key.entries.lexicographicallyPrecedes($1.key.entries)
            }
            for (cover, excess) in sorted {
                options.add(excess: excess, uses: cover.uses)
                covers.append(cover)
            }
            options.endChooser()
            starts.append(covers.count)
        }
    }

    /// The best choice found, as counts; it may overdraw types.
    func anneal(movesPerModel: Int, sufficientCost: Double, seed: UInt64, effort: inout PlanEffort)
        -> [CoverProgram.Counts]
    {
        let annealing = ChoiceAnnealing(
            options: options, limits: program.available, prices: priced.prices)
        // Costs differ by about a thousandth of a model's share between neighbouring states.
        let unit = 1e-3 * max(priced.bound, 0) / Double(max(1, program.modelCount))
        let schedule = ChoiceAnnealing.Schedule(
            moves: movesPerModel * program.modelCount, temperature: 3 * unit, penalty: 3 * unit,
            sufficient: sufficientCost - priced.bound)
        let outcome = annealing.search(schedule, seed: seed)
        effort.annealingMoves += outcome.moves
        var choices: [ChoiceAnnealing.Choice] = []
        if let best = outcome.best { choices.append(best) }
        if outcome.best.map({ $0.cost > outcome.last.cost }) ?? true { choices.append(outcome.last) }
        return choices.map(counts)
    }

    private func counts(_ choice: ChoiceAnnealing.Choice) -> CoverProgram.Counts {
        var counts = CoverProgram.Counts(repeating: 0, count: program.cost.count)
        for (model, option) in choice.options.enumerated() {
            for use in covers[starts[model] + option].uses {
                counts[model * program.typeCount + use.resource] = use.amount
            }
        }
        return counts
    }
}

extension CoverProgram {
    /// What a cover costs at given prices.
    func pricedCost(of cover: SparseCover, model: Int, _ prices: [Double]) -> Double {
        cover.uses.reduce(0) {
            $0 + cost(of: $1.amount, pair: model * typeCount + $1.resource)
                + prices[$1.resource] * Double($1.amount)
        }
    }
}
