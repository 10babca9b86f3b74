import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

@Suite struct PolicyTests {
    /// Two models, three types; `b` has no substitute for `gpu`, `a` has one.
    private func problem(_ loads: [ModelID: Double], counts: [ServerTypeID: Int]? = nil) throws
        -> ProvisioningProblem
    {
        try ProvisioningProblem(
            demand: Demand(loads.mapValues { QueriesPerSecond($0) }),
            fleet: Fleet(id: "f", counts: counts ?? ["old": 10, "new": 6, "gpu": 3]),
            efficiency: EfficiencyTable([
                entry("a", "old", 10, 100), entry("a", "new", 19, 100), entry("a", "gpu", 60, 300),
                entry("b", "old", 2, 100), entry("b", "new", 3, 100), entry("b", "gpu", 90, 300),
            ]))
    }

    private func plan(_ name: String, _ problem: ProvisioningProblem, peak: ProvisioningProblem? = nil) throws
        -> Plan
    {
        try ProvisioningPolicies.named(
            name, configuration: PolicyConfiguration(peakDemand: (peak ?? problem).demand, seed: 3)
        ).plan(ProvisioningRequest(problem: problem)).plan
    }

    @Test func greedyTakesTheMostEfficientFreeTypeInNameOrder() throws {
        // a: 0.2 queries/J on gpu, 0.19 on new, 0.1 on old. It comes first and takes all three GPUs.
        let plan = try plan("greedy", problem(["a": 180, "b": 60]))
        #expect(plan.allocation["a", "gpu"] == 3)
        #expect(plan.allocation["b", "gpu"] == 0)
        #expect(
            plan.status == .infeasible, "b has to live on six new and ten old servers: 38 of 60 queries/s")
        #expect(plan.shortfalls == [.init(model: "b", load: QueriesPerSecond(60 - 6 * 3 - 10 * 2))])
    }

    @Test func priorityGivesTheContestedTypeToTheModelThatNeedsItMost() throws {
        let plan = try plan("priority", problem(["a": 180, "b": 60]))
        #expect(plan.allocation["b", "gpu"] == 1)
        #expect(plan.allocation["a", "gpu"] == 2)
        #expect(plan.allocation["a", "new"] == 4)
        #expect(plan.status == .feasible)
        #expect(plan.bound == nil)
    }

    @Test func staticHoldsThePlanOfThePeak() throws {
        let peak = try problem(["a": 180, "b": 60])
        let calm = try problem(["a": 1, "b": 1])
        let first = try plan("static", calm, peak: peak)
        #expect(first == (try plan("hercules", peak)))
        let later = try ProvisioningPolicies.named(
            "static", configuration: PolicyConfiguration(peakDemand: calm.demand, seed: 3)
        ).plan(ProvisioningRequest(problem: calm, planInForce: first))
        #expect(later.plan == first)
    }

    @Test func currentFollowsItsScheduleWhateverTheLoad() throws {
        var night = Allocation()
        night["a", "gpu"] = 1
        var day = night
        day["b", "new"] = 6
        day["b", "gpu"] = 9
        let eight = Nanoseconds(seconds: 8 * 3600)
        let schedule = CurrentAllocation(
            [.init(from: .zero, allocation: night), .init(from: eight, allocation: day)], from: .midnight)
        let problem = try problem(["a": 180, "b": 60])
        var configuration = PolicyConfiguration(peakDemand: problem.demand, seed: 3)
        #expect(throws: ProvisioningError.needsCurrent) {
            try ProvisioningPolicies.named("current", configuration: configuration)
        }
        configuration.current = schedule
        // The trace begins at 06:00.
        configuration.traceStart = 86_400 * 19_000 + 6 * 3600
        let policy = try ProvisioningPolicies.named("current", configuration: configuration)
        func allocation(_ hours: Double) throws -> Allocation {
            try policy.plan(
                ProvisioningRequest(problem: problem, at: Nanoseconds(seconds: hours * 3600))
            ).plan.allocation
        }
        #expect(try allocation(1.9) == night)
        #expect(try allocation(2)["b", "new"] == 6)
        #expect(try allocation(2)["b", "gpu"] == 2, "no more than the fleet has")
        #expect(try allocation(18) == night && allocation(26)["b", "new"] == 6)
    }

    @Test func obliviousFollowsItsSeedAndNothingElse() throws {
        let problem = try problem(["a": 100, "b": 20])
        #expect(try plan("oblivious", problem) == plan("oblivious", problem))
        let plans = try (0..<20).map { (seed: UInt64) in
            try ProvisioningPolicies.named(
                "oblivious", configuration: PolicyConfiguration(peakDemand: problem.demand, seed: seed)
            ).plan(ProvisioningRequest(problem: problem)).plan.allocation
        }
        #expect(Set(plans).count > 1)
    }

    @Test(arguments: ProvisioningPolicies.deciding)
    func noPolicyOverdrawsTheFleetOrLeavesFeasibleLoadUnnamed(name: String) throws {
        var generator = SplitMix64(seed: 17)
        for _ in 0..<150 {
            let counts: [ServerTypeID: Int] = [
                "old": Int.random(in: 0...6, using: &generator),
                "new": Int.random(in: 1...4, using: &generator),
                "gpu": Int.random(in: 0...2, using: &generator),
            ]
            let loads: [ModelID: Double] = [
                "a": Double.random(in: 0...150, using: &generator),
                "b": Double.random(in: 0...60, using: &generator),
            ]
            let problem = try problem(loads, counts: counts)
            let plan = try plan(name, problem)
            for (type, used) in plan.allocation.countsByServerType { #expect(used <= counts[type] ?? 0) }
            for model in problem.models {
                let capacity = plan.allocation.shares.filter { $0.model == model }.reduce(0) {
                    $0 + Double($1.count) * rate(model, $1.serverType)
                }
                let isShort = capacity < problem.demand[model].value * (1 - 1e-9)
                #expect(plan.shortfalls.contains { $0.model == model } == isShort)
            }
            #expect((plan.status == .infeasible) == !plan.shortfalls.isEmpty)
        }
    }

    @Test func herculesNeverCostsMoreThanTheOthersWhereAllAreFeasible() throws {
        var generator = SplitMix64(seed: 5)
        var compared = 0
        for _ in 0..<200 {
            let problem = try problem([
                "a": Double.random(in: 0...200, using: &generator),
                "b": Double.random(in: 0...150, using: &generator),
            ])
            let best = try plan("hercules", problem)
            for name in ["oblivious", "greedy", "priority"] {
                let other = try plan(name, problem)
                guard other.status != .infeasible else { continue }
                compared += 1
                #expect(best.status != .infeasible, "\(name) found a plan")
                #expect(best.objective.value <= other.objective.value * (1 + 1e-3))
                if let bound = best.bound { #expect(bound.value <= other.objective.value * (1 + 1e-9)) }
            }
        }
        #expect(compared > 200)
    }

    @Test func anUnknownPolicyIsRefusedWithTheNamesThereAre() throws {
        let problem = try problem(["a": 1, "b": 1])
        #expect(throws: ProvisioningError.unknownPolicy(name: "magic", known: ProvisioningPolicies.names)) {
            _ = try plan("magic", problem)
        }
    }

    private func rate(_ model: ModelID, _ type: ServerTypeID) -> Double {
        let rates: [String: Double] = [
            "a old": 10, "a new": 19, "a gpu": 60, "b old": 2, "b new": 3, "b gpu": 90,
        ]
        return rates["\(model) \(type)"] ?? 0
    }
}
