import Dispatch
import Foundation
import Pipeline
import Provisioning
import Quantities
import Testing
import Vocabulary

/// Every policy's decisions follow from the seed alone.
@Suite struct DeterminismTests {
    private func bytes(_ timeline: Timeline) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let timed = Timeline(
            policy: timeline.policy, interval: timeline.interval, records: timeline.records,
            decisionSeconds: 0,
            servingSteps: timeline.servingSteps, decisions: timeline.decisions)
        return try encoder.encode(timed)
    }

    @Test(arguments: [UInt64(3), 17, 88])
    func everyPolicyDecidesTheSameByteForByte(seed: UInt64) throws {
        let world = RandomWorld(seed: seed)
        let names = ProvisioningPolicies.deciding
        let expected = [
            "static", "oblivious", "greedy", "priority", "melange", "round-robin-static", "target-tracking",
            "reactive", "hercules", "oracle",
        ]
        #expect(names == expected)
        let alone = try names.map { name in
            try bytes(OnlineScenarios.play(name, world.scenario, table: world.table, idle: world.idle))
        }
        // Side by side, sharing one replay, in another order.
        let replay = world.replay
        let lock = NSLock()
        nonisolated(unsafe) var together: [String: Data] = [:]
        nonisolated(unsafe) var failures: [any Error] = []
        DispatchQueue.concurrentPerform(iterations: names.count) { index in
            let name = names[names.count - 1 - index]
            do {
                let play = PolicyPlay(name, scenario: world.scenario, replay: replay, table: world.table)
                let found = try bytes(play.timeline(idlePowers: world.idle, modelSizes: [:]))
                lock.withLock { together[name] = found }
            } catch {
                lock.withLock { failures.append(error) }
            }
        }
        #expect(failures.isEmpty)
        for (name, expected) in zip(names, alone) {
            #expect(together[name] == expected, "\(name), seed \(seed)")
            #expect(expected.count > 500)
        }
    }
}
