/// One goal's search: the relaxation, the integer program over the columns near it, and, if need be, the one
/// over all columns that a better plan could use.
///
/// What makes the bound valid over all columns: a plan with a deployment of column g costs at least the
/// relaxation's bound and g's reduced cost. So a plan either uses kept columns only, which the integer
/// program bounds, or costs at least the least such sum of the columns left out.
struct FootprintSearch {
    enum Result {
        case planned(FootprintIncumbent, bound: Double, step: FootprintStep)
        case infeasible(FootprintStep)
        case undecided(bound: Double)
    }

    let instance: FootprintInstance
    let stage: FootprintStage
    let throughputLimit: Double
    let options: FootprintSolver.Options
    let solver: HiGHSSolver
    private(set) var tally: FootprintPlan.Tally

    init(
        _ instance: FootprintInstance, _ stage: FootprintStage, throughputLimit: Double,
        options: FootprintSolver.Options, solver: HiGHSSolver, tally: FootprintPlan.Tally
    ) {
        self.instance = instance
        self.stage = stage
        self.throughputLimit = throughputLimit
        self.options = options
        self.solver = solver
        self.tally = tally
    }

    /// Differences of the objective below this are none.
    private var resolution: Double {
        switch stage.goal {
        case .cost, .throughput, .coverage: 1e-12
        case .unserved(let buckets):
            1e-9 * buckets.reduce(0) { $0 + instance.program.buckets[$1].demand }
        }
    }

    private func isSettled(_ objective: Double, _ bound: Double) -> Bool {
        objective - bound <= max(resolution, options.relativeGap * abs(objective))
    }

    /// - Parameter first: the counts, by place, of a plan to begin with.
    mutating func run(from first: [Int: Int]? = nil) throws(OptimizationError) -> Result {
        guard instance.columns.allSatisfy({ $0.least <= $0.most }) else { return .infeasible(.relaxation) }
        var relaxation = FootprintRelaxation(
            instance, stage, throughputLimit: throughputLimit, solver: solver)
        let optimum = try relaxation.solve()
        tally.rounds += relaxation.rounds
        tally.priced += relaxation.priced
        tally.generated += relaxation.generated
        guard let optimum else { return .infeasible(.relaxation) }
        var best = try first.flatMap { counts throws(OptimizationError) in try plan(with: counts) }
        if best == nil, optimum.isWhole {
            let counts = optimum.counts.enumerated().filter { $0.element > 0.5 }
            best = try plan(
                with: Dictionary(uniqueKeysWithValues: counts.map { ($0.offset, Int($0.element.rounded())) }))
        }
        if let best, isSettled(best.objective, optimum.bound) {
            return .planned(best, bound: min(optimum.bound, best.objective), step: .relaxation)
        }
        return try wholeSteps(optimum, best)
    }

    private mutating func wholeSteps(
        _ optimum: FootprintRelaxation.Optimum, _ first: FootprintIncumbent?
    ) throws(OptimizationError) -> Result {
        var best = first
        if instance.columns.count > options.exactColumnLimit {
            let dive = FootprintDive(
                instance, stage, throughputLimit: throughputLimit,
                kept: instance.columns.indices.filter {
                    optimum.counts[$0] > 1e-9 || instance.columns[$0].least > 0
                }, solver: solver)
            if let counts = try dive.run(), let sound = try plan(with: counts) {
                if sound.objective < best?.objective ?? .infinity { best = sound }
            }
            if let best, isSettled(best.objective, optimum.bound) {
                return .planned(best, bound: min(optimum.bound, best.objective), step: .dive)
            }
        }
        let near = nearColumns(optimum, best)
        var bound = try improve(&best, over: near, optimum)
        if let best, isSettled(best.objective, bound) {
            return .planned(best, bound: min(bound, best.objective), step: .nearColumns)
        }
        let left = leftColumns(optimum, best)
        if best == nil, near.count == instance.columns.count, bound == .infinity {
            return .infeasible(.nearColumns)
        }
        // Beyond that many columns the solver spends its effort before the first branch.
        if let best, left.count > options.leftColumnLimit {
            return .planned(best, bound: min(bound, best.objective), step: .nearColumns)
        }
        bound = max(bound, try improve(&best, over: left, optimum))
        guard let best else {
            return bound == .infinity ? .infeasible(.leftColumns) : .undecided(bound: bound)
        }
        return .planned(best, bound: min(bound, best.objective), step: .leftColumns)
    }

    /// The columns of the fractions and those with the least reduced costs.
    private func nearColumns(_ optimum: FootprintRelaxation.Optimum, _ best: FootprintIncumbent?) -> [Int] {
        if instance.columns.count <= options.exactColumnLimit { return Array(instance.columns.indices) }
        let order = instance.columns.indices.sorted {
            (optimum.reducedCosts[$0], $0) < (optimum.reducedCosts[$1], $1)
        }
        var kept: Set<Int> = Set(best?.counts.keys.map { $0 } ?? [])
        for number in order {
            let isNear =
                kept.count < options.nearColumnLimit
                && optimum.reducedCosts[number] <= max(resolution, options.nearShare * abs(optimum.bound))
            if isNear || optimum.counts[number] > 1e-9 || instance.columns[number].least > 0 {
                kept.insert(number)
            }
        }
        return kept.sorted()
    }

    /// The columns that a plan better than the best by more than the gap could use.
    private func leftColumns(_ optimum: FootprintRelaxation.Optimum, _ best: FootprintIncumbent?) -> [Int] {
        guard let best else { return Array(instance.columns.indices) }
        let slack = best.objective - options.relativeGap * abs(best.objective) - optimum.bound
        return instance.columns.indices.filter {
            optimum.reducedCosts[$0] < slack || instance.columns[$0].least > 0 || best.counts[$0] != nil
        }
    }

    /// Solves the integer program over some columns, from the best plan.
    /// - Returns: a bound over all columns.
    private mutating func improve(
        _ best: inout FootprintIncumbent?, over kept: [Int], _ optimum: FootprintRelaxation.Optimum
    ) throws(OptimizationError) -> Double {
        let objective = best?.objective
        let whole = FootprintWhole(
            instance, stage, throughputLimit: throughputLimit, kept: kept,
            ranges: { number in
                let column = instance.columns[number]
                guard let objective, optimum.reducedCosts[number] > 0 else {
                    return column.least...column.most
                }
                let more = (objective - optimum.bound) / optimum.reducedCosts[number] + 1e-6
                return column.least...max(column.least, Int(min(more, Double(column.most))))
            })
        // A little less than is asked for: flows found anew may cost a trace more than the solver's point.
        var settings = IntegerSolveOptions(
            relativeGap: options.relativeGap * 0.9, absoluteGap: resolution / 2,
            timeLimit: options.timeLimit, checkLimit: options.effort)
        if let best { settings.start = whole.start(at: best) }
        let solution = try solver.solve(whole.program, options: settings)
        tally.kept = kept.count
        tally.nodes += solution.nodeCount
        if let incumbent = solution.incumbent {
            let found = whole.incumbent(incumbent)
            let sound = try plan(with: found.counts)
            if let sound, sound.objective < best?.objective ?? .infinity { best = sound }
        }
        let held = Set(kept)
        let outside = instance.columns.indices.filter { !held.contains($0) }
        let leastOutside = outside.map { max(0, optimum.reducedCosts[$0]) }.min() ?? .infinity
        return max(optimum.bound, min(solution.dualBound, optimum.bound + leastOutside))
    }

    /// The best plan with given counts: a solver's point meets its rows only up to a tolerance, so flows and
    /// boxes are found anew.
    private func plan(with counts: [Int: Int]) throws(OptimizationError) -> FootprintIncumbent? {
        let whole = FootprintWhole(
            instance, stage, throughputLimit: throughputLimit, kept: counts.keys.sorted(),
            ranges: { number in
                let count = counts[number] ?? 0
                return count...count
            })
        let settings = IntegerSolveOptions(
            relativeGap: options.relativeGap / 10, absoluteGap: resolution / 10,
            timeLimit: options.timeLimit, feasibilityTolerance: 1e-8)
        return try solver.solve(whole.program, options: settings).incumbent.map { whole.incumbent($0) }
    }
}
