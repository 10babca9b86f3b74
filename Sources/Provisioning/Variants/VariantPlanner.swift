import Optimization
import Quantities
import Vocabulary

/// Plans loads that may be split over variants.
///
/// The floor on the mean couples a task's variants; one multiplier for each task takes it into the objective,
/// and a price for each server type the limits of the fleet. What is left falls apart by task. The
/// multipliers are the duals of the linear relaxation; then:
///
/// 1. the bound at them is that of the relaxation, or of covering knapsacks where that is better
///    (`VariantBound`);
/// 2. the relaxation's point is made whole and improved by removals and exchanges (`VariantLocalSearch`);
/// 3. branch and cut by HiGHS starts from there, where the gap is still open.
///
/// Under a power cap, or where the demand does not fit, the answer is lexicographic: as little unserved as
/// can be, then the highest mean accuracy, then the least cost. Not `Sendable`, like the solver it holds.
public final class VariantPlanner {
    private let solver: HiGHSSolver
    private let gap: Double
    private let nodeLimit: Int

    /// - Parameters:
    ///   - gap: the relative gap at which a plan counts as optimal.
    ///   - nodeLimit: nodes of branch and cut; 0 for none.
    /// - Throws: `solver` where HiGHS cannot be loaded.
    public init(gap: Fraction = Fraction(1e-3), nodeLimit: Int = 2_000) throws(ProvisioningError) {
        self.gap = max(gap.value, IntegerProgramPlanner.leastGap)
        self.nodeLimit = nodeLimit
        do { solver = try HiGHSSolver() } catch { throw .solver(error) }
    }

    /// What was found, with what is proven of it.
    struct Answer {
        var counts: ProvisioningProblem.Counts
        var cost: Double
        var bound: Double?
        /// Cost of a unit of load times a unit of accuracy, by group.
        var multipliers: [Double]
        var route: PlanRoute
        var isServed: Bool
    }

    /// The plan for a problem, `optimal` within the gap, and the split of every load.
    public func plan(_ problem: VariantProblem) throws(ProvisioningError) -> (VariantPlan, PlanRoute) {
        let answer = try answer(problem)
        let base = problem.base
        let allocation = Allocation(answer.counts, models: base.models, serverTypes: base.serverTypes)
        let shortfalls = problem.groups.compactMap { group -> Plan.Shortfall? in
            let left = problem.route(answer.counts, group).left
            return left > group.load * Coverage.tolerance
                ? Plan.Shortfall(model: group.name, load: QueriesPerSecond(left)) : nil
        }
        let power = Watts(base.power(of: answer.counts))
        let isPower = base.goal.isProvisionedPower
        let bound = answer.isServed ? answer.bound.map { min($0, answer.cost) } : nil
        let isClose = bound.map { answer.cost - $0 <= gap * answer.cost } ?? false
        let plan = Plan(
            status: !answer.isServed ? .infeasible : isClose ? .optimal : .feasible,
            allocation: allocation, objective: power, bound: isPower ? bound.map { Watts($0) } : nil,
            shortfalls: shortfalls,
            valuation: isPower
                ? nil
                : Plan.Valuation(
                    name: base.goal.name, unit: base.goal.unit, value: answer.cost, bound: bound))
        let splits = problem.split(answer.counts, multipliers: answer.multipliers)
        return (VariantPlan(plan: plan, splits: splits), answer.route)
    }

    func answer(_ problem: VariantProblem) throws(ProvisioningError) -> Answer {
        do {
            if problem.base.goal.constraints.powerCap != nil { return try lexicographic(problem) }
            let program = VariantProgram(problem)
            guard let relaxed = try solver.solve(program.relaxation).optimum else {
                return try lexicographic(problem)
            }
            let duals = program.duals(relaxed.rowDuals)
            let bound = max(
                relaxed.objective - 1e-9 * abs(relaxed.objective),
                VariantBound(problem, prices: duals.prices).best(around: duals.multipliers))
            var search = VariantLocalSearch(problem)
            let found = search.counts(near: program.parts(relaxed.values))
            var answer = Answer(
                counts: found ?? problem.base.noServers,
                cost: found.map { problem.base.cost(of: $0) } ?? .infinity, bound: bound,
                multipliers: duals.multipliers, route: .priced, isServed: found != nil)
            if answer.isServed, answer.cost - bound <= gap * answer.cost { return answer }
            guard nodeLimit > 0 || !answer.isServed else { return answer }
            let solution = try solver.solve(
                program.whole, options: options(start: found.map { program.start($0) }))
            answer.route = .branched
            answer.bound = max(bound, solution.dualBound - 1e-7 * abs(solution.dualBound))
            guard let incumbent = solution.incumbent else {
                return answer.isServed ? answer : try lexicographic(problem)
            }
            let counts = search.counts(near: program.parts(incumbent.values)) ?? answer.counts
            let cost = problem.base.cost(of: counts)
            if cost < answer.cost {
                (answer.counts, answer.cost, answer.isServed) = (counts, cost, true)
            }
            return answer
        } catch let error as OptimizationError {
            throw .solver(error)
        } catch {
            throw .solver(.callFailed(function: "Highs_run", detail: "\(error)"))
        }
    }

    private func options(start: [Double]?) -> IntegerSolveOptions {
        IntegerSolveOptions(
            relativeGap: gap / 2, nodeLimit: max(1, nodeLimit), feasibilityTolerance: 1e-9, start: start)
    }

    /// As little unserved as can be, then the highest accuracy, then the least cost.
    private func lexicographic(_ problem: VariantProblem) throws -> Answer {
        var limits = VariantProgram.Limits()
        var counts = problem.base.noServers
        for step in VariantProgram.Step.allCases {
            let program = VariantProgram(problem, step: step, limits: limits)
            let solution = try solver.solve(program.whole, options: options(start: nil))
            guard let incumbent = solution.incumbent else { break }
            counts = program.counts(incumbent.values)
            switch step {
            case .unserved: limits.unserved = incumbent.objective
            case .accuracy: limits.lack = incumbent.objective
            case .cost: break
            }
        }
        let isServed = problem.groups.allSatisfy { problem.isServed(counts, $0) }
        return Answer(
            counts: counts, cost: problem.base.cost(of: counts), bound: nil,
            multipliers: problem.groups.map { _ in 0 }, route: .branched, isServed: isServed)
    }
}
