/// First prices for the types without a linear program: the dual of the program in fractions of servers,
/// smoothed (Nesterov, Mathematical Programming 103, 2005).
///
/// In fractions, model m would take only the type with the least (cost + price) / cover, so demand jumps from
/// type to type as prices change. Here it spreads over types in proportion to w((r - least r) / (t * least
/// r)), with w(x) = (1 - x / 8)^8 close to exp(-x), and each price moves by a damped Newton step towards
/// demand = supply; t falls from step to step. Prices are only hints, so nothing here has to be exact.
///
/// O(models * types) for a step and a constant number of steps.
struct SmoothedPrices {
    private static let temperatures = [0.05, 0.02, 0.01, 0.005, 0.002, 0.001]
    private static let stepsEach = 30

    private let program: CoverProgram

    init(_ program: CoverProgram) { self.program = program }

    func prices() -> [Double] {
        let types = program.typeCount
        let models = program.modelCount
        var prices = [Double](repeating: 0, count: types)
        var ratios = prices
        var demand = prices
        var slope = prices
        let usable = program.cover.indices.filter { program.cover[$0] > 0 && program.most[$0] > 0 }
        guard !usable.isEmpty else { return prices }
        let meanCost = usable.reduce(0) { $0 + program.cost[$1] } / Double(usable.count)
        // r = base + price * slopeOfPrice, both infinite where the type cannot serve the model.
        var inverse = [Double](repeating: .infinity, count: program.cover.count)
        var base = inverse
        for pair in usable {
            inverse[pair] = 1 / program.cover[pair]
            let start = program.weighsStarts && program.running[pair] == 0 ? program.startCost[pair] : 0
            base[pair] = (program.cost[pair] + start) / program.cover[pair]
        }
        let supply = program.available.map(Double.init)
        for temperature in Self.temperatures {
            let longest = meanCost * 0.1 * max(0.05, temperature * 20)
            for _ in 0..<Self.stepsEach {
                for type in 0..<types {
                    demand[type] = 0
                    slope[type] = 0
                }
                for model in 0..<models {
                    spread(
                        model, temperature, base, inverse, prices, &ratios, &demand, &slope)
                }
                for type in 0..<types {
                    let excess = demand[type] - supply[type]
                    let step = 0.5 * excess / (slope[type] + 1e-12)
                    prices[type] = max(0, prices[type] + max(-longest, min(longest, step)))
                }
            }
        }
        return prices
    }

    /// Adds one model's demand for each type, and how fast it falls with the type's price.
    private func spread(
        _ model: Int, _ temperature: Double, _ base: [Double], _ inverse: [Double], _ prices: [Double],
        _ ratios: inout [Double], _ demand: inout [Double], _ slope: inout [Double]
    ) {
        let types = program.typeCount
        let first = model * types
        base.withUnsafeBufferPointer { base in
            inverse.withUnsafeBufferPointer { inverse in
                prices.withUnsafeBufferPointer { prices in
                    ratios.withUnsafeMutableBufferPointer { ratios in
                        demand.withUnsafeMutableBufferPointer { demand in
                            slope.withUnsafeMutableBufferPointer { slope in
                                var least = Double.infinity
                                for type in 0..<types {
                                    // An unusable pair's ratio stays infinite; at price 0 the product would
                                    // be not a number.
                                    let ratio =
                                        base[first + type] == .infinity
                                        ? .infinity
                                        : base[first + type] + prices[type] * inverse[first + type]
                                    ratios[type] = ratio
                                    least = min(least, ratio)
                                }
                                guard least < .infinity, least > 0 else { return }
                                let scale = 1 / (temperature * least)
                                var total = 0.0
                                for type in 0..<types {
                                    let x = 1 - (ratios[type] - least) * scale / 8
                                    guard x > 0 else {
                                        ratios[type] = 0
                                        continue
                                    }
                                    let squared = x * x
                                    let fourth = squared * squared
                                    ratios[type] = fourth * fourth
                                    total += ratios[type]
                                }
                                for type in 0..<types where ratios[type] > 0 {
                                    let share = ratios[type] / total
                                    let servers = share * inverse[first + type]
                                    demand[type] += servers
                                    slope[type] += servers * (1 - share) * inverse[first + type] * scale
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
