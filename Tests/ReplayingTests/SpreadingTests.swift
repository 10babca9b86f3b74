import Quantities
import Replaying
import Testing
import Vocabulary

/// How load is spread over servers, against figures by hand.
@Suite struct SpreadingTests {
    private static func entry(_ type: ServerTypeID, _ rate: Double, _ watts: Double) -> EfficiencyEntry {
        EfficiencyEntry(
            model: "m", serverType: type,
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10)),
            powerBudget: nil, schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
            throughput: QueriesPerSecond(rate), power: Watts(watts), powerProvenance: .estimated,
            provenance: .modelled, method: "gradient", evaluations: 1, spaceSize: 1)
    }

    /// `a` draws 2 J a query beyond its idle 100 W, `b` 1 J beyond 50 W. One of each serves 150 queries/s.
    private func replay(_ loads: [Double], _ rule: LoadSpreading?) -> Replay {
        var settings = OnlineSettings()
        settings.spreading = rule
        return Replay(
            trace: Trace(
                name: "t", startUnixSeconds: 0, interval: Nanoseconds(seconds: 60),
                loads: ["m": loads.map { QueriesPerSecond($0) }]),
            fleet: Fleet(id: "f", counts: ["a": 1, "b": 1]),
            table: EfficiencyTable([Self.entry("a", 100, 300), Self.entry("b", 50, 100)]),
            idlePowers: ["a": Watts(100), "b": Watts(50)], settings: settings)
    }

    private func timeline(_ replay: Replay) throws -> Timeline {
        var allocation = Allocation()
        allocation["m", "a"] = 1
        allocation["m", "b"] = 1
        let plan = Plan(
            status: .feasible, allocation: allocation, objective: Watts(400), bound: nil, shortfalls: [])
        return try replay.play(policy: "p") { _, _ in (plan, 0) }
    }

    @Test func packedLoadGoesToWhoeverDrawsLeastForAQuery() throws {
        let loads = [0.0, 30, 90, 150, 400]
        let even = try timeline(replay(loads, nil)).records.map(\.drawnPower.value)
        // 250 W between idle and full, by how full both are.
        #expect(zip(even, [150.0, 200, 300, 400, 400]).allSatisfy { abs($0 - $1) < 1e-9 }, "\(even)")
        let packed = try timeline(replay(loads, .packed)).records.map(\.drawnPower.value)
        // 30 J/s on b alone; then 50 on b and 40 on a at 2 J.
        #expect(zip(packed, [150.0, 180, 280, 400, 400]).allSatisfy { abs($0 - $1) < 1e-9 }, "\(packed)")
    }

    @Test func whatTheOtherRuleWouldDrawIsWhatItDraws() throws {
        let loads = [10.0, 90, 20, 149, 60]
        let played = try LoadSpreading.allCases.map { rule in (rule, try timeline(replay(loads, rule))) }
        for (rule, timeline) in played {
            for (other, truth) in played {
                let found = try #require(
                    replay(loads, rule).meanDrawnPower(of: timeline, spreading: other))
                #expect(abs(found / truth.meanDrawnPower - 1) < 1e-12, "\(rule) as \(other)")
            }
        }
        #expect(played[1].1.meanDrawnPower < played[0].1.meanDrawnPower)
        #expect(played[0].1.violationFraction == played[1].1.violationFraction, "capacity is the same")
    }
}
