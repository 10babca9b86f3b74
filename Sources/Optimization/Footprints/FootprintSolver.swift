import Quantities

/// Solves ``FootprintProgram``s.
///
/// The relaxation is solved over all columns by column generation with exact pricing, so that its bound
/// holds for every plan. HiGHS then solves the integer program over the columns near the relaxation and, if
/// that does not prove the gap, over all that reduced costs do not exclude. Deterministic.
///
///     let solver = try FootprintSolver()
///     let outcome = try solver.minimiseCost(program)
///     if let plan = outcome.plan { print(plan.counts, plan.objective, plan.bound) }
public struct FootprintSolver {
    /// How far a solve goes. Everything but `timeLimit` leaves the outcome reproducible.
    public struct Options: Hashable, Sendable {
        /// A solve is done when (objective - bound) / objective is at most this.
        public var relativeGap = 1e-3
        /// How often HiGHS asks in each integer program whether to go on before it is told to stop, a few
        /// times per branch-and-bound node; nil for no limit.
        public var effort: Int?
        /// A last resort for each integer program; reaching it makes the outcome depend on the machine.
        public var timeLimit = Nanoseconds(seconds: 60)

        /// With no more columns than this the integer program is solved at once.
        var exactColumnLimit = 48
        /// Columns of the first integer program, beside those of the relaxation.
        var nearColumnLimit = 48
        /// The last integer program is left out where it would have more columns.
        var leftColumnLimit = 200
        /// The first integer program has columns with reduced costs up to this share of the bound.
        var nearShare = 0.02

        public init(
            relativeGap: Double = 1e-3, effort: Int? = 2500,
            timeLimit: Nanoseconds = Nanoseconds(seconds: 60)
        ) {
            self.relativeGap = relativeGap
            self.effort = effort
            self.timeLimit = timeLimit
        }
    }

    private let solver: HiGHSSolver
    public var options: Options

    /// - Throws: `libraryMissing` where HiGHS is not installed.
    public init(options: Options = Options()) throws(OptimizationError) {
        solver = try HiGHSSolver()
        self.options = options
    }

    /// The cheapest plan that serves all demand.
    /// - Throws: `malformedProgram` with what makes no sense.
    public func minimiseCost(_ program: FootprintProgram) throws(OptimizationError) -> FootprintOutcome {
        let instance = try FootprintInstance(program, isDemandFixed: true)
        var search = search(instance, FootprintStage(goal: .cost), tally(of: instance))
        return outcome(try search.run(), instance, search.tally)
    }

    /// The plan that leaves least demand unserved, the highest priority first, and of those the cheapest.
    ///
    /// Within a priority, unserved requests per second are added up. Infeasible only where the program asks
    /// for more deployments than fit.
    public func minimiseUnserved(_ program: FootprintProgram) throws(OptimizationError) -> FootprintOutcome {
        let instance = try FootprintInstance(program, isDemandFixed: true)
        var tally = tally(of: instance)
        var all = search(instance, FootprintStage(goal: .cost), tally)
        let complete = try all.run()
        tally = all.tally
        let byPriority = Dictionary(grouping: program.buckets.indices) { program.buckets[$0].priority }
        let priorities = byPriority.keys.sorted(by: >)
        if case .planned = complete {
            let levels = priorities.map { FootprintPlan.Level(priority: $0, unserved: 0, bound: 0) }
            return outcome(complete, instance, tally, levels: levels)
        }
        var stage = FootprintStage(goal: .cost, allowsUnserved: true)
        var levels: [FootprintPlan.Level] = []
        var counts: [Int: Int]?
        for priority in priorities {
            let buckets = byPriority[priority] ?? []
            stage.goal = .unserved(buckets)
            var level = search(instance, stage, tally)
            let result = try level.run(from: counts)
            tally = level.tally
            guard case .planned(let plan, let bound, _) = result else {
                return outcome(result, instance, tally)
            }
            let demand = buckets.reduce(0) { $0 + program.buckets[$1].demand }
            // What is less than the solver's tolerance is nothing.
            let unserved = plan.objective <= 1e-9 * demand ? 0 : plan.objective
            levels.append(.init(priority: priority, unserved: unserved, bound: max(0, min(bound, unserved))))
            stage.limits.append(.init(buckets: buckets, most: unserved + 1e-9 * demand))
            counts = plan.counts
        }
        stage.goal = .cost
        var cheapest = search(instance, stage, tally)
        let result = try cheapest.run(from: counts)
        return outcome(result, instance, cheapest.tally, levels: levels)
    }

    /// The plan that serves the largest multiple of every demand. Costs do not count; a budget does.
    ///
    /// - Throws: `malformedProgram` also where nothing limits the multiple, or a bucket must not be divided.
    public func maximiseThroughput(_ program: FootprintProgram) throws(OptimizationError) -> FootprintOutcome
    {
        let instance = try FootprintInstance(program, isDemandFixed: false)
        let loaded = program.buckets.indices.filter { program.buckets[$0].demand > 0 }
        guard !loaded.isEmpty else { throw .malformedProgram("no bucket has a demand to multiply") }
        guard loaded.allSatisfy({ !program.buckets[$0].isWhole }) else {
            throw .malformedProgram("a bucket that must not be divided has no throughput")
        }
        var most = [Double](repeating: 0, count: program.buckets.count)
        for column in instance.columns where column.role != .decode {
            for service in column.services { most[service.bucket] += service.coverage * Double(column.most) }
        }
        if let column = instance.columns.first(where: { $0.most >= Int(Int32.max) }) {
            throw .malformedProgram("column \(column.index) takes no boxes and has no limit")
        }
        let limit = loaded.map { most[$0] }.min() ?? 0
        var search = search(
            instance, FootprintStage(goal: .throughput), tally(of: instance), throughputLimit: limit)
        return outcome(try search.run(), instance, search.tally)
    }
}

// MARK: - Parts of a solve

extension FootprintSolver {
    private func tally(of instance: FootprintInstance) -> FootprintPlan.Tally {
        var tally = FootprintPlan.Tally()
        tally.columns = instance.program.columns.count
        tally.dominated = instance.dominatedCount
        return tally
    }

    private func search(
        _ instance: FootprintInstance, _ stage: FootprintStage, _ tally: FootprintPlan.Tally,
        throughputLimit: Double = 0
    ) -> FootprintSearch {
        FootprintSearch(
            instance, stage, throughputLimit: throughputLimit, options: options, solver: solver, tally: tally)
    }

    private func outcome(
        _ result: FootprintSearch.Result, _ instance: FootprintInstance, _ tally: FootprintPlan.Tally,
        levels: [FootprintPlan.Level] = []
    ) -> FootprintOutcome {
        switch result {
        case .infeasible(let step): return .infeasible(step)
        case .undecided(let bound): return .undecided(bound: bound)
        case .planned(let plan, let bound, let step):
            var counts = [Int](repeating: 0, count: instance.program.columns.count)
            for (number, count) in plan.counts { counts[instance.columns[number].index] = count }
            let isThroughput = plan.throughput != nil
            return .planned(
                FootprintPlan(
                    counts: counts, boxes: plan.boxes, flows: plan.flows, unserved: plan.unserved,
                    throughput: plan.throughput, objective: isThroughput ? -plan.objective : plan.objective,
                    bound: isThroughput ? -bound : bound, levels: levels, step: step, tally: tally))
        }
    }
}
