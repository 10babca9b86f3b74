import Provisioning
import Quantities
import Testing
import Vocabulary

@Suite struct OnlineCoreTests {
    private let rule = OverProvisionRule(initial: Fraction(0.1), quantile: Quantile(0.75), window: 4)

    /// R after last-value forecasts of a series.
    private func rate(after loads: [Double]) -> Double {
        var estimate = OverProvisionEstimate(rule: rule)
        for (before, now) in zip(loads, loads.dropFirst()) { estimate.learn(load: now, forecast: before) }
        return estimate.rate.value
    }

    @Test func headroomIsTheQuantileOfPastGrowth() {
        // Growth per interval: +10 %, -50 %, +100 %, +20 %; sorted -0.5, 0.1, 0.2, 1.0. The third of four is
        // p75.
        #expect(abs(rate(after: [100, 110, 55, 110, 132]) - 0.2) < 1e-12)
    }

    @Test func headroomStartsAtTheInitialRateAndIsNeverNegative() {
        #expect(rate(after: [100, 110]) == 0.1)
        #expect(rate(after: [100, 90, 80, 70, 60]) == 0)
    }

    @Test func headroomIsLearntAsSoonAsItsQuantileCanBe() {
        // Three excesses bound the fourth with probability 3 / 4.
        #expect(rate(after: [100, 110, 121]) == 0.1)
        #expect(abs(rate(after: [100, 110, 132, 138.6]) - 0.2) < 1e-12)
        var long = OverProvisionEstimate(
            rule: OverProvisionRule(initial: Fraction(0.1), quantile: Quantile(0.95), window: 96))
        for interval in 0..<19 {
            #expect(long.rate == Fraction(0.1), "after \(interval)")
            long.learn(load: 100 + Double(interval), forecast: 100)
        }
        #expect(abs(long.rate.value - 0.18) < 1e-12, "the largest of nineteen")
    }

    @Test func growthOutOfNothingHasNoRatio() {
        #expect(rate(after: [0, 0, 0, 0, 50]) == 0.1)
        #expect(abs(rate(after: [0, 0, 0, 50, 60]) - 0.2) < 1e-12)
    }

    @Test func onlyTheWindowCounts() {
        #expect(rate(after: [1, 1000, 100, 101, 102, 103, 104]) == rate(after: [100, 101, 102, 103, 104]))
    }

    @Test func actionsLeadFromOneAllocationToTheNext() throws {
        let table = EfficiencyTable([
            entry("a", "s", 10, 100), entry("a", "t", 30, 200), entry("b", "s", 5, 100),
            entry("b", "t", 1, 200),
        ])
        let fleet = Fleet(id: "f", counts: ["s": 6, "t": 4])
        let problem = try ProvisioningProblem(
            demand: Demand(["a": .zero, "b": .zero]), fleet: fleet, efficiency: table)
        let core = ProvisionerCore(policy: GreedyPolicy(), problem: problem, rule: rule)
        var state = ProvisionerState()
        var running = Allocation()
        for (index, loads) in [(40.0, 5.0), (80, 10), (0, 0), (25, 20)].enumerated() {
            let observed = Demand(["a": QueriesPerSecond(loads.0), "b": QueriesPerSecond(loads.1)])
            let decision = try core.decide(state, .intervalStarting(index: index, observed: observed))
            for action in decision.actions {
                switch action {
                case .start(let model, let type, let count): running[model, type] += count
                case .stop(let model, let type, let count): running[model, type] -= count
                }
            }
            #expect(running == decision.plan.allocation)
            #expect(decision.state.allocation == running)
            #expect(decision.forecast == observed)
            let again = try core.decide(state, .intervalStarting(index: index, observed: observed))
            #expect(again.state == decision.state && again.actions == decision.actions)
            state = decision.state
        }
        #expect(running.serverCount > 0)
    }

    @Test func aModelWithoutAnObservationIsAnErrorThatNamesIt() throws {
        let problem = try ProvisioningProblem(
            demand: Demand(["a": .zero]), fleet: Fleet(id: "f", counts: ["s": 1]),
            efficiency: EfficiencyTable([entry("a", "s", 10, 100)]))
        let core = ProvisionerCore(policy: GreedyPolicy(), problem: problem, rule: rule)
        #expect(throws: ProvisioningError.missingObservation(model: "a")) {
            _ = try core.decide(ProvisionerState(), .intervalStarting(index: 0, observed: Demand([:])))
        }
    }

    @Test func headroomIsGivenUpBeforeLoad() throws {
        // 100 queries/s fit, 150 fit, 200 do not: growth has doubled the load before.
        let rule = OverProvisionRule(initial: Fraction(1), quantile: Quantile(0.9), window: 10)
        let problem = try ProvisioningProblem(
            demand: Demand(["a": .zero]), fleet: Fleet(id: "f", counts: ["s": 15]),
            efficiency: EfficiencyTable([entry("a", "s", 10, 100)]))
        func servers(_ load: Double) throws -> (count: Int, share: Double, status: Plan.Status) {
            let decision = try ProvisionerCore(policy: GreedyPolicy(), problem: problem, rule: rule).decide(
                ProvisionerState(),
                .intervalStarting(index: 0, observed: Demand(["a": QueriesPerSecond(load)])))
            return (
                decision.plan.allocation.serverCount, decision.headroomShare.value, decision.plan.status
            )
        }
        #expect(try servers(70) == (14, 1, .feasible))
        #expect(try servers(100) == (15, 0.5, .feasible))
        // 85 x 1.75 is 148.75; 85 x 1.875 would be 159.4.
        #expect(try servers(85) == (15, 0.75, .feasible))
        #expect(try servers(140) == (14, 0, .feasible))
        #expect(try servers(200) == (15, 0, .infeasible))
    }

    @Test func headroomFollowsTheLoadsSeen() throws {
        let problem = try ProvisioningProblem(
            demand: Demand(["a": .zero]), fleet: Fleet(id: "f", counts: ["s": 1000]),
            efficiency: EfficiencyTable([entry("a", "s", 1, 100)]))
        let core = ProvisionerCore(policy: GreedyPolicy(), problem: problem, rule: rule)
        var state = ProvisionerState()
        var servers: [Int] = []
        for (index, load) in [100.0, 110, 55, 110, 132, 132].enumerated() {
            let decision = try core.decide(
                state, .intervalStarting(index: index, observed: Demand(["a": QueriesPerSecond(load)])))
            state = decision.state
            servers.append(decision.plan.allocation.serverCount)
        }
        // R is 0.1 for three intervals. Then growths 0.1, -0.5, 1 have p75 1; with 0.2 as well p75 is 0.2;
        // and the last four, -0.5, 1, 0.2, 0, have p75 0.2.
        #expect(servers == [110, 121, 61, 220, 159, 159])
    }

    @Test func staticNeverChangesItsMind() throws {
        let problem = try ProvisioningProblem(
            demand: Demand(["a": QueriesPerSecond(95)]), fleet: Fleet(id: "f", counts: ["s": 15]),
            efficiency: EfficiencyTable([entry("a", "s", 10, 100)]))
        let policy = try ProvisioningPolicies.named(
            "static", configuration: PolicyConfiguration(peakDemand: problem.demand, seed: 1))
        let core = ProvisionerCore(policy: policy, problem: problem, rule: rule)
        var state = ProvisionerState()
        for (index, load) in [10.0, 95, 0, 300].enumerated() {
            let decision = try core.decide(
                state, .intervalStarting(index: index, observed: Demand(["a": QueriesPerSecond(load)])))
            #expect(decision.plan.allocation.serverCount == 10)
            #expect(decision.actions.isEmpty == (index > 0))
            state = decision.state
        }
    }
}
