import Optimization

/// Better prices by column generation (Dantzig and Wolfe, Operations Research 8, 1960).
///
/// Over the covers k found so far, with y[k] the share of cover k,
///
///     minimise    sum_k  power(k) y[k] + penalty * sum_h over[h]
///     subject to  sum_{k of m} y[k]          = 1                          for every model m
///                 sum_k k[h] y[k] - over[h] <= available[h]               for every type h
///
/// and the duals of the limits are the next prices. The bound at them grows, not always at once, towards that of
/// the best prices. `over` keeps the first masters feasible.
struct RestrictedMaster {
    private let program: CoverProgram
    private var covers: [[[Int]]]
    private let penalty: Double

    /// A master without covers.
    ///
    /// - Parameter firstPrices: prices known to be about right; the penalty on `over` is well above them.
    init(_ program: CoverProgram, firstPrices: [Double]) {
        self.program = program
        covers = [[[Int]]](repeating: [], count: program.modelCount)
        penalty = max(20 * (program.power.max() ?? 0), 2 * (firstPrices.max() ?? 0))
    }

    /// Adds the cover of each model that is covered; whether any of them was new.
    mutating func add(_ counts: CoverProgram.Counts) -> Bool {
        var isNew = false
        for model in 0..<program.modelCount
        where program.coverage(of: counts, model: model) >= CoverProgram.requirement {
            let cover = Array(counts[program.pairs(of: model)])
            if !covers[model].contains(cover) {
                covers[model].append(cover)
                isNew = true
            }
        }
        return isNew
    }

    /// The prices of the types under the best mixture of the covers, and its cost; nil where some model has no
    /// cover yet.
    func solve(
        with solver: HiGHSSolver
    ) throws(OptimizationError) -> (prices: [Double], objective: Double)? {
        var master = LinearProgram()
        var mixtures: [[LinearProgram.Term]] = []
        var limits = [[LinearProgram.Term]](repeating: [], count: program.typeCount)
        for model in 0..<program.modelCount {
            let power = program.power[program.pairs(of: model)]
            var mixture: [LinearProgram.Term] = []
            for cover in covers[model] {
                let column = master.addColumn(
                    cost: zip(power, cover).reduce(0) { $0 + $1.0 * Double($1.1) })
                mixture.append((column, 1))
                for (type, count) in cover.enumerated() where count > 0 {
                    limits[type].append((column, Double(count)))
                }
            }
            mixtures.append(mixture)
        }
        for type in limits.indices { limits[type].append((master.addColumn(cost: penalty), -1)) }
        for mixture in mixtures { master.addRow(lower: 1, upper: 1, terms: mixture) }
        for (type, limit) in limits.enumerated() {
            master.addRow(upper: Double(program.available[type]), terms: limit)
        }
        guard let optimum = try solver.solve(master).optimum else { return nil }
        return (optimum.rowDuals[program.modelCount...].map { max(0, -$0) }, optimum.objective)
    }
}
