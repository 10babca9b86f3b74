import Optimization

/// The covering knapsacks of a program's models, solved one after the other in memory that is allocated once.
///
/// Each model's items stay in the order of its last knapsack, which a small change of the prices hardly
/// disturbs. Outcomes do not depend on it. Where starting servers costs something, each type is two items:
/// those that run already, and costlier ones that may be used when these are used up.
final class CoverKnapsacks {
    private let program: CoverProgram
    private let search: KnapsackSearch
    private let costs: UnsafeMutablePointer<Double>
    private let limits: UnsafeMutablePointer<Int>
    private let orders: UnsafeMutablePointer<Int32>
    private let itemCounts: UnsafeMutablePointer<Int>
    private let weights: UnsafeMutablePointer<Double>
    private let itemsPerModel: Int
    /// In the order of the items; nil where no failure counts. Where starts are weighed, single servers are
    /// all that may fail, and they are of either item.
    private let failure: CoverFailure?
    /// The cover found last, one count for each type.
    let counts: UnsafeMutablePointer<Int>

    init(_ program: CoverProgram) {
        self.program = program
        let types = program.typeCount
        let items = program.weighsStarts ? 2 * types : types
        itemsPerModel = items
        failure =
            if items > types, case .rack(let racks) = program.failure {
                .rack(perKind: racks + racks)
            } else {
                program.failure
            }
        search = KnapsackSearch(capacity: items)
        costs = .allocate(capacity: items)
        limits = .allocate(capacity: items)
        weights = .allocate(capacity: items)
        itemCounts = .allocate(capacity: items)
        itemCounts.initialize(repeating: 0, count: items)
        counts = .allocate(capacity: types)
        counts.initialize(repeating: 0, count: types)
        orders = .allocate(capacity: items * program.modelCount)
        for index in 0..<items * program.modelCount { orders[index] = Int32(index % items) }
    }

    deinit {
        costs.deallocate()
        limits.deallocate()
        counts.deallocate()
        weights.deallocate()
        itemCounts.deallocate()
        orders.deallocate()
    }

    /// The cheapest cover of a model at the given prices out of the given servers, written to `counts`; nil
    /// where they do not cover it, or not more cheaply than known.
    ///
    /// - Parameters:
    ///   - prices: of the types; nil for none.
    ///   - free: servers of each type; a negative number counts as none.
    ///   - knownCost: of a cover that is known.
    func cheapest(
        _ model: Int, prices: [Double]?, free: [Int], knownCost: Double = .infinity, relativeGap: Double,
        nodeLimit: Int, effort: inout PlanEffort
    ) -> KnapsackSearch.Result? {
        prepare(model, prices: prices, free: free, knownCost: knownCost)
        effort.knapsacks += 1
        let result = search.minimise(relativeGap: relativeGap, nodeLimit: nodeLimit)
        effort.knapsackNodes += search.nodeCount
        guard let result else { return nil }
        search.writeBest(to: itemCounts)
        addUp()
        return result
    }

    /// What the last `cheapest` proved from below, also where it found nothing cheaper than known.
    var provenBound: Double { search.provenBound }

    /// All nearly cheapest covers of a model at the given prices; `writeListed` gives their counts.
    func list(
        _ model: Int, prices: [Double], costingAtMost cost: Double, coverLimit: Int, nodeLimit: Int,
        effort: inout PlanEffort
    ) -> KnapsackSearch.Listing {
        prepare(model, prices: prices, free: program.available, knownCost: .infinity)
        effort.knapsacks += 1
        let listing = search.list(costingAtMost: cost, coverLimit: coverLimit, nodeLimit: nodeLimit)
        effort.knapsackNodes += listing.nodeCount
        return listing
    }

    /// Writes a cover of the last listing to `counts`.
    func writeListed(_ cover: Int) {
        search.writeListed(cover, to: itemCounts)
        addUp()
    }

    /// Servers of a type, whichever item they are.
    private func addUp() {
        let types = program.typeCount
        for type in 0..<types {
            counts[type] =
                itemsPerModel > types ? itemCounts[type] + itemCounts[types + type] : itemCounts[type]
        }
    }

    private func prepare(_ model: Int, prices: [Double]?, free: [Int], knownCost: Double) {
        let types = program.typeCount
        let first = model * types
        program.most.withUnsafeBufferPointer { most in
            program.cost.withUnsafeBufferPointer { cost in
                free.withUnsafeBufferPointer { free in
                    for type in 0..<types {
                        limits[type] = min(most[first + type], max(0, free[type]))
                        costs[type] = cost[first + type]
                    }
                }
            }
        }
        prices?.withUnsafeBufferPointer { prices in
            for type in 0..<types { costs[type] += prices[type] }
        }
        if itemsPerModel > types { return prepareTiers(model, knownCost: knownCost) }
        program.cover.withUnsafeBufferPointer { cover in
            guard let base = cover.baseAddress else { return }
            search.prepare(
                costs: costs, weights: base + first, limits: limits, count: types,
                requirement: CoverProgram.requirement, conditions: program.conditions[model],
                failure: failure, knownCost: knownCost, order: orders + first)
        }
    }

    /// Splits each type into the servers that run for the model, at the costs prepared so far, and those to
    /// be started.
    private func prepareTiers(_ model: Int, knownCost: Double) {
        let types = program.typeCount
        let first = model * types
        for type in 0..<types {
            let startCost = program.startCost[first + type]
            // Too small a difference might not sort the two items.
            let costsMore = costs[type] + startCost > costs[type] * (1 + 1e-9)
            let running = costsMore ? min(program.running[first + type], limits[type]) : 0
            costs[types + type] = costs[type]
            limits[types + type] = running
            costs[type] += startCost
            limits[type] -= running
            weights[type] = program.cover[first + type]
            weights[types + type] = weights[type]
        }
        search.prepare(
            costs: costs, weights: weights, limits: limits, count: itemsPerModel,
            requirement: CoverProgram.requirement, failure: failure, knownCost: knownCost,
            twinOffset: types, order: orders + itemsPerModel * model)
    }
}
