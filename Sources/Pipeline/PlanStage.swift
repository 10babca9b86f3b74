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
    }

    private let bench: Workbench

    public init(_ bench: Workbench) { self.bench = bench }

    /// Plans for a demand and keeps the plan.
    /// - Parameters:
    ///   - demand: nil for each model's peak over the scenario's trace.
    ///   - headroom: R; nil for the scenario's initial over-provision rate.
    public func run(demand: Demand? = nil, headroom: Fraction? = nil) throws -> Outcome {
        bench.progress.stageBegan("plan", units: 1, expected: nil)
        let outcome = try plan(demand: demand, headroom: headroom, table: bench.efficiencyTable())
        bench.progress.stageEnded(
            "\(outcome.plan.status.rawValue), \(outcome.plan.allocation.serverCount) servers")
        try bench.store.save(
            outcome.plan, demand: outcome.demand, fleet: bench.scenario.fleet,
            overProvision: outcome.headroom, efficiency: outcome.table, method: "hercules",
            toolVersion: toolVersion, atUnixSeconds: Workbench.now, run: bench.run)
        return outcome
    }

    /// Plans for a demand, as `run` does, and keeps nothing.
    func plan(
        demand: Demand? = nil, headroom: Fraction? = nil, table: EfficiencyTable
    ) throws -> Outcome {
        let scenario = bench.scenario
        let demand = demand ?? scenario.trace.peakDemand
        let headroom = headroom ?? scenario.replay.overProvision.initial
        let problem = try ProvisioningProblem(
            demand: demand.scaled(by: 1 + headroom.value), fleet: scenario.fleet, efficiency: table)
        let found = try IntegerProgramPlanner(gap: scenario.replay.gap).plan(problem)
        return Outcome(
            plan: found.plan, demand: demand, headroom: headroom, table: table, effort: found.effort)
    }
}
