import Provisioning
import Quantities
import Testing
import Vocabulary

/// The autoscaler's rules, as its documentation states them.
@Suite struct ReactivePolicyTests {
    /// Servers after each load, a minute apart; each of 100 queries/s.
    private func servers(
        _ loads: [Double], _ change: (inout ReactiveSettings) -> Void = { _ in }, seconds: Double = 60
    ) throws -> [Int] {
        var settings = ReactiveSettings()
        change(&settings)
        let policy = ReactivePolicy(settings)
        var memory = PolicyMemory()
        var plan: Plan?
        return try loads.enumerated().map { index, load in
            let problem = try ProvisioningProblem(
                demand: Demand(["a": QueriesPerSecond(load)]), fleet: Fleet(id: "f", counts: ["s": 1000]),
                efficiency: EfficiencyTable([entry("a", "s", 100, 200)]))
            let outcome = try policy.plan(
                ProvisioningRequest(
                    problem: problem, planInForce: plan, at: Nanoseconds(seconds: seconds * Double(index))),
                memory: &memory)
            plan = outcome.plan
            return outcome.plan.allocation.serverCount
        }
    }

    @Test func itAimsAtTheTargetUtilisation() throws {
        #expect(try servers([800]) == [10])
        #expect(try servers([800, 1600]) == [10, 20])
    }

    @Test func withinTheToleranceNothingChanges() throws {
        // Ten servers hold 800 at the target; 10 % more or less is left alone, more than that is not.
        #expect(try servers([800, 870, 730]) == [10, 10, 10])
        #expect(try servers([800, 881]) == [10, 12])
        #expect(try servers([800, 800, 719], { $0.scaleDownWindow = .zero }) == [10, 10, 9])
    }

    @Test func scaleDownWaitsForTheStabilisationWindow() throws {
        // The wish for 20 stands in the window for five minutes after it was last made.
        let found = try servers([1600] + Array(repeating: 800, count: 7))
        #expect(found == [20, 20, 20, 20, 20, 20, 10, 10])
    }

    @Test func scaleUpIsLimitedForEachPeriod() throws {
        // In one period of 15 s: at most double, or four more.
        #expect(try servers([80, 8000, 8000, 8000], seconds: 15) == [1, 5, 10, 20])
        #expect(try servers([80, 8000], seconds: 60) == [1, 40], "four periods go by between decisions")
    }

    @Test func mixedTypesGrowByEfficiencyAndShrinkAgainstIt() throws {
        let table = EfficiencyTable([entry("a", "good", 100, 100), entry("a", "bad", 100, 300)])
        let policy = ReactivePolicy()
        func plan(_ load: Double, _ before: Plan?, _ memory: inout PolicyMemory, at: Double) throws -> Plan {
            let problem = try ProvisioningProblem(
                demand: Demand(["a": QueriesPerSecond(load)]),
                fleet: Fleet(id: "f", counts: ["good": 5, "bad": 20]),
                efficiency: table)
            return try policy.plan(
                ProvisioningRequest(problem: problem, planInForce: before, at: Nanoseconds(seconds: at)),
                memory: &memory
            ).plan
        }
        var memory = PolicyMemory()
        let large = try plan(800, nil, &memory, at: 0)
        #expect(large.allocation["a", "good"] == 5 && large.allocation["a", "bad"] == 5)
        let small = try plan(480, large, &memory, at: 1000)
        #expect(small.allocation["a", "good"] == 5 && small.allocation["a", "bad"] == 1)
    }
}
