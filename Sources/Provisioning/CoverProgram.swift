import Optimization

/// The integer program of one provisioning problem, scaled so that every model's load is 1:
///
///     minimise    sum_{h,m}  cost[h,m] N[h,m]
///     subject to  sum_h  cover[h,m] N[h,m] >= 1 - tolerance      for every model m
///                 sum_m  N[h,m]            <= available[h]       for every type h
///                 0 <= N[h,m] <= most[h,m], integer
///
/// with `cover[h,m] = min(1, qps[h,m] / load[m])` and `most[h,m] = min(available[h], ceil(load[m] / qps[h,m]))`.
/// Cutting a coefficient at 1 changes no whole-numbered solution and tightens the relaxation. Models without load
/// have no row.
struct CoverProgram {
    /// Positions of the models with load in the problem.
    let models: [Int]
    let typeCount: Int
    /// cost[h,m], one row of `typeCount` numbers for each model, like all the pairs below.
    let cost: [Double]
    /// cover[h,m]; 0 where the type cannot serve the model.
    let cover: [Double]
    /// most[h,m]; 0 where the type cannot serve the model.
    let most: [Int]
    /// available[h].
    let available: [Int]
    /// What each model asks of its cover beside its load.
    let conditions: [KnapsackSearch.SideConditions]

    /// The right-hand side of every covering row.
    static let requirement = 1 - ProvisioningProblem.coverageTolerance

    /// N[h,m] in rows of `typeCount` numbers.
    typealias Counts = [Int]

    init(_ problem: ProvisioningProblem) {
        let types = problem.serverTypes.indices
        models = problem.models.indices.filter { problem.loads[$0] > 0 }
        typeCount = types.count
        available = problem.available
        var cost: [Double] = []
        var cover: [Double] = []
        var most: [Int] = []
        for model in models {
            for type in types {
                let pair = problem.index(model: model, serverType: type)
                let serves = problem.throughputs[pair] > 0
                cost.append(problem.powers[pair])
                cover.append(serves ? min(1, problem.throughputs[pair] / problem.loads[model]) : 0)
                most.append(
                    serves ? problem.serversToCover(problem.loads[model], model: model, serverType: type) : 0)
            }
        }
        self.cost = cost
        conditions = models.map { _ in .none }
        self.cover = cover
        self.most = most
    }

    var modelCount: Int { models.count }

    /// The pairs of one model in the flat arrays.
    func pairs(of model: Int) -> Range<Int> { model * typeCount..<(model + 1) * typeCount }

    /// What a model's servers cover of its load; more than 1 is overlap.
    func coverage(of counts: Counts, model: Int) -> Double {
        pairs(of: model).reduce(0) { $0 + cover[$1] * Double(counts[$1]) }
    }

    /// Whether a model's servers meet its side conditions.
    func meetsConditions(_ counts: Counts, model: Int) -> Bool {
        let condition = conditions[model]
        guard condition != .none else { return true }
        let used = counts[pairs(of: model)]
        return used.reduce(0, +) >= condition.leastCount
            && used.reduce(0, { $0 + ($1 > 0 ? 1 : 0) }) <= condition.mostKinds
    }

    /// Whether every model is covered as its side conditions ask, and no type overdrawn.
    func isFeasible(_ counts: Counts) -> Bool {
        (0..<modelCount).allSatisfy {
            coverage(of: counts, model: $0) >= Self.requirement && meetsConditions(counts, model: $0)
        } && free(beside: counts).allSatisfy { $0 >= 0 }
    }

    /// sum N[h,m] cost[h,m].
    func cost(of counts: Counts) -> Double {
        counts.indices.reduce(0) { $0 + cost[$1] * Double(counts[$1]) }
    }

    /// available[h] - sum_m N[h,m]; negative where a type is overdrawn.
    func free(beside counts: Counts) -> [Int] {
        var free = available
        for pair in counts.indices { free[pair % typeCount] -= counts[pair] }
        return free
    }

    /// The counts of the models with load out of those of all of a problem's models.
    func counts(from all: ProvisioningProblem.Counts, _ problem: ProvisioningProblem) -> Counts {
        models.flatMap { model in
            (0..<typeCount).map { all[problem.index(model: model, serverType: $0)] }
        }
    }

    /// The counts of all of a problem's models, those without load included.
    func countsOfProblem(_ counts: Counts, _ problem: ProvisioningProblem) -> ProvisioningProblem.Counts {
        var all = problem.noServers
        for (row, model) in models.enumerated() {
            for type in 0..<typeCount {
                all[problem.index(model: model, serverType: type)] = counts[row * typeCount + type]
            }
        }
        return all
    }
}

// MARK: - As programs for the solver

extension CoverProgram {
    /// The program without the demand for whole numbers, and the pair of each of its columns.
    func relaxation() -> (program: LinearProgram, pairs: [Int]) {
        var program = LinearProgram()
        let pairs = usablePairs
        for pair in pairs { program.addColumn(cost: cost[pair], upper: Double(most[pair])) }
        for row in coverRows(pairs) { program.addRow(lower: Self.requirement, terms: row) }
        for (type, row) in limitRows(pairs).enumerated() {
            program.addRow(upper: Double(available[type]), terms: row)
        }
        return (program, pairs)
    }

    /// The program itself, and the pair of each of its columns.
    func integerProgram() -> (program: IntegerProgram, pairs: [Int]) {
        var program = IntegerProgram()
        let pairs = usablePairs
        for pair in pairs { program.addColumn(cost: cost[pair], upper: Double(most[pair]), isInteger: true) }
        for row in coverRows(pairs) { program.addRow(lower: Self.requirement, terms: row) }
        for (type, row) in limitRows(pairs).enumerated() {
            program.addRow(upper: Double(available[type]), terms: row)
        }
        return (program, pairs)
    }

    /// The pairs that can be used at all, in order.
    var usablePairs: [Int] { most.indices.filter { most[$0] > 0 && cover[$0] > 0 } }

    /// For each model the terms cover[h,m] N[h,m], columns numbered as the pairs are listed.
    func coverRows(_ pairs: [Int]) -> [[LinearProgram.Term]] {
        var rows = [[LinearProgram.Term]](repeating: [], count: modelCount)
        for (column, pair) in pairs.enumerated() { rows[pair / typeCount].append((column, cover[pair])) }
        return rows
    }

    /// For each type the terms N[h,m], columns numbered as the pairs are listed.
    func limitRows(_ pairs: [Int]) -> [[LinearProgram.Term]] {
        var rows = [[LinearProgram.Term]](repeating: [], count: typeCount)
        for (column, pair) in pairs.enumerated() { rows[pair % typeCount].append((column, 1)) }
        return rows
    }
}
