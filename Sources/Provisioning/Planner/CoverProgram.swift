import Optimization
import Vocabulary

/// The integer program of one provisioning problem, scaled so that every model's load is 1:
///
///     minimise    sum_{h,m}  cost[h,m] N[h,m]
///     subject to  sum_h  cover[h,m] N[h,m] >= 1 - tolerance      for every model m
///                 sum_m  N[h,m]            <= available[h]       for every type h
///                 0 <= N[h,m] <= most[h,m], integer
///
/// Where starting servers is weighed, each server beyond those that run for the model costs start[h,m] more,
/// and the objective is  sum  cost[h,m] N[h,m] + start[h,m] max(0, N[h,m] - running[h,m]).
///
/// with `cover[h,m] = min(1, qps[h,m] / load[m])` and `most[h,m] = min(available[h], ceil(load[m] /
/// qps[h,m]))`. Cutting a coefficient at 1 changes no whole-numbered solution and tightens the relaxation.
/// Models without load have no row.
struct CoverProgram {
    /// Positions in the problem of the models whose load is not covered by pinned servers.
    let models: [Int]
    let typeCount: Int
    /// The problem's type that each type here is of.
    let problemTypes: [Int]
    /// Of all of the problem's pairs.
    let pinned: ProvisioningProblem.Counts
    /// cost[h,m], one row of `typeCount` numbers for each model, like all the pairs below.
    let cost: [Double]
    /// running[h,m] and start[h,m]; empty where starts are not weighed.
    let running: [Int]
    let startCost: [Double]
    /// cover[h,m]; 0 where the type cannot serve the model.
    let cover: [Double]
    /// most[h,m]; 0 where the type cannot serve the model.
    let most: [Int]
    /// available[h].
    let available: [Int]
    /// What one failure takes of a model's servers, whose kinds are the types; nil where no failure counts.
    let failure: CoverFailure?
    /// What each model asks of its cover beside its load.
    let conditions: [KnapsackSearch.SideConditions]

    /// The right-hand side of every covering row.
    static let requirement = 1 - Coverage.tolerance

    /// N[h,m] in rows of `typeCount` numbers.
    typealias Counts = [Int]

    /// Pinned servers are taken out of the fleet, their capacity off the load. Reserved servers become types
    /// of their own, at the end, that only their models can use: as many columns more as there are types with
    /// reserves.
    init(_ problem: ProvisioningProblem) {
        let constraints = problem.goal.constraints
        let pinned = problem.pinnedCounts
        self.pinned = pinned
        let reserved = problem.reservedCounts
        let allTypes = problem.serverTypes.indices
        let spare = zip(reserved, pinned).map { max(0, $0 - $1) }
        let withReserve = allTypes.filter { type in
            problem.models.indices.contains { spare[problem.index(model: $0, serverType: type)] > 0 }
        }
        let problemTypes = Array(allTypes) + withReserve
        self.problemTypes = problemTypes
        typeCount = problemTypes.count
        let (models, missing) = Self.uncovered(problem, pinned)
        self.models = models
        let withLoad = Set(models)
        available = problemTypes.enumerated().map { position, type in
            problem.models.indices.reduce(position < allTypes.count ? problem.available[type] : 0) {
                let pair = problem.index(model: $1, serverType: type)
                return position < allTypes.count
                    ? $0 - max(pinned[pair], reserved[pair]) : $0 + (withLoad.contains($1) ? spare[pair] : 0)
            }
        }
        let failure = constraints.survives.map { problem.failure($0, types: problemTypes) }
        self.failure = failure
        conditions = missing.map {
            KnapsackSearch.SideConditions(leastCount: $0, mostKinds: constraints.maxTypes ?? .max)
        }
        var cost: [Double] = []
        var running: [Int] = []
        var startCost: [Double] = []
        var cover: [Double] = []
        var most: [Int] = []
        for (row, model) in models.enumerated() {
            // Where pinned servers carry the whole load and only their number is short, any server covers the
            // rest.
            let remaining = max(
                problem.loads[model] - problem.capacity(of: pinned, model: model),
                1e-12 * problem.loads[model])
            for (position, type) in problemTypes.enumerated() {
                let pair = problem.index(model: model, serverType: type)
                let throughput = problem.throughputs[pair]
                let serves = throughput > 0
                cost.append(problem.costs[pair])
                if let starts = problem.starts {
                    running.append(starts.running[pair])
                    startCost.append(starts.costs[pair])
                }
                cover.append(serves ? min(1, throughput / remaining) : 0)
                let needed =
                    serves ? (remaining * (1 - Coverage.tolerance) / throughput) : 0
                let plain = Int(max(min(needed.rounded(.up), 1e9), Double(max(1, missing[row]))))
                let useful = failure?.useful(plain, ofKind: position) ?? plain
                let limit = position < allTypes.count ? available[type] : spare[pair]
                most.append(serves ? max(0, min(useful, limit)) : 0)
            }
        }
        self.cost = cost
        self.running = running
        self.startCost = startCost
        self.cover = cover
        self.most = most
    }

    /// The models that pinned servers do not serve yet, and how many servers each lacks of its minimum.
    private static func uncovered(
        _ problem: ProvisioningProblem, _ pinned: [Int]
    ) -> (models: [Int], missing: [Int]) {
        var missing: [Int] = []
        var models: [Int] = []
        for model in problem.models.indices where problem.loads[model] > 0 {
            let pinnedCount = problem.serverTypes.indices.reduce(0) {
                $0 + pinned[problem.index(model: model, serverType: $1)]
            }
            let isServed = problem.isServed(
                model: model, by: problem.capacity(of: pinned, model: model))
            let lacking = max(
                0, (problem.goal.constraints.minServers[problem.models[model]] ?? 0) - pinnedCount)
            guard !isServed || lacking > 0 else { continue }
            models.append(model)
            missing.append(lacking)
        }
        return (models, missing)
    }

    var modelCount: Int { models.count }

    /// Whether servers to be started cost more than those that run.
    var weighsStarts: Bool { !startCost.isEmpty }

    /// What a number of servers of one pair costs.
    func cost(of count: Int, pair: Int) -> Double {
        let plain = cost[pair] * Double(count)
        guard weighsStarts else { return plain }
        return plain + startCost[pair] * Double(max(0, count - running[pair]))
    }

    /// The pairs of one model in the flat arrays.
    func pairs(of model: Int) -> Range<Int> { model * typeCount..<(model + 1) * typeCount }

    /// What a model's servers cover of its load; more than 1 is overlap.
    func coverage(of counts: Counts, model: Int) -> Double {
        pairs(of: model).reduce(0) { $0 + cover[$1] * Double(counts[$1]) }
    }

    /// Whether a model's servers meet its side conditions.
    func meetsConditions(_ counts: Counts, model: Int) -> Bool {
        if let failure {
            let first = model * typeCount
            let worst = failure.worstLoss(
                kinds: typeCount, count: { counts[first + $0] }, weight: { cover[first + $0] })
            guard coverage(of: counts, model: model) - worst >= Self.requirement else { return false }
        }
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

    /// The objective.
    func cost(of counts: Counts) -> Double {
        counts.indices.reduce(0) { $0 + cost(of: counts[$1], pair: $1) }
    }

    /// available[h] - sum_m N[h,m]; negative where a type is overdrawn.
    func free(beside counts: Counts) -> [Int] {
        var free = available
        for pair in counts.indices { free[pair % typeCount] -= counts[pair] }
        return free
    }

    /// The counts beside the pinned ones out of those of all of a problem's models; reserved servers are used
    /// first.
    func counts(from all: ProvisioningProblem.Counts, _ problem: ProvisioningProblem) -> Counts {
        var counts = Counts(repeating: 0, count: cost.count)
        let plainTypes = problem.serverTypes.count
        for (row, model) in models.enumerated() {
            for type in 0..<plainTypes {
                let pair = problem.index(model: model, serverType: type)
                counts[row * typeCount + type] = max(0, all[pair] - pinned[pair])
            }
            for reserve in plainTypes..<typeCount {
                let plain = row * typeCount + problemTypes[reserve]
                let used = min(counts[plain], most[row * typeCount + reserve])
                counts[row * typeCount + reserve] = used
                counts[plain] -= used
            }
        }
        return counts
    }

    /// The counts of all of a problem's models, the pinned ones included.
    func countsOfProblem(_ counts: Counts, _ problem: ProvisioningProblem) -> ProvisioningProblem.Counts {
        var all = pinned
        for (row, model) in models.enumerated() {
            for type in 0..<typeCount {
                all[problem.index(model: model, serverType: problemTypes[type])] +=
                    counts[row * typeCount + type]
            }
        }
        return all
    }
}

// MARK: - As programs for the solver

extension CoverProgram {
    /// The program without the demand for whole numbers, and the pair of each of its columns. Where starts
    /// are weighed, a pair with running servers has two columns.
    func relaxation() -> (program: LinearProgram, pairs: [Int]) {
        var program = LinearProgram()
        var pairs = usablePairs
        for pair in pairs {
            let isStarted = weighsStarts && running[pair] == 0
            program.addColumn(
                cost: cost[pair] + (isStarted ? startCost[pair] : 0),
                upper: Double(weighsStarts && !isStarted ? min(most[pair], running[pair]) : most[pair]))
        }
        if weighsStarts {
            for pair in pairs where running[pair] > 0 && running[pair] < most[pair] {
                program.addColumn(
                    cost: cost[pair] + startCost[pair], upper: Double(most[pair] - running[pair]))
                pairs.append(pair)
            }
        }
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
