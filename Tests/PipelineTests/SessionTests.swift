import Pipeline
import Quantities
import Store
import Testing
import Vocabulary

/// What a session hands on, and what it need not do again.
@Suite struct SessionTests {
    @Test func aSessionOfFewerModelsSharesTheHostAsBefore() throws {
        let fixtures = try Fixtures()
        let shared = try fixtures.session(sharesHost: true)
        let fewer = shared.restricted(to: [fixtures.model.id.name])
        #expect(fewer.sharesHost && fewer.run == shared.run)
        #expect(fewer.scenario.models == shared.scenario.models)
        #expect(shared.restricted(to: ["none"]).scenario.models.isEmpty)
    }

    @Test func thePlanOfAReportIsTheOneThatWasMade() throws {
        let fixtures = try Fixtures()
        let session = try fixtures.session()
        func entries(of throughput: QueriesPerSecond) -> EfficiencyTable {
            EfficiencyTable(
                fixtures.scenario.serverTypes.map { type in
                    EfficiencyEntry(
                        model: fixtures.model.id, serverType: type.id, target: fixtures.model.latencyTarget,
                        powerBudget: nil, schedule: Fixtures.schedule, throughput: throughput,
                        power: Watts(300), powerProvenance: .estimated, provenance: .modelled, method: "m",
                        evaluations: 1, spaceSize: 1)
                })
        }
        let table = entries(of: QueriesPerSecond(1e6))
        let made = try PlanStage(session).peak(with: table)
        // A plan that no planner makes, stored under the same inputs, is what comes back.
        let odd = Plan(
            status: .feasible, allocation: made.plan.allocation, objective: Watts(12_345), bound: nil,
            shortfalls: [])
        let inputs = PlanInputs(
            demand: made.demand, headroom: made.headroom, fleet: fixtures.scenario.fleet, table: table,
            goal: PlanGoal(), gap: fixtures.scenario.replay.gap)
        try fixtures.store.save(
            odd, demand: made.demand, fleet: fixtures.scenario.fleet, overProvision: made.headroom,
            efficiency: table, method: "hercules", toolVersion: "test", atUnixSeconds: 1,
            inputsDigest: inputs.digest())
        #expect(try PlanStage(session).peak(with: table).plan.objective == Watts(12_345))
        // Other entries are other inputs.
        let other = entries(of: QueriesPerSecond(2e6))
        #expect(try PlanStage(session).peak(with: other).plan.objective != Watts(12_345))
    }
}
