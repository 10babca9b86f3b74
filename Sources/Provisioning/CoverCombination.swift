import Optimization

/// The search over combinations of nearly cheapest covers.
///
/// At prices with the bound `bound`, give each cover k of a model m the excess
///
///     excess[k] = sum_h (cost[h,m] + price[h]) k[h] - K[m]  >= 0.
///
/// A feasible allocation that gives each model one cover costs
///
///     bound + sum of its covers' excess + sum_h price[h] * (servers of h left free),
///
/// so one that costs at most `bound + budget` uses only covers with an excess within the budget. The knapsacks list
/// them, and a depth-first search combines them under the limits of the types, adding up excess and the price of
/// servers that no remaining model can use any more. Only minimal covers are needed: taking a server out of any
/// other one saves its cost. A search that ends without a find has proven that every allocation costs more than
/// `bound + budget`.
///
/// Exponential in the worst case; node limits keep it short, and its outcome says whether they were reached.
struct CoverCombination {
    /// What a search found out.
    struct Outcome {
        /// The cheapest allocation found; nil where there is none.
        var counts: CoverProgram.Counts?
        var cost = Double.infinity
        /// Whether every allocation within the budget that is cheaper than the one found was ruled out.
        var isComplete = true
        /// Whether all covers within the budget could be listed.
        var hasAllCovers = true
    }

    /// A cover as the search sees it.
    private struct Cover {
        let excess: Double
        let counts: [Int]
    }

    private let program: CoverProgram
    private let prices: [Double]
    private let bound: Double
    private let sufficientCost: Double
    private let nodeLimit: Int
    /// The models in the order they are decided, those with the fewest covers first.
    private let order: [Int]
    /// The covers of each model in that order, by excess.
    private let covers: [[Cover]]
    /// How many servers of each type the models from a depth on can use at most.
    private let usable: [[Int]]

    private var budget: Double
    private var free: [Int]
    private var chosen: [Int]
    private var outcome = Outcome()
    private var nodeCount = 0
    private var isDone = false

    /// Searches for an allocation of at most `priced.bound + budget`.
    ///
    /// - Parameter sufficientCost: the search ends as soon as it finds an allocation of at most this cost.
    static func search(
        _ program: CoverProgram, priced: PricedCovers, budget: Double, sufficientCost: Double,
        limits: PlanningLimits, with knapsacks: CoverKnapsacks, effort: inout PlanEffort
    ) -> Outcome {
        var covers: [[Cover]] = []
        var outcome = Outcome()
        for model in 0..<program.modelCount {
            let least = priced.knapsackBounds[model]
            let found = knapsacks.list(
                model, prices: priced.prices, costingAtMost: least + budget,
                coverLimit: limits.coversPerModel, nodeLimit: limits.knapsackNodes, effort: &effort)
            guard found.isComplete else {
                outcome.isComplete = false
                outcome.hasAllCovers = false
                return outcome
            }
            let byExcess = found.costs.indices.sorted { (found.costs[$0], $0) < (found.costs[$1], $1) }
            covers.append(
                byExcess.map { cover in
                    knapsacks.writeListed(cover)
                    return Cover(
                        excess: max(0, found.costs[cover] - least),
                        counts: (0..<program.typeCount).map { knapsacks.counts[$0] })
                })
        }
        var search = CoverCombination(
            program: program, priced: priced, covers: covers, budget: budget, sufficientCost: sufficientCost,
            nodeLimit: limits.combinationNodes)
        search.decide(0, spent: 0)
        effort.combinationNodes += search.nodeCount
        return search.outcome
    }

    private init(
        program: CoverProgram, priced: PricedCovers, covers: [[Cover]], budget: Double,
        sufficientCost: Double,
        nodeLimit: Int
    ) {
        self.program = program
        self.budget = budget
        self.sufficientCost = sufficientCost
        self.nodeLimit = nodeLimit
        prices = priced.prices
        bound = priced.bound
        order = covers.indices.sorted { (covers[$0].count, $0) < (covers[$1].count, $1) }
        let ordered = order.map { covers[$0] }
        self.covers = ordered
        var usable = [[Int]](repeating: program.available.map { _ in 0 }, count: covers.count + 1)
        for depth in covers.indices.reversed() {
            usable[depth] = usable[depth + 1].enumerated().map { type, later in
                later + (ordered[depth].lazy.map { $0.counts[type] }.max() ?? 0)
            }
        }
        self.usable = usable
        free = program.available
        chosen = covers.map { _ in 0 }
    }

    private mutating func decide(_ depth: Int, spent: Double) {
        guard depth < covers.count else { return offer() }
        for index in covers[depth].indices {
            let excess = spent + covers[depth][index].excess
            guard excess <= budget, !isDone else { break }
            nodeCount += 1
            if nodeCount >= nodeLimit {
                outcome.isComplete = false
                isDone = true
                break
            }
            guard let idlePrice = idlePrice(after: index, at: depth), excess + idlePrice <= budget else {
                continue
            }
            take(index, at: depth, times: 1)
            if depth + 1 == covers.count || canFinish(from: depth + 1, spent: excess) {
                decide(depth + 1, spent: excess)
            }
            take(index, at: depth, times: -1)
        }
    }

    /// The price of the servers that stay free whatever the remaining models take; nil where the cover does not fit.
    private func idlePrice(after index: Int, at depth: Int) -> Double? {
        var price = 0.0
        for type in free.indices {
            let left = free[type] - covers[depth][index].counts[type]
            guard left >= 0 else { return nil }
            price += prices[type] * Double(max(0, left - usable[depth + 1][type]))
        }
        return price
    }

    /// Whether each remaining model still has a cover that fits, and those of least excess stay within the budget.
    private func canFinish(from depth: Int, spent: Double) -> Bool {
        var spent = spent
        for later in depth..<covers.count {
            guard let cover = covers[later].first(where: { fits($0) }) else { return false }
            spent += cover.excess
            if spent > budget { return false }
        }
        return true
    }

    private func fits(_ cover: Cover) -> Bool {
        for type in free.indices where cover.counts[type] > free[type] { return false }
        return true
    }

    private mutating func take(_ index: Int, at depth: Int, times sign: Int) {
        for type in free.indices { free[type] -= sign * covers[depth][index].counts[type] }
        chosen[depth] = index
    }

    private mutating func offer() {
        var counts = CoverProgram.Counts(repeating: 0, count: program.modelCount * program.typeCount)
        for (depth, model) in order.enumerated() {
            counts.replaceSubrange(program.pairs(of: model), with: covers[depth][chosen[depth]].counts)
        }
        let cost = program.cost(of: counts)
        guard cost < outcome.cost else { return }
        outcome.counts = counts
        outcome.cost = cost
        // From here on only a cheaper one is of use.
        budget = min(budget, cost - bound)
        if cost <= sufficientCost {
            outcome.isComplete = false
            isDone = true
        }
    }
}
