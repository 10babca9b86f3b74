import Provisioning
import Quantities
import Testing
import Vocabulary

/// Rules that fleets of language models are run by, after what others do.
@Suite struct LanguageFleetPolicyTests {
    private func problem(
        _ loads: [ModelID: Double], counts: [ServerTypeID: Int], _ entries: [EfficiencyEntry]
    ) throws -> ProvisioningProblem {
        try ProvisioningProblem(
            demand: Demand(loads.mapValues { QueriesPerSecond($0) }), fleet: Fleet(id: "f", counts: counts),
            efficiency: EfficiencyTable(entries))
    }

    private func plan(_ name: String, _ problem: ProvisioningProblem) throws -> Plan {
        try ProvisioningPolicies.named(
            name, configuration: PolicyConfiguration(peakDemand: problem.demand, seed: 3)
        ).plan(ProvisioningRequest(problem: problem)).plan
    }

    // MARK: Melange

    /// 10 queries/s for 100 W or 3 for 32: 48 queries/s are eight slices of 6. Three large ones hold five of
    /// them for 300 W, six small ones the others for 192 W. Large ones alone take 500 W, small ones 512 W.
    @Test func melangeMixesTypesByCostAlone() throws {
        let entries = [entry("a", "large", 10, 100), entry("a", "small", 3, 32)]
        let plan = try plan("melange", problem(["a": 48], counts: ["large": 9, "small": 20], entries))
        #expect(plan.allocation["a", "large"] == 3 && plan.allocation["a", "small"] == 6)
        #expect(plan.objective == Watts(492) && plan.status == .feasible)
    }

    /// There are two of the cheap type and it asks for four: it does not know, and leaves load unserved
    /// while others stand idle.
    @Test func melangeDoesNotSeeHowManyThereAre() throws {
        let entries = [entry("a", "cheap", 10, 100), entry("a", "dear", 10, 200)]
        let plan = try plan("melange", problem(["a": 40], counts: ["cheap": 2, "dear": 9], entries))
        #expect(plan.allocation["a", "cheap"] == 2 && plan.allocation["a", "dear"] == 0)
        #expect(plan.status == .infeasible)
        #expect(plan.shortfalls == [.init(model: "a", load: QueriesPerSecond(20))])
        #expect(
            try self.plan("greedy", problem(["a": 40], counts: ["cheap": 2, "dear": 9], entries)).status
                == .feasible)
    }

    @Test func melangeServesNothingForNothing() throws {
        let entries = [entry("a", "cheap", 10, 100)]
        #expect(
            try plan("melange", problem(["a": 0], counts: ["cheap": 2], entries)).allocation.serverCount == 0)
    }

    // MARK: Round robin

    /// Equal parts go to unequal servers: with the slow ones 100 queries/s take 10 of any kind, with fast
    /// ones alone 3.
    @Test func equalPartsAreWorthTheSlowest() throws {
        let entries = [entry("a", "fast", 40, 400), entry("a", "slow", 10, 150)]
        let fast = try plan(
            "round-robin-static", problem(["a": 100], counts: ["fast": 9, "slow": 20], entries))
        #expect(fast.allocation["a", "fast"] == 3 && fast.allocation["a", "slow"] == 0)
        // Two fast ones do not do: ten servers are needed, the cheapest of which are slow.
        let mixed = try plan(
            "round-robin-static", problem(["a": 100], counts: ["fast": 2, "slow": 9], entries))
        #expect(mixed.allocation["a", "fast"] == 1 && mixed.allocation["a", "slow"] == 9)
    }

    @Test func itHoldsItsPeakForGood() throws {
        let entries = [entry("a", "fast", 40, 400)]
        let peak = try problem(["a": 100], counts: ["fast": 9], entries)
        let policy = try ProvisioningPolicies.named(
            "round-robin-static", configuration: PolicyConfiguration(peakDemand: peak.demand, seed: 3))
        let calm = try problem(["a": 1], counts: ["fast": 9], entries)
        let first = try policy.plan(ProvisioningRequest(problem: calm)).plan
        #expect(first.allocation.serverCount == 3)
        #expect(try policy.plan(ProvisioningRequest(problem: peak, planInForce: first)).plan == first)
    }

    // MARK: Target tracking

    /// Servers after each load, a minute apart; each of 100 queries/s, and full at 70 of them.
    private func servers(_ loads: [Double], seconds: Double = 60) throws -> [Int] {
        let policy = TargetTrackingPolicy()
        var memory = PolicyMemory()
        var plan: Plan?
        return try loads.enumerated().map { index, load in
            let problem = try problem(
                ["a": load], counts: ["s": 1000], [entry("a", "s", 100, 200)])
            let outcome = try policy.plan(
                ProvisioningRequest(
                    problem: problem, planInForce: plan, at: Nanoseconds(seconds: seconds * Double(index))),
                memory: &memory)
            plan = outcome.plan
            return outcome.plan.allocation.serverCount
        }
    }

    @Test func oneServerComesOrGoesInAPeriod() throws {
        #expect(try servers([700]) == [10])
        #expect(try servers([700, 1400, 1400, 1400]) == [10, 11, 12, 13])
        #expect(try servers([700, 70, 70]) == [10, 9, 8])
        // Five periods go by.
        #expect(try servers([700, 1400], seconds: 300) == [10, 15])
        #expect(try servers([700, 770], seconds: 300) == [10, 11], "no more than are needed")
    }

    @Test func oneGoesOnlyWhereTheOthersStayBelow() throws {
        #expect(try servers([700, 631]) == [10, 10])
        #expect(try servers([700, 629]) == [10, 9])
        #expect(try servers([0, 0]) == [1, 1], "one is always kept")
    }
}
