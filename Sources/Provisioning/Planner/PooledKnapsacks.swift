import Optimization

/// The covering knapsacks of a program's models over pools of types, at the pools' prices or out of what
/// other models leave.
final class PooledKnapsacks {
    let pools: TypePools
    private(set) var count = 0
    private(set) var nodeCount = 0

    private let program: CoverProgram
    private let nodeLimit: Int
    private let search: KnapsackSearch
    private let poolCount: Int
    /// Items of one pool: costly ones have to wait for cheaper ones. The cheapest come last.
    private let segmentCount: Int
    private var costs: [Double]
    private var weights: [Double]
    private var limits: [Int]
    /// In the order of the items; nil where no failure counts.
    private let failure: CoverFailure?
    private var orders: [[Int32]]
    private var found: [Int]

    /// The knapsacks at the given prices, over the pairs that an allocation within the budget may use.
    ///
    /// - Parameter budget: above the bound of `priced`.
    init(_ program: CoverProgram, priced: PricedCovers, budget: Double, nodeLimit: Int) {
        self.program = program
        self.nodeLimit = nodeLimit
        let isPlain = program.failure == nil && program.conditions.allSatisfy { $0 == .none }
        let tellsApart = !isPlain || program.weighsStarts
        var usability = PairUsability(program: program, priced: priced, budget: budget, nodeLimit: nodeLimit)
        let isUsable = usability.isUsable(tellsApart: tellsApart)
        count = usability.count
        nodeCount = usability.nodeCount
        let pools = TypePools(program, prices: priced.prices, isUsable: isUsable, tellsApart: tellsApart)
        self.pools = pools
        poolCount = pools.pools.count
        segmentCount = program.weighsStarts ? 2 : pools.pools.map(\.count).max() ?? 1
        let items = poolCount * segmentCount
        search = KnapsackSearch(capacity: items)
        costs = [Double](repeating: 0, count: items)
        weights = costs
        limits = [Int](repeating: 0, count: items)
        found = limits
        let segments = segmentCount
        failure =
            if case .rack(let racks) = program.failure {
                .rack(perKind: (0..<segments).flatMap { _ in pools.pools.map { racks[$0[0].type] } })
            } else {
                program.failure
            }
        orders = [[Int32]](repeating: (0..<Int32(items)).map { $0 }, count: program.modelCount)
    }

    /// What each model's cheapest cover at the prices costs at least; nil where one has none.
    func bounds() -> [Double]? {
        var bounds: [Double] = []
        for model in 0..<program.modelCount {
            prepare(model, knownCost: .infinity, beside: nil)
            let result = search.minimise(relativeGap: 1e-6, nodeLimit: nodeLimit)
            tally()
            guard let result else { return nil }
            bounds.append(result.bound)
        }
        return bounds
    }

    /// All minimal covers of a model that cost at most `least + budget` at the prices; nil where there are
    /// too many.
    ///
    /// - Parameter least: what its cheapest cover costs at least.
    func list(_ model: Int, least: Double, budget: Double, coverLimit: Int) -> PooledCovers? {
        prepare(model, knownCost: .infinity, beside: nil)
        let listing = search.list(
            costingAtMost: least + budget, coverLimit: coverLimit, nodeLimit: 10 * coverLimit)
        count += 1
        nodeCount += listing.nodeCount
        guard listing.isComplete else { return nil }
        var covers = PooledCovers(poolCount: poolCount)
        for cover in listing.costs.indices {
            found.withUnsafeMutableBufferPointer { found in
                if let base = found.baseAddress { search.writeListed(cover, to: base) }
            }
            var cost = listing.costs[cover]
            for pool in 0..<poolCount { cost -= pools.ownPrice(pool: pool, count: servers(pool)) }
            covers.add(excess: max(0, listing.costs[cover] - least), cost: cost) { servers($0) }
        }
        covers.sort()
        return covers
    }

    /// What a search for the last model's cover came to.
    struct Found {
        /// The servers of each pool; nil where none was found that costs less than known.
        var counts: [Int]?
        /// Whether nothing cheaper was left out.
        var isProven = true
        var nodeCount = 0
    }

    /// The cheapest cover of a model at the servers' own cost out of what others leave.
    ///
    /// - Parameter used: of each pool by the others.
    func cheapest(_ model: Int, beside used: [Int], knownCost: Double) -> Found {
        guard knownCost > 0 else { return Found() }
        prepare(model, knownCost: knownCost, beside: used)
        let result = search.minimise(relativeGap: 0, nodeLimit: nodeLimit)
        tally()
        var found = Found(nodeCount: search.nodeCount)
        found.isProven = search.provenBound >= (result?.cost ?? knownCost) * (1 - 1e-9)
        guard result != nil else { return found }
        self.found.withUnsafeMutableBufferPointer { counts in
            if let base = counts.baseAddress { search.writeBest(to: base) }
        }
        found.counts = (0..<poolCount).map(servers)
        return found
    }

    private func tally() {
        count += 1
        nodeCount += search.nodeCount
    }

    private func servers(_ pool: Int) -> Int {
        var sum = 0
        for segment in 0..<segmentCount { sum += found[segment * poolCount + pool] }
        return sum
    }

    /// Sets up a model's items: at the prices, or beside what others use.
    private func prepare(_ model: Int, knownCost: Double, beside used: [Int]?) {
        let row = model * poolCount
        for item in limits.indices { limits[item] = 0 }
        for pool in 0..<poolCount {
            let base = pools.costs[row + pool]
            let price = used == nil ? pools.prices[pool] : 0
            let taken = used?[pool] ?? 0
            var left = min(pools.limits[row + pool], pools.totals[pool] - taken)
            guard left > 0, pools.covers[row + pool] > 0 else { continue }
            var item = pool + (segmentCount - 1) * poolCount
            var tier = (free: 0, cost: base + price)
            func close() {
                let count = min(left, tier.free)
                guard count > 0 else { return }
                costs[item] = tier.cost
                weights[item] = pools.covers[row + pool]
                limits[item] = count
                left -= count
                item -= poolCount
            }
            /// Servers that are no cheaper than those before; too small a difference might not sort two
            /// items.
            func add(_ count: Int, at cost: Double) {
                if cost > tier.cost * (1 + 1e-9) {
                    close()
                    tier = (0, cost)
                }
                tier.free += count
            }
            if program.weighsStarts {
                let pair = model * program.typeCount + pools.pools[pool][0].type
                add(program.running[pair], at: base + price)
                add(left, at: base + price + program.startCost[pair])
            } else {
                var start = 0
                for member in pools.pools[pool] {
                    let end = start + member.count
                    add(max(0, min(member.count, end - taken)), at: base + max(price, member.surcharge))
                    start = end
                }
            }
            close()
        }
        let count = limits.count
        search.prepare(
            costs: costs, weights: weights, limits: limits, count: count,
            requirement: CoverProgram.requirement, conditions: program.conditions[model], failure: failure,
            knownCost: knownCost, twinOffset: segmentCount > 1 ? poolCount : 0, order: &orders[model])
    }
}

/// Which pairs an allocation within a budget above the bound may use at all: with one server of the type
/// taken, the model's cheapest cover must not cost more than the budget allows (variable fixing by Lagrangian
/// bounds; Beasley, Modern Heuristic Techniques for Combinatorial Problems, 1993, chapter 6).
private struct PairUsability {
    let program: CoverProgram
    let priced: PricedCovers
    let budget: Double
    let nodeLimit: Int
    private(set) var count = 0
    private(set) var nodeCount = 0

    /// - Parameter tellsApart: asks nothing of pairs beyond whether they serve.
    mutating func isUsable(tellsApart: Bool) -> [Bool] {
        let types = program.typeCount
        var usable = program.cover.indices.map { program.cover[$0] > 0 && program.most[$0] > 0 }
        guard !tellsApart else { return usable }
        let search = KnapsackSearch(capacity: types)
        var costs = [Double](repeating: 0, count: types)
        var order = (0..<Int32(types)).map { $0 }
        for model in 0..<program.modelCount {
            let row = model * types
            let weights = Array(program.cover[row..<row + types])
            var limits = Array(program.most[row..<row + types])
            for type in 0..<types { costs[type] = program.cost[row + type] + priced.prices[type] }
            let most = priced.knapsackBounds[model] + budget
            for type in 0..<types where usable[row + type] {
                let rest = CoverProgram.requirement - weights[type]
                guard rest > 0 else {
                    usable[row + type] = costs[type] <= most
                    continue
                }
                guard costs[type] < most else {
                    usable[row + type] = false
                    continue
                }
                limits[type] -= 1
                // A hair more, so that what costs just as much counts as usable.
                search.prepare(
                    costs: costs, weights: weights, limits: limits, count: types, requirement: rest,
                    knownCost: (most - costs[type]) * (1 + 1e-9), order: &order)
                let result = search.minimise(relativeGap: 0, nodeLimit: nodeLimit)
                count += 1
                nodeCount += search.nodeCount
                usable[row + type] = result != nil || search.provenBound < most - costs[type]
                limits[type] += 1
            }
        }
        return usable
    }
}
