import Pipeline
import Provisioning
import Quantities
import Replaying
import Testing
import Vocabulary

/// The traps that production autoscalers fell into, each shown to bite where it is left open and not where it
/// is closed.
@Suite struct TrapTests {
    private let table = EfficiencyTable([OnlineScenarios.entry("a", "s", 100, 200)])
    private let idle: [ServerTypeID: Watts] = ["s": Watts(100)]

    private func play(
        _ policy: String, _ loads: [Double], servers: Int = 100, initial: Double = 0, window: Int = 1000,
        _ change: (inout OnlineSettings) -> Void = { _ in }
    ) throws -> Timeline {
        var online = OnlineSettings()
        online.dynamics = OnlineScenarios.slowStart
        change(&online)
        let scenario = OnlineScenarios.scenario(
            OnlineScenarios.trace(["a": loads]), fleet: ["s": servers], online: online, window: window,
            initial: initial)
        return try OnlineScenarios.play(policy, scenario, table: table, idle: idle)
    }

    @Test func startUpDelayIgnored() throws {
        // One server more each minute, and a minute until it serves.
        let ramp = (0..<40).map { 500 + 100 * Double($0) }
        let blind = try play("oracle", ramp) { $0.looksAhead = false }
        let seeing = try play("oracle", ramp) { $0.looksAhead = true }
        #expect(seeing.violationFraction == .zero)
        #expect(blind.violationFraction.value > 0.9, "knowing the load does not help who orders too late")
        #expect(blind.unservedFraction.value > 0.03)
    }

    @Test func scaleDownThatDropsQueriesInFlight() throws {
        let steps = (0..<40).map { $0 / 5 % 2 == 0 ? 2000.0 : 500 }
        let abrupt = try play("greedy", steps) { $0.dynamics.drain = .zero }
        let draining = try play("greedy", steps)
        #expect(try #require(abrupt.droppedFraction).value > 0)
        #expect(draining.droppedFraction == .zero)
        let stopped = abrupt.decisions.flatMap(\.actions).filter { !$0.isStart }.reduce(0) { $0 + $1.count }
        // At most 100 queries/s for 0.1 s on each server stopped, at the fullness it was stopped with.
        let dropped = abrupt.records.compactMap(\.activity?.droppedQueries).reduce(0, +)
        #expect(stopped >= 45 && dropped <= Double(stopped) * 10 && dropped > Double(stopped))
    }

    @Test func stuckAtASizeAtZeroTraffic() throws {
        let pause =
            Array(repeating: 1000.0, count: 10) + Array(repeating: 0, count: 20)
            + Array(repeating: 1000, count: 10)
        for policy in ["greedy", "priority", "oblivious", "hercules", "oracle"] {
            let timeline = try play(policy, pause)
            #expect(timeline.records[25].allocation.serverCount == 0, "\(policy) lets go at zero")
            #expect(timeline.records[38].allocation.serverCount == 10, "\(policy) comes back")
            #expect(timeline.records[25].drawnPower == .zero)
        }
        // The autoscaler keeps its least replica, because without one it has no utilisation to follow.
        let tracking = try play("reactive", pause)
        #expect(tracking.records[25].allocation.serverCount == 1)
        #expect(tracking.records[38].allocation.serverCount >= 10)
        let stuck = try play("reactive", pause) { $0.reactive.replicasMin = 0 }
        #expect(stuck.records[25].allocation.serverCount == 0)
        #expect(stuck.records.suffix(10).allSatisfy { $0.allocation.serverCount == 0 })
        #expect(stuck.records[38].violatedModels == ["a"])
    }

    @Test func wildOverScalingFromAFewColdSamples() throws {
        let cold = [1.0, 1, 50] + Array(repeating: 60.0, count: 30)
        // A window of one believes the first growth it sees, of fifty times.
        let wild = try play("greedy", cold, initial: 0.1, window: 2)
        #expect(wild.peakServers >= 10)
        // A window that is not full yet, or a bound on R, does not. A jump counts in as many intervals as
        // servers are late for.
        let patient = try play("greedy", cold, initial: 0.1, window: 40)
        #expect(patient.peakServers <= 2)
        let bounded = try play("greedy", cold, initial: 0.1, window: 2) {
            $0.overProvisionMax = Fraction(0.5)
        }
        #expect(bounded.peakServers <= 2)
    }

    @Test func missingProfileTreatedAsZero() throws {
        let scenario = OnlineScenarios.scenario(
            OnlineScenarios.trace(["a": [100], "b": [100]]), fleet: ["s": 4], online: nil)
        #expect(throws: ProvisioningError.missingEfficiency(model: "b", serverType: "s")) {
            _ = try OnlineScenarios.play("greedy", scenario, table: table, idle: idle)
        }
        // And where an order names such a pair, the replay refuses it as well.
        let replay = Replay(
            trace: try scenario.requiredTrace(), fleet: scenario.fleet, table: table, idlePowers: idle)
        #expect(throws: Replay.Failure.missingEntry(model: "b", serverType: "s")) {
            _ = try replay.play(
                policy: "careless",
                answer: { _ in
                    ReplayDecision(
                        actions: [.start(model: "b", serverType: "s", count: 1)], planStatus: .feasible,
                        planGap: nil)
                })
        }
    }

    @Test func twoControllersOnOneFleetFight() throws {
        // Two controllers that each see the whole fleet as theirs undo one another; one that owns the fleet
        // does not.
        let scenario = OnlineScenarios.scenario(
            OnlineScenarios.trace(["a": Array(repeating: 450, count: 30)]), fleet: ["s": 20], online: nil)
        let replay = Replay(
            trace: try scenario.requiredTrace(), fleet: scenario.fleet, table: table, idlePowers: idle)
        func order(_ wanted: Int, _ fleet: FleetObservation) -> [ProvisionerAction] {
            var target = Allocation()
            target["a", "s"] = wanted
            return ProvisionerAction.changes(from: fleet.serving, to: target)
        }
        var alternating = 0
        let fought = try replay.play(policy: "two") { event in
            guard case .intervalStarting(_, _, let fleet?) = event.kind else {
                return ReplayDecision(actions: [], planStatus: .feasible, planGap: nil)
            }
            alternating += 1
            return ReplayDecision(
                actions: order(alternating % 2 == 0 ? 5 : 9, fleet), planStatus: .feasible, planGap: nil,
                reason: .betterPlan)
        }
        let alone = try OnlineScenarios.play("reactive", scenario, table: table, idle: idle)
        #expect(fought.decisions.count == 30)
        #expect(alone.decisions.count == 1)
    }
}

/// What the delay step promises.
@Suite struct DelayTests {
    private let table = EfficiencyTable([
        OnlineScenarios.entry("a", "s", 100, 200), OnlineScenarios.entry("a", "t", 300, 500),
        OnlineScenarios.entry("b", "s", 100, 220), OnlineScenarios.entry("b", "t", 110, 480),
    ])
    private let idle: [ServerTypeID: Watts] = ["s": Watts(100), "t": Watts(200)]

    @Test func whatIsReplacedStaysUntilItsReplacementServes() throws {
        // The load of a moves it from s to t and back; there is room for both at once.
        let loads = (0..<60).map { $0 / 6 % 2 == 0 ? 1800.0 : 90 }
        var online = OnlineSettings()
        online.dynamics = OnlineScenarios.slowStart
        // So that replacements come to serve between decisions.
        online.dynamics.boot = Nanoseconds(seconds: 30)
        let scenario = OnlineScenarios.scenario(
            OnlineScenarios.trace(["a": loads]), fleet: ["s": 30, "t": 10], online: online, window: 1000,
            initial: 0)
        let timeline = try OnlineScenarios.play("oracle", scenario, table: table, idle: idle)
        #expect(timeline.violationFraction == .zero)
        let types = Set(timeline.servingSteps.flatMap { $0.serving.countsByServerType.keys })
        #expect(types == ["s", "t"], "the plan does change types")
        #expect(
            timeline.decisions.contains { $0.reason == .followUp }, "stops follow once replacements serve")
    }

    @Test func whatServersReplaceThatStartAtOnceIsGivenUpAtOnce() throws {
        let loads = (0..<60).map { $0 / 6 % 2 == 0 ? 1800.0 : 90 }
        func power(drain seconds: Double) throws -> Double {
            var online = OnlineSettings()
            online.dynamics.drain = Nanoseconds(seconds: seconds)
            let scenario = OnlineScenarios.scenario(
                OnlineScenarios.trace(["a": loads]), fleet: ["s": 30, "t": 10], online: online, window: 1000,
                initial: 0)
            let timeline = try OnlineScenarios.play("oracle", scenario, table: table, idle: idle)
            #expect(timeline.violationFraction == .zero)
            return timeline.meanProvisionedPower.value
        }
        // A second of draining costs a second's power of what is given up, not that of an interval.
        #expect(try power(drain: 1) <= power(drain: 0) * 1.02)
    }

    @Test func aDwellingServerIsNotStopped() throws {
        // Low for longer than a need is held.
        let loads = (0..<80).map { $0 / 4 % 2 == 0 ? 1000.0 : 100 }
        func stops(_ dwell: Double) throws -> Int {
            var online = OnlineSettings()
            online.dynamics = OnlineScenarios.slowStart
            online.dynamics.dwell = Nanoseconds(seconds: dwell)
            let scenario = OnlineScenarios.scenario(
                OnlineScenarios.trace(["a": loads]), fleet: ["s": 30, "t": 0], online: online, window: 1000,
                initial: 0)
            return try OnlineScenarios.play("greedy", scenario, table: table, idle: idle).decisions
                .flatMap(\.actions).filter { !$0.isStart }.reduce(0) { $0 + $1.count }
        }
        let free = try stops(0)
        #expect(free > 50)
        #expect(try stops(600) <= free * 6 / 10)
    }

    @Test func stepsAreCapped() throws {
        var online = OnlineSettings()
        online.dynamics = OnlineScenarios.slowStart
        online.stepServersMax = 3
        let loads = [100.0] + Array(repeating: 2000, count: 20)
        let scenario = OnlineScenarios.scenario(
            OnlineScenarios.trace(["a": loads]), fleet: ["s": 30, "t": 0], online: online, window: 1000,
            initial: 0)
        let timeline = try OnlineScenarios.play("greedy", scenario, table: table, idle: idle)
        for entry in timeline.decisions {
            #expect(entry.actions.filter(\.isStart).reduce(0) { $0 + $1.count } <= 3)
        }
        #expect(timeline.records.last?.allocation.serverCount == 20)
    }

    @Test func startsAreWeighedAgainstWhatANewPlanSaves() throws {
        // The best mix of types changes with every small step of the load.
        let loads = (0..<80).map { 1800 + 35 * Double($0 * 7 % 11) }
        func play(_ horizon: Double) throws -> (starts: Int, timeline: Timeline) {
            var online = OnlineSettings()
            online.dynamics = OnlineScenarios.slowStart
            online.switchingHorizon = Nanoseconds(seconds: horizon)
            var scenario = OnlineScenarios.scenario(
                OnlineScenarios.trace(["a": loads, "b": loads.map { $0 / 3 }]), fleet: ["s": 30, "t": 10],
                online: online, window: 1000, initial: 0)
            scenario.replay.objective = .watts
            let timeline = try OnlineScenarios.play("oracle", scenario, table: table, idle: idle)
            let starts = timeline.decisions.flatMap(\.actions).filter(\.isStart).reduce(0) { $0 + $1.count }
            return (starts, timeline)
        }
        let eager = try play(0)
        let weighing = try play(120)
        #expect(weighing.starts < eager.starts * 3 / 4, "\(weighing.starts) starts against \(eager.starts)")
        #expect(weighing.timeline.drawnEnergy < eager.timeline.drawnEnergy * 1.01)
        #expect(weighing.timeline.violationFraction.value <= eager.timeline.violationFraction.value + 0.01)
        // A static plan stays what it is, whatever it would save to adjust it.
        var online = OnlineSettings()
        online.switchingHorizon = Nanoseconds(seconds: 600)
        let scenario = OnlineScenarios.scenario(
            OnlineScenarios.trace(["a": loads.map { $0 / 2 }]), fleet: ["s": 30, "t": 10], online: online)
        let held = try OnlineScenarios.play("static", scenario, table: table, idle: idle)
        #expect(held.decisions.count == 1)
    }

    @Test func failedServersAreReplacedWithoutWaitingForTheNextDecision() throws {
        var online = OnlineSettings()
        online.dynamics = OnlineScenarios.slowStart
        online.failures = FailureSettings(
            meanTimeBetweenServerFailures: Nanoseconds(seconds: 20_000), meanTimeBetweenRackFailures: nil,
            rackServers: 1, meanRepair: Nanoseconds(seconds: 5_000))
        let scenario = OnlineScenarios.scenario(
            OnlineScenarios.trace(["a": Array(repeating: 950, count: 8)], seconds: 3600),
            fleet: ["s": 40, "t": 0],
            online: online, window: 1000, initial: 0)
        let timeline = try OnlineScenarios.play("greedy", scenario, table: table, idle: idle)
        let replaced = timeline.decisions.filter { $0.reason == .serversChanged }
        #expect(replaced.contains { $0.at.seconds.truncatingRemainder(dividingBy: 3600) != 0 })
        // Each failure costs a minute of boot and load, not the rest of its hour.
        #expect(timeline.unservedFraction.value < 0.02)
    }

    @Test func aProvisionerThatWasAwayComesBackWithOrWithoutItsMemory() throws {
        func timeline(_ restores: Bool?) throws -> Timeline {
            var online = OnlineSettings()
            online.dynamics = OnlineScenarios.slowStart
            online.outages = restores.map {
                OutageSettings(
                    meanTimeBetween: Nanoseconds(seconds: 1800), duration: Nanoseconds(seconds: 600),
                    restoresState: $0)
            }
            let loads = (0..<120).map { 1000 + 60 * Double($0 % 10) }
            let scenario = OnlineScenarios.scenario(
                OnlineScenarios.trace(["a": loads]), fleet: ["s": 40, "t": 0], online: online, window: 10,
                initial: 0.5)
            return try OnlineScenarios.play("greedy", scenario, table: table, idle: idle)
        }
        let never = try timeline(nil)
        let restored = try timeline(true)
        let blank = try timeline(false)
        #expect(restored.decisions.count < never.decisions.count, "nobody orders during an outage")
        #expect(blank.decisions.filter { $0.reason == .first }.count > 1)
        #expect(restored.decisions.filter { $0.reason == .first }.count == 1)
        // Without memory R is the initial one again, which is larger here than what was learnt.
        #expect(blank.meanServers > restored.meanServers)
    }
}
