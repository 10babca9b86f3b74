import Optimization
import Quantities
import Vocabulary

/// The whole integer program of a problem with all its constraints, for the solver. With the loads scaled to
/// 1, w[h,m] what one server covers (cut at 1) and s[m] the share of a load that stays unserved (fixed at 0
/// where the demand is to be served):
///
///     minimise    sum_{h,m} cost[h,m] N[h,m]
///     subject to  sum_h w[h,m] N[h,m] - w[g,m] lost[g,m] + s[m] >= 1        every model m, every type g
///                 lost[g,m] >= N[g,m] / racks[g]                            what one failure takes, whole
///                 sum_h min(w[h,m], t) N[h,m] + s[m] >= (1 + n t) level[t,m]   where any n servers may fail
///                 sum_t level[t,m] = 1                                      for t of 0 and of every w[h,m]
///                 sum_h N[h,m] + least[m] s[m] >= least[m]                  the least number of servers
///                 N[h,m] <= most[h,m] y[h,m],  sum_h y[h,m] <= k            at most k types, y binary
///                 sum_m max(N[h,m], reserved[h,m]) <= available[h]          reserved servers count as taken
///                 pinned[h,m] <= N[h,m]
///                 started[h,m] >= N[h,m] - running[h,m]                 where starts cost something
///                 sum_{h,m} power[h,m] N[h,m] <= cap
///
/// Rows that nothing asks for are left out. Models without load have pinned servers only.
///
/// Where the demand does not fit, s is minimised first, priority by priority, and the cost then under the
/// sums found. Shares and not queries/s are added up because a query of one model is not worth one of
/// another. Solves one after the other and no weights between the goals, since any weight small enough to be
/// safe is below the solver's tolerances.
struct FullProgram {
    let problem: ProvisioningProblem
    let models: [Int]
    private let constraints: PlanConstraints
    private let types: Int

    init(_ problem: ProvisioningProblem) {
        self.problem = problem
        constraints = problem.goal.constraints
        models = problem.models.indices.filter { problem.loads[$0] > 0 }
        types = problem.serverTypes.count
    }

    /// What to minimise.
    private enum Target {
        case cost
        /// The unserved shares of some models.
        case unserved([Int])
    }

    /// A program and where its columns are.
    struct Built {
        var program = IntegerProgram()
        /// N of the models with load, in the order of `pairs`.
        var pairs: [Int] = []
        var columns: [Int] = []
        /// The column of each pair of the problem; nil where there is none.
        var columnOfPair: [Int?]
        /// s[m] by position in `models`.
        var shares: [Int] = []
        /// The columns that follow from N of a pair, and how.
        var helpers: [(column: Int, pair: Int, kind: Helper)] = []
        /// Of each model of which any servers may fail.
        var levels: [Levels] = []
    }

    /// What a column beside N and s stands for.
    enum Helper {
        case lost(racks: Int)
        case isAtLeast(Int)
        case used
        case held(reserved: Int)
        case started(running: Int)

        /// Its value where N of its pair is `count`.
        func value(_ count: Int) -> Double {
            switch self {
            case .lost(let racks): Double((count + racks - 1) / racks)
            case .used: count > 0 ? 1 : 0
            case .isAtLeast(let servers): count >= servers ? 1 : 0
            case .held(let reserved): Double(max(count, reserved))
            case .started(let running): Double(max(0, count - running))
            }
        }
    }

    /// The best allocation found and what is proven of it.
    struct Answer {
        var counts: ProvisioningProblem.Counts?
        /// No allocation that serves the demand costs less; minus infinity where nothing is known.
        var bound: Double
        var isInfeasible: Bool
    }

    /// Serves the demand at the least cost.
    ///
    /// - Parameter start: an allocation to start from, where one is known.
    func serve(
        with solver: HiGHSSolver, start: ProvisioningProblem.Counts?, gap: Double, limits: PlanningLimits,
        effort: inout PlanEffort
    ) throws(OptimizationError) -> Answer {
        let built = build(.cost, servesAll: true, unservedLimits: [])
        let solution = try solve(built, solver, start, gap, limits, &effort)
        return Answer(
            counts: solution.incumbent.map { counts($0.values, built) },
            // The solver's bound holds up to its tolerances on reduced costs.
            bound: solution.dualBound - 1e-7 * abs(solution.dualBound) + fixed(problem.costs)
                + problem.loadCost,
            isInfeasible: solution.status == .infeasible)
    }

    /// Leaves as little unserved as possible, priority by priority; nil where not even that was found,
    /// because the constraints contradict each other.
    ///
    /// - Parameter gap: how far the sum of a priority's unserved shares may be from the least, relative to it
    ///   or in shares of one model's load: where nearly everything is served, a thousandth of what is not is
    ///   nothing.
    func leastUnserved(
        with solver: HiGHSSolver, start: ProvisioningProblem.Counts?, gap: Double, limits: PlanningLimits,
        effort: inout PlanEffort
    ) throws(OptimizationError) -> ProvisioningProblem.Counts? {
        var best = start
        var unservedLimits: [(models: [Int], limit: Double)] = []
        // Room for the solver's tolerance on the rows of a solve, at least.
        let tolerance = gap > IntegerProgramPlanner.leastGap ? gap : 1e-8
        for members in classes {
            let built = build(.unserved(members), servesAll: false, unservedLimits: unservedLimits)
            let solution = try solve(
                built, solver, best, gap, absoluteGap: tolerance, limits, &effort)
            guard let incumbent = solution.incumbent else { return nil }
            best = counts(incumbent.values, built)
            let unserved = members.reduce(0) { $0 + max(0, incumbent.values[built.shares[$1]]) }
            unservedLimits.append((members, unserved + tolerance))
        }
        return best
    }

    /// The models in classes of equal priority, the first to be served first.
    private var classes: [[Int]] {
        let last = Int.max
        let classes = Dictionary(grouping: models.indices) {
            constraints.priorities[problem.models[models[$0]]] ?? last
        }
        return classes.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Little unserved, without branching: the linear relaxation, rounded down and completed. At most as many
    /// servers are rounded off as there are models and types, so on a large fleet what is lost is little.
    ///
    /// - Precondition: no constraints beside priorities.
    func roundedUnserved(
        with solver: HiGHSSolver, effort: inout PlanEffort
    ) throws(OptimizationError) -> ProvisioningProblem.Counts? {
        var unservedLimits: [(models: [Int], limit: Double)] = []
        var counts = problem.noServers
        for members in classes {
            let built = build(.unserved(members), servesAll: false, unservedLimits: unservedLimits)
            effort.linearPrograms += 1
            guard let optimum = try solver.solve(built.program.relaxation).optimum else { return nil }
            let unserved = members.reduce(0) { $0 + max(0, optimum.values[built.shares[$1]]) }
            unservedLimits.append((members, unserved * (1 + 1e-6) + 1e-6))
            // That of the last class counts: it keeps to the limits of those before.
            for (pair, column) in zip(built.pairs, built.columns) {
                counts[pair] = Int((optimum.values[column] + 1e-6).rounded(.down))
            }
        }
        return completed(counts)
    }

    /// An allocation with the servers it leaves given out, one by one to whom they serve most, by priority;
    /// nil where it overdraws a type.
    ///
    /// - Precondition: no constraints beside priorities.
    func completed(_ counts: ProvisioningProblem.Counts) -> ProvisioningProblem.Counts? {
        var counts = counts
        var free = problem.available
        for pair in counts.indices { free[pair % types] -= counts[pair] }
        guard free.allSatisfy({ $0 >= 0 }) else { return nil }
        for members in classes {
            var unserved = members.map { row in
                1 - problem.capacity(of: counts, model: models[row]) / problem.loads[models[row]]
            }
            while true {
                var best: (gain: Double, place: Int, type: Int) = (1e-9, 0, 0)
                for (place, row) in members.enumerated() where unserved[place] > best.gain {
                    for type in 0..<types where free[type] > 0 {
                        let pair = problem.index(model: models[row], serverType: type)
                        let gain = min(
                            unserved[place], problem.throughputs[pair] / problem.loads[models[row]])
                        if gain > best.gain { best = (gain, place, type) }
                    }
                }
                guard best.gain > 1e-9 else { break }
                let model = models[members[best.place]]
                let pair = problem.index(model: model, serverType: best.type)
                unserved[best.place] -= problem.throughputs[pair] / problem.loads[model]
                counts[pair] += 1
                free[best.type] -= 1
            }
        }
        return counts
    }

    /// Costs as little as possible and leaves no more unserved, of each priority, than a given allocation.
    func serveAsMuch(
        as given: ProvisioningProblem.Counts, with solver: HiGHSSolver, gap: Double, limits: PlanningLimits,
        effort: inout PlanEffort
    ) throws(OptimizationError) -> ProvisioningProblem.Counts {
        let unserved = models.map { unservedShare(given, model: $0) }
        // Room for the solver's tolerance on the rows.
        let unservedLimits = classes.map { members in
            (models: members, limit: members.reduce(1e-8) { $0 + unserved[$1] })
        }
        let built = build(.cost, servesAll: false, unservedLimits: unservedLimits)
        let solution = try solve(built, solver, given, gap, limits, &effort)
        return solution.incumbent.map { counts($0.values, built) } ?? given
    }

    /// s[m] of an allocation.
    private func unservedShare(_ counts: ProvisioningProblem.Counts, model: Int) -> Double {
        let served = problem.assuredCapacity(of: counts, model: model) / problem.loads[model]
        let servers = (0..<types).reduce(0) { $0 + counts[problem.index(model: model, serverType: $1)] }
        let least = constraints.minServers[problem.models[model]] ?? 0
        let manned = least > 0 ? Double(servers) / Double(least) : 1
        return min(1, max(0, 1 - min(served, manned)))
    }

    private func solve(
        _ built: Built, _ solver: HiGHSSolver, _ start: ProvisioningProblem.Counts?, _ gap: Double,
        absoluteGap: Double = 0, _ limits: PlanningLimits, _ effort: inout PlanEffort
    ) throws(OptimizationError) -> IntegerSolution {
        effort.integerPrograms += 1
        let values = start.map { point($0, built) }
        let solution = try solver.solve(
            built.program,
            options: IntegerSolveOptions(
                relativeGap: gap, absoluteGap: absoluteGap, nodeLimit: max(1, limits.solverNodes),
                timeLimit: limits.solverTime,
                start: values))
        effort.solverNodes += solution.nodeCount
        return solution
    }

    /// An allocation as values of all columns.
    private func point(_ counts: ProvisioningProblem.Counts, _ built: Built) -> [Double] {
        let relaxation = built.program.relaxation
        var point = [Double](repeating: 0, count: relaxation.columnCount)
        for (column, pair) in zip(built.columns, built.pairs) { point[column] = Double(counts[pair]) }
        for (share, model) in zip(built.shares, models) where relaxation.columnUpper[share] > 0 {
            point[share] = unservedShare(counts, model: model)
        }
        for helper in built.helpers { point[helper.column] = helper.kind.value(counts[helper.pair]) }
        for levels in built.levels { levels.chosen(counts).map { point[$0] = 1 } }
        return point
    }

    /// What the servers pinned to models without load add up to: they have no columns.
    private func fixed(_ figures: [Double]) -> Double {
        let pinned = problem.pinnedCounts
        return problem.models.indices.filter { problem.loads[$0] == 0 }.reduce(0) { sum, model in
            (0..<types).reduce(sum) {
                let pair = problem.index(model: model, serverType: $1)
                return $0 + Double(pinned[pair]) * figures[pair]
            }
        }
    }

    private func counts(_ values: [Double], _ built: Built) -> ProvisioningProblem.Counts {
        var counts = problem.pinnedCounts
        for (pair, column) in zip(built.pairs, built.columns) { counts[pair] = Int(values[column].rounded()) }
        return counts
    }

    // MARK: - Rows and columns

    private func build(_ target: Target, servesAll: Bool, unservedLimits: [(models: [Int], limit: Double)])
        -> Built
    {
        var built = Built(columnOfPair: [Int?](repeating: nil, count: problem.costs.count))
        let pinned = problem.pinnedCounts
        var isCost = false
        var wanted: Set<Int> = []
        switch target {
        case .cost: isCost = true
        case .unserved(let members): wanted = Set(members)
        }
        var powerTerms: [LinearProgram.Term] = []
        var columnsOfModel = [[(type: Int, column: Int, cover: Double)]](repeating: [], count: models.count)
        for (row, model) in models.enumerated() {
            for type in 0..<types {
                let pair = problem.index(model: model, serverType: type)
                guard problem.throughputs[pair] > 0 else { continue }
                let column = built.program.addColumn(
                    cost: isCost ? problem.costs[pair] : 0, lower: Double(pinned[pair]),
                    upper: Double(max(pinned[pair], most(model, type))), isInteger: true)
                built.pairs.append(pair)
                built.columns.append(column)
                built.columnOfPair[pair] = column
                powerTerms.append((column, problem.powers[pair]))
                columnsOfModel[row].append(
                    (type, column, min(1, problem.throughputs[pair] / problem.loads[model])))
            }
        }
        for row in models.indices {
            built.shares.append(
                built.program.addColumn(
                    cost: wanted.contains(row) ? 1 : 0, upper: servesAll ? 0 : 1, isInteger: false))
        }
        for row in models.indices {
            addModel(row, columnsOfModel[row], &built)
        }
        if isCost { addStarts(&built) }
        addFleet(pinned, &built)
        if let cap = constraints.powerCap {
            built.program.addRow(upper: cap.value - fixed(problem.powers), terms: powerTerms)
        }
        for (members, limit) in unservedLimits {
            built.program.addRow(upper: limit, terms: members.map { (built.shares[$0], 1) })
        }
        return built
    }

    /// More servers of a type than this are of no use to a model.
    private func most(_ model: Int, _ type: Int) -> Int {
        guard constraints.survives == nil, constraints.minServers.isEmpty else {
            return problem.available[type]
        }
        return problem.serversToCover(problem.loads[model], model: model, serverType: type)
    }

    private func addModel(
        _ row: Int, _ columns: [(type: Int, column: Int, cover: Double)], _ built: inout Built
    ) {
        let share = built.shares[row]
        let terms: [LinearProgram.Term] = columns.map { ($0.column, $0.cover) } + [(share, 1)]
        built.program.addRow(lower: 1, terms: terms)
        if let survives = constraints.survives {
            addFailure(problem.failure(survives, types: columns.map(\.type)), row, columns, &built)
        }
        let model = problem.models[models[row]]
        if let least = constraints.minServers[model], least > 0 {
            built.program.addRow(
                lower: Double(least), terms: columns.map { ($0.column, 1) } + [(share, Double(least))])
        }
        if let most = constraints.maxTypes, most < columns.count {
            var used: [LinearProgram.Term] = []
            for one in columns {
                let isUsed = built.program.addColumn(cost: 0, upper: 1, isInteger: true)
                built.helpers.append(
                    (isUsed, problem.index(model: models[row], serverType: one.type), .used))
                built.program.addRow(
                    upper: 0, terms: [(one.column, 1), (isUsed, -Double(problem.available[one.type]))])
                used.append((isUsed, 1))
            }
            built.program.addRow(upper: Double(most), terms: used)
        }
    }

    /// Servers beyond those that run, where starting them costs something.
    private func addStarts(_ built: inout Built) {
        guard let starts = problem.starts else { return }
        for (pair, column) in zip(built.pairs, built.columns) where starts.costs[pair] > 0 {
            let running = starts.running[pair]
            let started = built.program.addColumn(
                cost: starts.costs[pair], upper: Double(problem.available[pair % types]), isInteger: false)
            built.helpers.append((started, pair, .started(running: running)))
            built.program.addRow(lower: -Double(running), terms: [(started, 1), (column, -1)])
        }
    }

    /// The limits of the types; servers reserved beyond use, and those pinned to models without load, are
    /// taken.
    private func addFleet(_ pinned: ProvisioningProblem.Counts, _ built: inout Built) {
        let reserved = problem.reservedCounts
        for type in 0..<types {
            var taken = 0
            var terms: [LinearProgram.Term] = []
            for model in problem.models.indices {
                let pair = problem.index(model: model, serverType: type)
                guard let column = built.columnOfPair[pair] else {
                    taken += max(pinned[pair], reserved[pair])
                    continue
                }
                if reserved[pair] > 0 {
                    // As many as are used, and no fewer than are reserved.
                    let held = built.program.addColumn(
                        cost: 0, lower: Double(reserved[pair]), upper: Double(problem.available[type]),
                        isInteger: false)
                    built.helpers.append((held, pair, .held(reserved: reserved[pair])))
                    built.program.addRow(lower: 0, terms: [(held, 1), (column, -1)])
                    terms.append((held, 1))
                } else {
                    terms.append((column, 1))
                }
            }
            built.program.addRow(upper: Double(problem.available[type] - taken), terms: terms)
        }
    }
}
