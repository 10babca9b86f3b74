import Pipeline
import Quantities
import Replaying
import Testing
import Vocabulary

/// Servers, energy and queries are conserved whatever fails.
@Suite struct ConservationTests {
    @Test func lawsHoldUnderFailuresInAThousandScenarios() throws {
        var counts = (transitions: 0, failures: 0, boots: 0, intervals: 0, unserved: 0)
        for seed in UInt64(0)..<1000 {
            let world = RandomWorld(seed: seed)
            let replay = world.replay
            let ledger = FleetLedger()
            let policy = ["greedy", "reactive", "priority", "oblivious"][Int(seed % 4)]
            let timeline = try PolicyPlay(
                policy, scenario: world.scenario, replay: replay, table: world.table
            ).timeline(idlePowers: world.idle, modelSizes: [:], witness: ledger.note)
            let fleet = world.scenario.fleet
            let types = fleet.serverTypes.enumerated().flatMap { type, name in
                Array(repeating: type, count: fleet.counts[name] ?? 0)
            }
            let breaches = ledger.breaches(serverCount: types.count)
            #expect(breaches.isEmpty, "seed \(seed): \(breaches.prefix(3))")
            let dynamics = replay.settings.dynamics
            let sums = ledger.sums(
                replay.trace, types: types, typeNames: fleet.serverTypes, table: world.table,
                idlePowers: world.idle, dynamics: dynamics)
            let seconds = replay.trace.interval.seconds
            for (index, (record, sum)) in zip(timeline.records, sums).enumerated() {
                func isClose(_ found: Double, _ expected: Double) -> Bool {
                    abs(found - expected) <= 1e-7 * max(1, abs(expected))
                }
                let place = "seed \(seed), interval \(index)"
                #expect(isClose(record.drawnPower.value * seconds, sum.drawn), "\(place): drawn energy")
                #expect(
                    isClose(record.provisionedPower.value * seconds, sum.provisioned),
                    "\(place): provisioned energy")
                #expect(
                    isClose(record.arrivedQueries, sum.served.reduce(0, +) + record.unservedQueries),
                    "\(place): arrived is served and unserved")
                #expect(isClose(record.unservedQueries, sum.unserved.reduce(0, +)), "\(place): unserved")
                let on = record.allocation.countsByServerType
                #expect(on.allSatisfy { $0.value <= fleet.counts[$0.key] ?? 0 }, "\(place): servers")
                #expect(
                    record.activity.map { $0.startingEnergy.value <= sum.drawn * (1 + 1e-9) + 1e-9 } ?? true)
            }
            counts.transitions += ledger.transitions.count
            counts.failures += ledger.transitions.count { $0.to == .failed }
            counts.boots += ledger.transitions.count { $0.to == .booting }
            counts.intervals += timeline.records.count
            counts.unserved += timeline.records.count { !$0.violatedModels.isEmpty }
        }
        print(
            "conservation: 1000 scenarios, \(counts.intervals) intervals, \(counts.transitions) transitions, "
                + "\(counts.boots) boots, \(counts.failures) failures, \(counts.unserved) intervals with "
                + "violations"
        )
        #expect(counts.failures > 1000 && counts.boots > 10_000 && counts.unserved > 1000)
    }

    @Test func failuresAreTheSameForEveryPolicyAndStrikeRacksTogether() throws {
        var online = OnlineSettings()
        online.dynamics = OnlineScenarios.slowStart
        online.failures = FailureSettings(
            meanTimeBetweenServerFailures: Nanoseconds(seconds: 1e9),
            meanTimeBetweenRackFailures: Nanoseconds(seconds: 20_000), rackServers: 4,
            meanRepair: Nanoseconds(seconds: 300))
        let scenario = OnlineScenarios.scenario(
            OnlineScenarios.trace(["a": Array(repeating: 500, count: 120)]), fleet: ["s": 12], online: online)
        let table = EfficiencyTable([OnlineScenarios.entry("a", "s", 100, 200)])
        let replay = Replay(
            trace: try scenario.requiredTrace(), fleet: scenario.fleet, table: table,
            idlePowers: ["s": Watts(100)],
            settings: online, seed: 5)
        let failures = try ["greedy", "reactive", "static"].map { policy in
            let ledger = FleetLedger()
            _ = try PolicyPlay(policy, scenario: scenario, replay: replay, table: table).timeline(
                idlePowers: ["s": Watts(100)], modelSizes: [:], witness: ledger.note)
            return ledger.transitions.filter { $0.to == .failed }.map { [Int($0.at), $0.server] }
        }
        #expect(failures[0] == failures[1] && failures[1] == failures[2])
        #expect(!failures[0].isEmpty)
        for group in Dictionary(grouping: failures[0], by: { $0[0] }).values {
            #expect(Set(group.map { $0[1] / 4 }).count == 1, "one rack at a time")
        }
    }
}
