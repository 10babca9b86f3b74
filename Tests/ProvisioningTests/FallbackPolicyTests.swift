import Optimization
import Provisioning
import Quantities
import Testing
import Vocabulary

/// What decides where a planner cannot.
@Suite struct FallbackPolicyTests {
    /// Plans until it is told to fail.
    private struct Moody: ProvisioningPolicy {
        static let name = "moody"
        let fails: Bool

        func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
            if fails { throw .solver(.malformedProgram("out of order")) }
            return try GreedyPolicy().plan(request)
        }
    }

    private func problem(load: Double) throws -> ProvisioningProblem {
        let entry = EfficiencyEntry(
            model: "a", serverType: "s",
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(seconds: 1)), powerBudget: nil,
            schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
            throughput: QueriesPerSecond(10), power: Watts(100), powerProvenance: .estimated,
            provenance: .modelled, method: "test", evaluations: 1, spaceSize: 1)
        return try ProvisioningProblem(
            demand: Demand(["a": QueriesPerSecond(load)]), fleet: Fleet(id: "f", counts: ["s": 20]),
            efficiency: EfficiencyTable([entry]))
    }

    private func plan(_ base: Moody?, load: Double, after inForce: Plan? = nil) throws -> PlanningOutcome {
        try FallbackPolicy(base: base).plan(
            ProvisioningRequest(problem: try problem(load: load), planInForce: inForce))
    }

    @Test func aPlannerThatWorksIsTakenAtItsWord() throws {
        #expect(try plan(Moody(fails: false), load: 35).effort.route == .direct)
    }

    @Test func thePlanInForceIsKeptWhileItCovers() throws {
        let inForce = try plan(Moody(fails: false), load: 55).plan
        let kept = try plan(Moody(fails: true), load: 35, after: inForce)
        #expect(kept.effort.route == .kept && kept.plan.allocation["a", "s"] == 6)
        let grown = try plan(Moody(fails: true), load: 65, after: inForce)
        #expect(grown.effort.route == .greedy && grown.plan.allocation["a", "s"] == 7)
        #expect(try plan(nil, load: 35).plan.allocation["a", "s"] == 4)
    }

    @Test func itIsThePolicyInAllButName() throws {
        let steadfast = try ProvisioningPolicies.steadfast(
            named: "hercules", configuration: PolicyConfiguration(peakDemand: Demand([:]), seed: 1))
        #expect(type(of: steadfast).name == "hercules" && type(of: steadfast).weighsSwitching)
        #expect(throws: ProvisioningError.self) {
            try ProvisioningPolicies.steadfast(
                named: "magic", configuration: PolicyConfiguration(peakDemand: Demand([:]), seed: 1))
        }
    }
}
