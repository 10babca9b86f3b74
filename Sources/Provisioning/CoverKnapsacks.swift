import Optimization

/// The covering knapsacks of a program's models, solved one after the other in memory that is allocated once.
///
/// Each model's items stay in the order of its last knapsack, which a small change of the prices hardly disturbs.
/// Outcomes do not depend on it.
final class CoverKnapsacks {
    private let program: CoverProgram
    private let search: KnapsackSearch
    private let costs: UnsafeMutablePointer<Double>
    private let limits: UnsafeMutablePointer<Int>
    private let orders: UnsafeMutablePointer<Int32>
    /// The cover found last, one count for each type.
    let counts: UnsafeMutablePointer<Int>

    init(_ program: CoverProgram) {
        self.program = program
        let types = program.typeCount
        search = KnapsackSearch(capacity: types)
        costs = .allocate(capacity: types)
        limits = .allocate(capacity: types)
        counts = .allocate(capacity: types)
        counts.initialize(repeating: 0, count: types)
        orders = .allocate(capacity: types * program.modelCount)
        for index in 0..<types * program.modelCount { orders[index] = Int32(index % types) }
    }

    deinit {
        costs.deallocate()
        limits.deallocate()
        counts.deallocate()
        orders.deallocate()
    }

    /// The cheapest cover of a model at the given prices out of the given servers, written to `counts`; nil where
    /// they do not cover it.
    ///
    /// - Parameters:
    ///   - prices: of the types; nil for none.
    ///   - free: servers of each type; a negative number counts as none.
    func cheapest(
        _ model: Int, prices: [Double]?, free: [Int], relativeGap: Double, nodeLimit: Int,
        effort: inout PlanEffort
    ) -> KnapsackSearch.Result? {
        prepare(model, prices: prices, free: free)
        effort.knapsacks += 1
        guard let result = search.minimise(relativeGap: relativeGap, nodeLimit: nodeLimit) else { return nil }
        effort.knapsackNodes += result.nodeCount
        search.writeBest(to: counts)
        return result
    }

    /// Whether the last `cheapest` that found nothing was cut off, so that it does not prove that nothing covers.
    var wasCutOff: Bool { search.wasCutOff }

    /// All nearly cheapest covers of a model at the given prices; `writeListed` gives their counts.
    func list(
        _ model: Int, prices: [Double], costingAtMost cost: Double, coverLimit: Int, nodeLimit: Int,
        effort: inout PlanEffort
    ) -> KnapsackSearch.Listing {
        prepare(model, prices: prices, free: program.available)
        effort.knapsacks += 1
        let listing = search.list(costingAtMost: cost, coverLimit: coverLimit, nodeLimit: nodeLimit)
        effort.knapsackNodes += listing.nodeCount
        return listing
    }

    /// Writes a cover of the last listing to `counts`.
    func writeListed(_ cover: Int) { search.writeListed(cover, to: counts) }

    private func prepare(_ model: Int, prices: [Double]?, free: [Int]) {
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
        program.cover.withUnsafeBufferPointer { cover in
            guard let base = cover.baseAddress else { return }
            func prepare(_ racks: UnsafePointer<Int>?) {
                search.prepare(
                    costs: costs, weights: base + first, limits: limits, count: types,
                    requirement: CoverProgram.requirement, conditions: program.conditions[model],
                    racks: racks, order: orders + first)
            }
            if let racks = program.racks {
                racks.withUnsafeBufferPointer { prepare($0.baseAddress) }
            } else {
                prepare(nil)
            }
        }
    }
}
