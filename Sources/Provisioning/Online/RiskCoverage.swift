import Foundation
import Optimization
import Quantities
import Vocabulary

/// Headroom as a risk with a price: instead of the same quantile for every model, each model gets the servers
/// that minimise
///
///     cost + price * P(load > capacity)
///
/// with the probability from the model's own forecast errors. One price for all models and all times buys
/// headroom where and when a violation is cheapest to avoid, so that a share of violated pairs over all of
/// them is met at the least cost (Lagrangian of the chance-constrained program).
package struct RiskCoverage {
    /// The fleet, with costs at the expected loads.
    let problem: ProvisioningProblem
    /// In queries/s, in the order of the models.
    let forecast: [Double]
    let tails: [ErrorTail]
    /// Of the types, in the unit of the objective; nil where none is known.
    let typePrices: [Double]?

    package init(
        problem: ProvisioningProblem, forecast: [Double], tails: [ErrorTail], typePrices: [Double]?
    ) {
        self.problem = problem
        self.forecast = forecast
        self.tails = tails
        self.typePrices = typePrices
    }

    /// Servers that a model may get.
    private struct Option {
        let capacity: Double
        let cost: Double
        let risk: Double
    }

    /// How many capacities are looked at for a model.
    private static let levels = 40
    private static let nodeLimit = 2_000

    /// The rates that a price buys. Models without a forecast keep a rate of 0.
    ///
    /// - Parameters:
    ///   - price: of a violated pair, in the unit of the objective; nil before the first decision.
    ///   - target: the share of pairs that may be violated.
    ///   - memory: the share of the old price that is kept, from 0 to 1.
    /// - Returns: R of each model, and the price to hand in next; the old one where no price decides the
    ///   risk, as with no load or too small a fleet.
    package func rates(price: Double?, target: Double, memory: Double) -> (rates: [Double], price: Double?) {
        let options = problem.models.indices.map(options(_:))
        let fair = fairPrice(options, target: target)
        let smoothed = price.map { exp(memory * log($0) + (1 - memory) * log(fair.price)) } ?? fair.price
        let used = fair.isDecided ? smoothed : price ?? fair.price
        let rates = problem.models.indices.map { model -> Double in
            guard let best = Self.best(options[model], price: used), forecast[model] > 0 else { return 0 }
            return best.capacity / forecast[model] - 1
        }
        return (rates, fair.isDecided ? smoothed : price)
    }

    /// The price at which the models' mean risk comes to the target now. No price decides that where the risk
    /// is low enough for nothing, or too high at any, as on too small a fleet.
    private func fairPrice(_ options: [[Option]], target: Double) -> (price: Double, isDecided: Bool) {
        func risk(_ price: Double) -> Double {
            let risks = options.compactMap { Self.best($0, price: price)?.risk }
            return risks.isEmpty ? 0 : risks.reduce(0, +) / Double(risks.count)
        }
        let scale = max(1e-9, options.joined().map(\.cost).max() ?? 1)
        var (low, high) = (log(scale * 1e-4), log(scale * 1e8))
        guard risk(exp(low)) > target else { return (exp(low), false) }
        guard risk(exp(high)) <= target else { return (exp(high), false) }
        for _ in 0..<50 {
            let middle = (low + high) / 2
            if risk(exp(middle)) > target { low = middle } else { high = middle }
        }
        return (exp(high), true)
    }

    private static func best(_ options: [Option], price: Double) -> Option? {
        options.min { $0.cost + price * $0.risk < $1.cost + price * $1.risk }
    }

    /// Cheapest servers for capacities from the middle of what may come to beyond all that was seen.
    private func options(_ model: Int) -> [Option] {
        let tail = tails[model]
        guard forecast[model] > 0 else { return [] }
        let span = tail.likely
        var options: [Option] = []
        var level = forecast[model] * (1 + span.lowerBound)
        let step = forecast[model] * (span.upperBound - span.lowerBound) / Double(Self.levels)
        for _ in 0...Self.levels {
            guard let found = cheapest(model, covering: level) else { break }
            options.append(
                Option(
                    capacity: found.capacity, cost: found.cost,
                    risk: tail.exceedance(found.capacity / forecast[model] - 1)))
            level = max(level + step, found.capacity * (1 + 1e-6))
            if level > forecast[model] * (1 + span.upperBound) + step { break }
        }
        return options
    }

    /// The cheapest servers that cover a load, at the types' prices; nil where the fleet does not.
    private func cheapest(_ model: Int, covering load: Double) -> (capacity: Double, cost: Double)? {
        let types = problem.serverTypes.indices
        let first = problem.index(model: model, serverType: 0)
        var costs: [Double] = []
        var weights: [Double] = []
        var limits: [Int] = []
        func add(_ type: Int, _ count: Int, _ cost: Double) {
            costs.append(cost + (typePrices?[type] ?? 0))
            weights.append(min(1, problem.throughputs[first + type] / load))
            limits.append(count)
        }
        for type in types {
            let running = min(problem.available[type], problem.running(first + type))
            add(type, running, problem.costs[first + type])
            add(
                type, problem.available[type] - running,
                problem.costs[first + type] + problem.startCost(first + type))
        }
        guard
            let cover = CoveringKnapsack(
                costs: costs, weights: weights, limits: limits, requirement: 1 - Coverage.tolerance
            ).solve(relativeGap: 1e-4, nodeLimit: Self.nodeLimit)
        else { return nil }
        var counts = problem.noServers
        for (item, count) in cover.counts.enumerated() { counts[first + item / 2] += count }
        let prices = types.reduce(0) { $0 + Double(counts[first + $1]) * (typePrices?[$1] ?? 0) }
        return (
            problem.capacity(of: counts, model: model),
            prices + problem.expectedCost(of: counts, model: model, load: forecast[model])
        )
    }
}

/// How far loads exceed their forecasts: relative excesses smoothed by a normal kernel, so that what is a
/// little more than all that was seen is not impossible (Silverman, Density Estimation, 1986, section 3.4).
package struct ErrorTail {
    /// In ascending order, in units of `scale`.
    private let excesses: [Double]
    private let bandwidth: Double
    private var scale = 1.0

    /// Beyond so many bandwidths an error counts wholly or not at all; what is left out is below 1e-9.
    private static let reach = 6.0

    /// Enough for a share of a few per cent to mean something.
    package static let samplesMin = 20

    /// nil where too few errors were seen.
    package init?(_ excesses: [Double]) {
        guard excesses.count >= Self.samplesMin else { return nil }
        self.excesses = excesses
        let count = Double(excesses.count)
        let mean = excesses.reduce(0, +) / count
        let deviation = (excesses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        func quartile(_ share: Double) -> Double { excesses[Int(share * (count - 1))] }
        let spread = (quartile(0.75) - quartile(0.25)) / 1.34
        bandwidth = max(1e-6, 0.9 * (spread > 0 ? min(deviation, spread) : deviation) * pow(count, -0.2))
    }

    /// The same errors in another unit.
    func scaled(by factor: Double) -> ErrorTail {
        var copy = self
        copy.scale *= factor
        return copy
    }

    /// P(load > (1 + rate) forecast). O(log errors + errors within reach).
    package func exceedance(_ rate: Double) -> Double {
        let place = rate / scale
        let first = excesses.countOfAscending(below: place - Self.reach * bandwidth)
        let last = excesses.countOfAscending(below: place + Self.reach * bandwidth)
        let near = excesses[first..<last].reduce(0) {
            $0 + 0.5 * erfc((place - $1) / (bandwidth * 2.0.squareRoot()))
        }
        return (near + Double(excesses.count - last)) / Double(excesses.count)
    }

    /// From the median to where an excess is next to impossible.
    package var likely: ClosedRange<Double> {
        let median = max(-0.9, scale * excesses[excesses.count / 2])
        return median...max(median, scale * (excesses[excesses.count - 1] + 4 * bandwidth))
    }
}
