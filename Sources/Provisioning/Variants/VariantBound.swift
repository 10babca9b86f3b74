import Optimization
import Vocabulary

/// What no plan costs less than, at a price of each server type and a multiplier of each floor.
///
/// With costs c + price, d[v] what variant v lacks to the best accuracy and u the multiplier, a task is
/// served at sum c N + u sum d x - u D L at least, D being what the mean may lack. Two bounds of that hold:
///
/// - fluid: L times the least of c / qps + u d, as if servers could be rented in parts;
/// - whole: let w be the least accurate variant in use. Servers of a cover that are removed while it still
///   covers save their cost and lose no accuracy, so less than one server of w stands empty. So a cover by
///   variants no less accurate than w costs at least the covering knapsack with costs c + u d qps, less what
///   the empty part of one server of w would have lacked.
///
/// Both are below what any allocation costs, whatever the multiplier; the largest over several counts.
struct VariantBound {
    private let problem: VariantProblem
    private let prices: [Double]

    private static let nodeLimit = 20_000
    /// Factors on the multipliers of the relaxation. Knapsacks may be best at others than it.
    private static let factors = [1, 0.9, 1.1, 0.75, 1.25, 0.5, 1.5]

    init(_ problem: VariantProblem, prices: [Double]) {
        self.problem = problem
        self.prices = prices
    }

    /// The best bound at multiples of given multipliers. Groups are independent of each other, so each takes
    /// the multiple that is best for it.
    func best(around multipliers: [Double]) -> Double {
        let fleet = zip(prices, problem.base.available).reduce(0) { $0 - $1.0 * Double($1.1) }
        return zip(problem.groups, multipliers).reduce(fleet) { sum, one in
            let (group, multiplier) = one
            guard group.load > 0 else { return sum }
            let factors = multiplier > 0 ? Self.factors : [1]
            return sum + (factors.map { bound(group, multiplier * $0) }.max() ?? 0)
        }
    }

    /// Of one group at a multiplier.
    func bound(_ group: VariantProblem.Group, _ multiplier: Double) -> Double {
        let allowance = multiplier * (group.lackMax ?? 0) * group.load
        return max(fluid(group, multiplier), whole(group, multiplier)) - allowance
    }

    private func fluid(_ group: VariantProblem.Group, _ multiplier: Double) -> Double {
        var costs: [(each: Double, share: Double)] = []
        for (place, model) in group.variants.enumerated() {
            let least = pairs(model).map { $0.cost / $0.throughput }.min()
            if let least {
                costs.append((least + multiplier * group.lack(place), group.shareMax[place]))
            }
        }
        var (sum, left) = (0.0, 1.0)
        for cost in costs.sorted(by: { $0.each < $1.each }) where left > 0 {
            let taken = min(left, cost.share)
            sum += taken * cost.each
            left -= taken
        }
        return sum * group.load
    }

    /// Minus infinity where shares are limited: there an emptier server may stand elsewhere.
    private func whole(_ group: VariantProblem.Group, _ multiplier: Double) -> Double {
        guard group.shareMax.allSatisfy({ $0 >= 1 }) else { return -.infinity }
        var (costs, weights, limits) = ([Double](), [Double](), [Int]())
        var least = Double.infinity
        for (place, model) in group.variants.enumerated() {
            let lack = multiplier * group.lack(place)
            var largest = 0.0
            for pair in pairs(model) {
                costs.append(pair.cost + lack * pair.throughput)
                weights.append(pair.throughput)
                limits.append(pair.limit)
                largest = max(largest, pair.throughput)
            }
            // Without a multiplier the last knapsack, over all variants, is the least.
            guard largest > 0, multiplier > 0 || place == group.variants.count - 1 else { continue }
            let knapsack = CoveringKnapsack(
                costs: costs, weights: weights, limits: limits,
                requirement: group.load * (1 - Coverage.tolerance))
            guard let solution = knapsack.solve(nodeLimit: Self.nodeLimit) else { continue }
            least = min(least, solution.bound - lack * largest)
        }
        return least.isFinite ? least : -.infinity
    }

    private func pairs(_ model: Int) -> [(cost: Double, throughput: Double, limit: Int)] {
        let base = problem.base
        return base.serverTypes.indices.filter { base.canServe(model, with: $0) }.map { type in
            let pair = base.index(model: model, serverType: type)
            return (base.costs[pair] + prices[type], base.throughputs[pair], base.available[type])
        }
    }
}
