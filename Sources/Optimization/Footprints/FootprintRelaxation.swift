/// The relaxation of a ``FootprintProgram`` by column generation (Gilmore and Gomory, Operations Research 9,
/// 1961): a program over few pairs (column, bucket), whose dual prices tell which other pairs would improve
/// it. Every pair is priced in every round, so that the end is the optimum over all of them.
struct FootprintRelaxation {
    /// The optimum in fractions and its prices.
    struct Optimum {
        /// No plan is better than this.
        let bound: Double
        /// What a plan must cost beyond `bound` for each deployment of a column, by its place in the
        /// instance.
        let reducedCosts: [Double]
        /// How many deployments of each column the fractions have.
        let counts: [Double]
        let isWhole: Bool
        /// What serving all of each bucket is worth, in the unit of the objective.
        let bucketPrices: [Double]
    }

    private let instance: FootprintInstance
    private let stage: FootprintStage
    private let throughputLimit: Double
    private let solver: HiGHSSolver
    /// The services of each column that the program holds, as places.
    private var held: [[Int]]
    private var isHeld: [[Bool]]
    private(set) var rounds = 0
    private(set) var priced = 0

    var generated: Int { held.reduce(0) { $0 + $1.count } }

    init(_ instance: FootprintInstance, _ stage: FootprintStage, throughputLimit: Double, solver: HiGHSSolver)
    {
        self.instance = instance
        self.stage = stage
        self.throughputLimit = throughputLimit
        self.solver = solver
        held = instance.columns.map { _ in [] }
        isHeld = instance.columns.map { $0.services.map { _ in false } }
        begin()
    }

    /// - Returns: nil where not even fractions meet all constraints.
    mutating func solve() throws(OptimizationError) -> Optimum? {
        var phase = stage
        // Whether enough columns are held to serve all demand.
        var isCovered = false
        while true {
            rounds += 1
            let master = FootprintMaster(instance, phase, held: held, throughputLimit: throughputLimit)
            guard let optimum = try solver.clearOptimum(of: master.program) else {
                if case .coverage = phase.goal { return nil }
                // Perhaps only columns are missing: first those that leave least unserved.
                guard !isCovered else { return nil }
                phase = FootprintStage(goal: .coverage)
                continue
            }
            let prices = FootprintPrices(master, optimum.rowDuals)
            priced += instance.columns.reduce(0) { $0 + $1.services.count }
            let scale = max(abs(optimum.objective), 1e-9)
            let isGrown = grow(by: prices, threshold: -1e-9 * scale)
            if case .coverage = phase.goal {
                if optimum.objective > 1e-9, isGrown { continue }
                if optimum.objective > 1e-7 { return nil }
                isCovered = true
                phase = stage
                continue
            }
            if !isGrown { return answer(master, prices, optimum) }
        }
    }

    /// The cheapest pairs by what they take if every accelerator costs its share of a box, for each bucket,
    /// role and box type.
    private mutating func begin() {
        var best: [[Int]: (cost: Double, column: Int, service: Int)] = [:]
        let prices = packingPrices
        for (number, column) in instance.columns.enumerated() {
            let role = FootprintProgram.Role.allCases.firstIndex(of: column.role) ?? 0
            let base = column.uses.reduce(column.cost) { $0 + prices[$1.row] * $1.amount }
            for (place, service) in column.services.enumerated() {
                let cost = (base + service.cost) / service.coverage
                let key = [service.bucket, role, column.uses.first?.row ?? -1]
                if cost < best[key]?.cost ?? .infinity { best[key] = (cost, number, place) }
            }
        }
        for key in best.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            if let pair = best[key] { hold(pair.column, pair.service) }
        }
    }

    private var packingPrices: [Double] {
        var prices = [Double](repeating: 0, count: instance.packingRowCount)
        for box in instance.boxes {
            for use in box.amounts {
                prices[use.row] = max(
                    prices[use.row], instance.program.boxTypes[box.type].cost / use.amount)
            }
        }
        return prices
    }

    private mutating func hold(_ column: Int, _ service: Int) {
        guard !isHeld[column][service] else { return }
        isHeld[column][service] = true
        held[column].append(service)
    }

    /// Takes in, for each bucket and role, the pairs with the least reduced costs below the threshold.
    /// - Returns: whether there were any.
    private mutating func grow(by prices: FootprintPrices, threshold: Double) -> Bool {
        var found: [[(cost: Double, column: Int, service: Int)]] = Array(
            repeating: [], count: instance.program.buckets.count)
        for (number, column) in instance.columns.enumerated() {
            let base = prices.base(number)
            for (place, service) in column.services.enumerated() where !isHeld[number][place] {
                let cost = base - prices.gain(number, place)
                if cost < threshold { found[service.bucket].append((cost, number, place)) }
            }
        }
        var isGrown = false
        for pairs in found where !pairs.isEmpty {
            let sorted = pairs.sorted { ($0.cost, $0.column, $0.service) < ($1.cost, $1.column, $1.service) }
            for pair in sorted.prefix(4) { hold(pair.column, pair.service) }
            isGrown = true
        }
        return isGrown
    }

    private func answer(
        _ master: FootprintMaster, _ prices: FootprintPrices, _ optimum: LinearSolution.Optimum
    ) -> Optimum {
        var counts = master.idle.map { column in column.map { optimum.values[$0] } ?? 0 }
        for (number, columns) in master.flows.enumerated() {
            counts[number] += columns.reduce(0) { $0 + optimum.values[$1] }
        }
        let boxes = master.boxColumns.map { optimum.values[$0] }
        let isWhole = (counts + boxes).allSatisfy { abs($0 - $0.rounded()) <= 1e-9 }
        let hasWhole = instance.program.buckets.contains { $0.isWhole && $0.demand > 0 }
        return Optimum(
            bound: prices.bound, reducedCosts: prices.reducedCosts, counts: counts,
            isWhole: isWhole && !hasWhole, bucketPrices: prices.bucketPrices)
    }
}

/// The relaxation over the pairs that are held.
struct FootprintMaster {
    let instance: FootprintInstance
    let program: LinearProgram
    let assembly: FootprintAssembly
    /// The variables of each column's pairs.
    let flows: [[Int]]
    /// The variable of each column's deployments that serve nothing; nil where none are asked for.
    let idle: [Int?]
    /// The row that limits each column's deployments.
    let limitRows: [Int?]
    var boxColumns: Range<Int> { assembly.boxColumns }

    init(
        _ instance: FootprintInstance, _ stage: FootprintStage, held: [[Int]], throughputLimit: Double
    ) {
        var assembly = FootprintAssembly(instance, stage, throughputLimit: throughputLimit)
        var flows: [[Int]] = []
        var idle: [Int?] = []
        var limitRows: [Int?] = []
        for (number, column) in instance.columns.enumerated() {
            var resources = assembly.resources(of: column)
            let limitRow =
                column.isLimited
                ? assembly.add(row: column.least > 0 ? Double(column.least) : -.infinity, Double(column.most))
                : nil
            if let limitRow { resources.append((limitRow, 1)) }
            limitRows.append(limitRow)
            let cost = assembly.isCostly ? column.cost : 0
            idle.append(column.least > 0 ? assembly.add(cost: cost, terms: resources) : nil)
            var columns: [Int] = []
            for place in held[number] {
                let service = column.services[place]
                columns.append(
                    assembly.add(
                        cost: cost + (assembly.isCostly ? service.cost : 0),
                        terms: resources + assembly.flows(of: service, column.role)))
            }
            flows.append(columns)
        }
        self.instance = instance
        self.assembly = assembly
        self.flows = flows
        self.idle = idle
        self.limitRows = limitRows
        program = assembly.finished().relaxation
    }
}

/// The dual prices of a master, and what they say about every pair and every plan.
///
/// Any prices of the right signs give a valid bound; those of an optimum give the best one. So the bound does
/// not rest on the solver's tolerances.
struct FootprintPrices {
    private let master: FootprintMaster
    private let duals: [Double]

    init(_ master: FootprintMaster, _ duals: [Double]) {
        self.master = master
        let program = master.program
        self.duals = duals.enumerated().map { row, dual in
            if dual > 0, program.rowLower[row] == -.infinity { return 0 }
            if dual < 0, program.rowUpper[row] == .infinity { return 0 }
            return dual
        }
    }

    private func value(of terms: [(row: Int, amount: Double)]) -> Double {
        terms.reduce(0) { $0 + duals[$1.row] * $1.amount }
    }

    /// What a deployment costs at these prices, before it serves anything.
    func base(_ number: Int) -> Double {
        let column = master.instance.columns[number]
        let cost = master.assembly.isCostly ? column.cost : 0
        let limit = master.limitRows[number].map { duals[$0] } ?? 0
        return cost - limit - value(of: master.assembly.resources(of: column))
    }

    /// What a deployment earns at these prices when it serves nothing but one bucket.
    func gain(_ number: Int, _ place: Int) -> Double {
        let column = master.instance.columns[number]
        let service = column.services[place]
        let cost = master.assembly.isCostly ? service.cost : 0
        return value(of: master.assembly.flows(of: service, column.role)) - cost
    }

    /// What each deployment of a column costs at these prices when it serves what earns most.
    var reducedCosts: [Double] {
        master.instance.columns.indices.map { number in
            let services = master.instance.columns[number].services.indices
            return base(number) - services.reduce(0) { max($0, gain(number, $1)) }
        }
    }

    var bucketPrices: [Double] { master.assembly.demandRows.map { $0.map { duals[$0] } ?? 0 } }

    /// The value of the Lagrangian: no plan is better.
    var bound: Double {
        let program = master.program
        var bound = 0.0
        for (row, dual) in duals.enumerated() where dual != 0 {
            bound += dual * (dual > 0 ? program.rowLower[row] : program.rowUpper[row])
        }
        // The variables that are not deployments, each at the end of its range that costs less.
        let deployments = Set(master.flows.joined()).union(master.idle.compactMap { $0 })
        var costs = program.costs
        for row in 0..<program.rowCount where duals[row] != 0 {
            for index in Int(program.rowStarts[row])..<Int(program.rowStarts[row + 1]) {
                costs[Int(program.columnIndices[index])] -= duals[row] * program.coefficients[index]
            }
        }
        for (column, cost) in costs.enumerated() where !deployments.contains(column) && cost < 0 {
            bound += cost * program.columnUpper[column]
        }
        for (number, cost) in reducedCosts.enumerated() where cost < 0 {
            bound += cost * Double(master.instance.columns[number].most)
        }
        return bound
    }
}

extension HiGHSSolver {
    /// - Returns: nil where there is no optimum, or where the solver cannot tell, as happens close to that.
    func clearOptimum(of program: LinearProgram) throws(OptimizationError) -> LinearSolution.Optimum? {
        do { return try solve(program).optimum } catch {
            if case .callFailed = error { return nil }
            throw error
        }
    }
}
