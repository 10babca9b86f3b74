import Provisioning
import Quantities
import Store
import Vocabulary

/// Plans the fleet for one demand with the integer program, and keeps the plan.
public struct PlanStage: Sendable {
    /// A plan and what it was made for.
    public struct Outcome: Sendable {
        public let plan: Plan
        /// Without headroom.
        public let demand: Demand
        /// R: the plan covers (1 + R) times the demand.
        public let headroom: Fraction
        public let table: EfficiencyTable
        public let effort: PlanEffort
        /// What the plan minimises, and under which constraints.
        public let goal: PlanGoal
        /// What one more server of each type would be worth, by type; empty where that was not asked for.
        public let sensitivities: [PlanSensitivity]
    }

    private let session: Session

    public init(_ session: Session) { self.session = session }

    /// Plans for a demand and keeps the plan.
    /// - Parameters:
    ///   - demand: nil for each model's peak over the scenario's trace.
    ///   - headroom: R; nil for the scenario's initial over-provision rate.
    ///   - goal: objective, prices and constraints beyond the scenario's own.
    ///   - withSensitivity: also what one more server of each type would be worth.
    public func run(
        demand: Demand? = nil, headroom: Fraction? = nil, goal: PlanGoalChanges? = nil,
        withSensitivity: Bool = false
    ) throws -> Outcome {
        session.progress.stageBegan("plan", units: 1, expected: nil)
        let outcome = try plan(
            demand: demand, headroom: headroom, goal: goal, withSensitivity: withSensitivity,
            table: session.efficiencyTable())
        session.progress.stageEnded(
            "\(outcome.plan.status.rawValue), \(outcome.plan.allocation.serverCount) servers")
        try session.recorder.save(
            outcome, fleet: session.scenario.fleet, method: "hercules", inputs: inputs(of: outcome).digest())
        return outcome
    }

    /// Everything that a plan depends on.
    private func inputs(of outcome: Outcome) -> PlanInputs {
        PlanInputs(
            demand: outcome.demand, headroom: outcome.headroom, fleet: session.scenario.fleet,
            table: outcome.table, goal: outcome.goal, gap: session.scenario.replay.gap)
    }

    /// The plan for the peak of the trace: the one that was made of the same inputs, or one made now.
    package func peak(with table: EfficiencyTable) throws -> (plan: Plan, demand: Demand, headroom: Fraction)
    {
        let (demand, headroom, goal) = try request(demand: nil, headroom: nil, goal: nil)
        let memo = try Memo<ContentDigest, Plan>(
            PlanInputs(
                demand: demand, headroom: headroom, fleet: session.scenario.fleet, table: table, goal: goal,
                gap: session.scenario.replay.gap
            ).digest()
        ) { try session.store.plan(ofInputs: $0)?.plan }
        return (try memo.outcome { try plan(table: table).plan }.value, demand, headroom)
    }

    /// What is planned for, with the scenario's own where nothing else is asked for.
    private func request(
        demand: Demand?, headroom: Fraction?, goal changes: PlanGoalChanges?
    ) throws -> (demand: Demand, headroom: Fraction, goal: PlanGoal) {
        let scenario = session.scenario
        let headroom = headroom ?? scenario.replay.overProvision.initial
        let isPlain = changes == nil && scenario.plan == nil
        let goal =
            isPlain
            ? PlanGoal()
            : try (changes ?? PlanGoalChanges()).goal(
                for: scenario, headroom: headroom, idlePowers: session.idlePowers)
        return (try demand ?? scenario.requiredTrace().peakDemand, headroom, goal)
    }

    /// Plans for a demand, as `run` does, and keeps nothing.
    func plan(
        demand: Demand? = nil, headroom: Fraction? = nil, goal changes: PlanGoalChanges? = nil,
        withSensitivity: Bool = false, table: EfficiencyTable
    ) throws -> Outcome {
        let scenario = session.scenario
        let (demand, headroom, goal) = try request(demand: demand, headroom: headroom, goal: changes)
        let needed = demand.scaled(by: 1 + headroom.value)
        let problem = try problem(needed, goal, asked: changes, table)
        let planner = try IntegerProgramPlanner(gap: scenario.replay.gap)
        let found = try planner.plan(problem)
        let sensitivities =
            withSensitivity && found.plan.status != .infeasible
            ? try self.sensitivities(of: found, needed, goal, table, planner) : []
        return Outcome(
            plan: found.plan, demand: demand, headroom: headroom, table: table, effort: found.effort,
            goal: goal, sensitivities: sensitivities)
    }

    /// - Throws: `PipelineError.badValue` for a constraint that the fleet cannot meet and that was asked for
    ///   beyond the scenario; `ProvisioningError` for one of the scenario's own.
    private func problem(
        _ needed: Demand, _ goal: PlanGoal, asked changes: PlanGoalChanges?, _ table: EfficiencyTable
    ) throws -> ProvisioningProblem {
        do throws(ProvisioningError) {
            return try ProvisioningProblem(
                demand: needed, fleet: session.scenario.fleet, efficiency: table, goal: goal)
        } catch {
            guard case .invalidConstraint(let what, let found, let expected) = error,
                changes?.holdsServers == true
            else { throw error }
            throw PipelineError.badValue(name: what, found: found, expected: expected)
        }
    }

    /// The dual price of each type beside what planning again with one more server of it saves.
    private func sensitivities(
        of found: PlanningOutcome, _ needed: Demand, _ goal: PlanGoal, _ table: EfficiencyTable,
        _ planner: IntegerProgramPlanner
    ) throws -> [PlanSensitivity] {
        let fleet = session.scenario.fleet
        let prices = found.memory?.pricesByType ?? [:]
        let value = found.plan.valuation?.value ?? found.plan.objective.value
        let kilowattYear = 8766 * goal.rates.energyPricePerKilowattHour * goal.rates.facilityFactor / 1000
        return try fleet.serverTypes.filter(fleet.hasServers).map { type in
            var counts = fleet.counts
            counts[type, default: 0] += 1
            let larger = try ProvisioningProblem(
                demand: needed, fleet: Fleet(id: fleet.id, counts: counts), efficiency: table, goal: goal)
            let plan = try planner.plan(larger, after: found.memory).plan
            let price = prices[type] ?? 0
            return PlanSensitivity(
                serverType: type, dualPrice: price,
                saved: value - (plan.valuation?.value ?? plan.objective.value),
                moneyPerYear: goal.isProvisionedPower && kilowattYear > 0 ? price * kilowattYear : nil)
        }
    }
}
