import Optimization

/// What to do when the demand does not fit: leave as little of it unserved as possible, and among the ways to do so
/// take one of least power.
///
/// With s[m] the share of model m's load that stays unserved,
///
///     minimise    sum_m s[m]
///     subject to  sum_h cover[h,m] N[h,m] + s[m] >= 1 - tolerance   for every model m
///                 sum_m N[h,m]                   <= available[h]    for every type h
///                 0 <= N[h,m] <= most[h,m], integer; 0 <= s[m] <= 1
///
/// and then, with S the sum found,
///
///     minimise    sum_{h,m} power[h,m] N[h,m]
///     subject to  the same, and  sum_m s[m] <= S.
///
/// Shares and not queries/s are added up because a query of one model is not worth one of another: a service whose
/// rate is a hundred times lower would otherwise be given up first. Two solves and no weight between the two goals,
/// since any weight small enough to be safe is below the solver's tolerances.
struct ShortfallProgram {
    private let program: CoverProgram

    init(_ program: CoverProgram) { self.program = program }

    /// The counts of all of the problem's models.
    ///
    /// - Parameter start: an allocation that does not overdraw the fleet.
    func solve(
        with solver: HiGHSSolver, start: ProvisioningProblem.Counts, problem: ProvisioningProblem,
        gap: Double,
        limits: PlanningLimits, effort: inout PlanEffort
    ) throws(OptimizationError) -> ProvisioningProblem.Counts {
        func improve(_ counts: CoverProgram.Counts, _ goal: Goal) throws(OptimizationError)
            -> CoverProgram.Counts
        {
            let (integerProgram, pairs) = integerProgram(goal)
            effort.integerPrograms += 1
            let solution = try solver.solve(
                integerProgram,
                options: IntegerSolveOptions(
                    relativeGap: gap, nodeLimit: limits.solverNodes, timeLimit: limits.solverTime,
                    start: point(counts, pairs)))
            effort.solverNodes += solution.nodeCount
            guard let incumbent = solution.incumbent else { return counts }
            var found = CoverProgram.Counts(repeating: 0, count: program.cost.count)
            for (pair, value) in zip(pairs, incumbent.values) { found[pair] = Int(value) }
            return found
        }
        let leastUnserved = try improve(program.counts(from: start, problem), .unserved)
        let counts = try improve(leastUnserved, .power(unservedAtMost: totalUnserved(leastUnserved)))
        return program.countsOfProblem(counts, problem)
    }

    private enum Goal {
        case unserved
        case power(unservedAtMost: Double)
    }

    /// s[m] of an allocation.
    private func unserved(_ counts: CoverProgram.Counts, model: Int) -> Double {
        max(0, CoverProgram.requirement - program.coverage(of: counts, model: model))
    }

    private func totalUnserved(_ counts: CoverProgram.Counts) -> Double {
        (0..<program.modelCount).reduce(0) { $0 + unserved(counts, model: $1) }
    }

    /// An allocation as a point of the program: N over the pairs, then s.
    private func point(_ counts: CoverProgram.Counts, _ pairs: [Int]) -> [Double] {
        pairs.map { Double(counts[$0]) } + (0..<program.modelCount).map { unserved(counts, model: $0) }
    }

    private func integerProgram(_ goal: Goal) -> (program: IntegerProgram, pairs: [Int]) {
        let unservedLimit: Double? =
            switch goal {
            case .unserved: nil
            // Room for the solver's tolerance on the rows of the first solve.
            case .power(let unservedAtMost): unservedAtMost + 1e-8
            }
        var integerProgram = IntegerProgram()
        let pairs = program.usablePairs
        for pair in pairs {
            integerProgram.addColumn(
                cost: unservedLimit == nil ? 0 : program.cost[pair], upper: Double(program.most[pair]),
                isInteger: true)
        }
        let shares = (0..<program.modelCount).map { _ in
            integerProgram.addColumn(cost: unservedLimit == nil ? 1 : 0, upper: 1, isInteger: false)
        }
        for (row, share) in zip(program.coverRows(pairs), shares) {
            integerProgram.addRow(lower: CoverProgram.requirement, terms: row + [(share, 1)])
        }
        for (type, row) in program.limitRows(pairs).enumerated() {
            integerProgram.addRow(upper: Double(program.available[type]), terms: row)
        }
        if let unservedLimit { integerProgram.addRow(upper: unservedLimit, terms: shares.map { ($0, 1) }) }
        return (integerProgram, pairs)
    }
}
