import Provisioning
import Quantities
import Testing
import Vocabulary

/// What a live fleet asks of the core: loads that are not believed, and clocks that misbehave.
@Suite struct LiveCoreTests {
    private static let intervalSeconds = 60.0

    /// Three models on two types, `s` for 10 queries/s and 100 W and `t` for 25 queries/s and 200 W.
    private func core(
        policy: String = "hercules", limits: StepLimits = StepLimits(),
        servers: [ServerTypeID: Int] = [
            "s": 40, "t": 20,
        ], quantile: Double = 0.5
    ) throws -> ProvisionerCore {
        let models: [ModelID] = ["a", "b", "c"]
        let problem = try ProvisioningProblem(
            demand: Demand(["a": .zero, "b": .zero, "c": .zero]), fleet: Fleet(id: "f", counts: servers),
            efficiency: EfficiencyTable(
                models.flatMap { [entry($0, "s", 10, 100), entry($0, "t", 25, 200)] })
        )
        var configuration = ProvisionerConfiguration(
            rule: OverProvisionRule(initial: .zero, quantile: Quantile(quantile), window: 20),
            interval: Nanoseconds(seconds: Self.intervalSeconds))
        configuration.limits = limits
        configuration.learnsFromGaps = false
        return ProvisionerCore(
            policy: try ProvisioningPolicies.named(
                policy, configuration: PolicyConfiguration(peakDemand: problem.demand, seed: 1)),
            problem: problem, configuration: configuration)
    }

    private func trusted(_ a: Double, _ b: Double, _ c: Double) -> [ModelID: LoadObservation] {
        [
            "a": .trusted(QueriesPerSecond(a)), "b": .trusted(QueriesPerSecond(b)),
            "c": .trusted(QueriesPerSecond(c)),
        ]
    }

    /// Every decision over ticks, the first of which has the index 0.
    private func decisions(
        _ core: ProvisionerCore, _ ticks: [[ModelID: LoadObservation]],
        _ set: (inout ControlTick) -> Void = { _ in }
    ) throws -> [ProvisionerDecision] {
        var state = ProvisionerState()
        return try ticks.enumerated().map { index, loads in
            var tick = ControlTick(index: index, loads: loads)
            set(&tick)
            let decision = try core.decide(state, tick)
            state = decision.state
            return decision
        }
    }

    private func servers(_ decision: ProvisionerDecision, _ model: ModelID) -> Int {
        decision.ordered.shares.filter { $0.model == model }.reduce(0) { $0 + $1.count }
    }

    @Test func anIntervalThatRepeatsOrGoesBackIsAnError() throws {
        let core = try core()
        let observed = Demand(["a": QueriesPerSecond(10), "b": .zero, "c": .zero])
        let first = try core.decide(ProvisionerState(), .intervalStarting(index: 7, observed: observed))
        for index in [7, 6, 0, -1, Int.min, Int.max] {
            let last: Int? = 7
            #expect(throws: ProvisioningError.intervalOutOfOrder(found: index, last: last)) {
                _ = try core.decide(first.state, .intervalStarting(index: index, observed: observed))
            }
        }
        #expect(throws: ProvisioningError.intervalOutOfOrder(found: -1, last: nil)) {
            _ = try core.decide(ProvisionerState(), .intervalStarting(index: -1, observed: observed))
        }
        let next = try core.decide(first.state, .intervalStarting(index: 8, observed: observed))
        #expect(next.state.lastIndex == 8)
    }

    @Test func whatIsHeldChangesNothingForOthers() throws {
        let core = try core(quantile: 0.9)
        var believed: [[ModelID: LoadObservation]] = []
        var held: [[ModelID: LoadObservation]] = []
        for index in 0..<30 {
            let (a, c) = (100 + Double(index % 7) * 13, 60 + Double(index % 5) * 21)
            var loads = trusted(a, 90, c)
            believed.append(loads)
            if index > 10 { loads["b"] = .held(QueriesPerSecond(90)) }
            held.append(loads)
        }
        let with = try decisions(core, believed)
        let without = try decisions(core, held)
        for (one, other) in zip(with, without) {
            #expect(one.ordered == other.ordered)
            #expect(one.overProvision["a"] == other.overProvision["a"])
            #expect(one.overProvision["c"] == other.overProvision["c"])
        }
    }

    @Test func aHeldModelLosesNothingAndMayGrow() throws {
        let core = try core()
        var ticks = Array(repeating: trusted(100, 90, 60), count: 3)
        for kept in [90.0, 90, 90, 200, 200] {
            var loads = trusted(100, 0, 60)
            loads["b"] = .held(QueriesPerSecond(kept))
            ticks.append(loads)
        }
        ticks.append(trusted(100, 0, 60))
        let made = try decisions(core, ticks)
        let before = servers(made[2], "b")
        #expect(made[3...5].allSatisfy { servers($0, "b") == before })
        #expect(made[6].needed["b"].value >= 200)
        #expect(servers(made[6], "b") > before)
        #expect(servers(made[8], "b") == 0, "believed again, and idle")
    }

    @Test func nothingIsLearntOfWhatIsHeld() throws {
        let core = try core(quantile: 0.9)
        var ticks: [[ModelID: LoadObservation]] = (0..<12).map { trusted(100 + Double($0), 90, 60) }
        let before = try decisions(core, ticks)
        for _ in 0..<20 {
            var loads = trusted(112, 90, 60)
            loads["a"] = .held(QueriesPerSecond(5000))
            ticks.append(loads)
        }
        let after = try decisions(core, ticks)
        #expect(after.last?.overProvision["a"] == before.last?.overProvision["a"])
        // Neither is it forecast once it is gone.
        var state = try #require(after.last).state
        state = try core.pass(state, ControlTick(index: 32, loads: trusted(112, 90, 60)))
        let decision = try core.decide(state, ControlTick(index: 33, loads: trusted(112, 90, 60)))
        #expect(decision.forecast["a"].value == 112)
    }

    @Test func othersArePlannedWithWhatHeldModelsLeave() throws {
        // All of `t` serves `b`; `a` grows and would be cheapest there.
        let core = try core(servers: ["s": 40, "t": 4])
        var ticks = Array(repeating: trusted(0, 100, 0), count: 2)
        var loads = trusted(150, 0, 0)
        loads["b"] = .held(QueriesPerSecond(100))
        ticks.append(loads)
        let made = try decisions(core, ticks)
        #expect(made[1].ordered["b", "t"] == 4)
        #expect(made[2].ordered["b", "t"] == 4)
        #expect(made[2].ordered["a", "s"] == 15)
        #expect(made[2].plan.status != .infeasible)
    }

    @Test func aModelThatWasNeverBelievedKeepsWhatRuns() throws {
        let core = try core()
        var loads = trusted(100, 0, 60)
        loads["b"] = .held(nil)
        var running = Allocation()
        running["b", "s"] = 3
        running["b", "t"] = 1
        var tick = ControlTick(index: 0, loads: loads)
        tick.fleet = FleetObservation(
            serving: running, starting: Allocation(), draining: Allocation(), available: ["s": 40, "t": 20])
        let decision = try core.decide(ProvisionerState(), tick)
        #expect(decision.ordered["b", "s"] == 3 && decision.ordered["b", "t"] == 1)
        #expect(!decision.actions.contains { $0.model == "b" })
    }

    @Test func aGapTeachesALiveControllerNothing() throws {
        let core = try core(quantile: 0.9)
        var state = try #require(
            try decisions(core, (0..<12).map { trusted(100 + Double($0 % 3) * 10, 90, 60) }).last
        ).state
        let before = try core.decide(state, ControlTick(index: 12, loads: trusted(100, 90, 60)))
        let after = try core.decide(state, ControlTick(index: 500, loads: trusted(100, 90, 60)))
        #expect(before.overProvision == after.overProvision)
        #expect(before.ordered == after.ordered)
        state = after.state
        #expect(state.lastIndex == 500)
    }
}
