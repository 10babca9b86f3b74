import Quantities
import Replaying
import Testing
import Vocabulary

@Suite struct ServingWindowTests {
    private let interval = Nanoseconds(seconds: 60)

    private func allocation(_ count: Int) -> Allocation {
        var allocation = Allocation()
        allocation["a", "s"] = count
        return allocation
    }

    private func timeline(steps: [ServingStep]) -> Timeline {
        let records = [3, 3, 5, 5].map { count in
            IntervalRecord(
                load: Demand(["a": QueriesPerSecond(Double(count))]), capacity: Demand([:]),
                allocation: allocation(count), provisionedPower: .zero, drawnPower: .zero, violatedModels: [],
                arrivedQueries: 0, unservedQueries: 0, planStatus: .feasible, planGap: nil)
        }
        return Timeline(
            policy: "p", interval: interval, records: records, decisionSeconds: 0, servingSteps: steps)
    }

    @Test func allocationsStandInForStepsThatWereNotRecorded() {
        let window = timeline(steps: []).servingWindow(1..<4)
        #expect(
            window.steps == [
                ServingStep(at: interval * 1, serving: allocation(3)),
                ServingStep(at: interval * 2, serving: allocation(5)),
            ])
        #expect(window.start == interval * 1 && window.end == interval * 4)
        #expect(window.loads.map { $0["a"].value } == [3, 5, 5])
    }

    @Test func aWindowBeginsWithTheStepInForce() {
        let steps = [0, 50, 130, 150, 200].map {
            ServingStep(at: Nanoseconds(seconds: Double($0)), serving: allocation($0))
        }
        let window = timeline(steps: steps).servingWindow(1..<3)
        // From 60 s to 180 s.
        #expect(window.steps.map { $0.at.seconds } == [50, 130, 150])
        let counts = window.steps(of: "a")
        #expect(counts.map { $0.at.seconds } == [60, 130, 150])
        #expect(counts.map { $0.counts["s"] } == [50, 130, 150])
        #expect(window.steps(of: "other").count == 1)
    }

    @Test func aServerThatBootsServesFromWhenItHasLoaded() throws {
        var settings = OnlineSettings()
        settings.dynamics = FleetDynamics(
            boot: Nanoseconds(seconds: 20), modelLoad: Nanoseconds(seconds: 10),
            drain: Nanoseconds(seconds: 5))
        let table = EfficiencyTable([
            EfficiencyEntry(
                model: "a", serverType: "s",
                target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10)),
                powerBudget: nil, schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
                throughput: QueriesPerSecond(100), power: Watts(200), powerProvenance: .estimated,
                provenance: .modelled, method: "gradient", evaluations: 1, spaceSize: 1)
        ])
        let replay = Replay(
            trace: Trace(
                name: "t", startUnixSeconds: 0, interval: interval,
                loads: ["a": [100, 200, 100].map { QueriesPerSecond($0) }]),
            fleet: Fleet(id: "f", counts: ["s": 4]), table: table, idlePowers: ["s": Watts(100)],
            settings: settings)
        let wanted = [1, 2, 1]
        let timeline = try replay.play(policy: "p") { index, _ in
            (
                Plan(
                    status: .feasible, allocation: allocation(wanted[index]), objective: .zero, bound: nil,
                    shortfalls: []), 0
            )
        }
        #expect(timeline.servingSteps.map { $0.at.seconds } == [0, 90, 120])
        #expect(timeline.servingSteps.map { $0.serving.serverCount } == [1, 2, 1])
        let second = timeline.records[1]
        // 200 queries/s against 100 for 30 s, then against 200.
        #expect(second.violatedModels == ["a"] && second.unservedQueries == 3000)
        #expect(second.capacity["a"] == QueriesPerSecond(150))
        // One server full, one that starts at 150 W for 30 s and is full for 30 s.
        #expect(second.drawnPower.value == 375)
        #expect(second.activity?.startingServerSeconds == 30)
        #expect(second.activity?.startingEnergy == Joules(150 * 30))
        // One serves 100 queries/s at its throughput, the other drains at idle power for 5 s, then is off.
        let third = timeline.records[2]
        #expect(abs(third.drawnPower.value - 208.33333333333334) < 1e-9)
        #expect(third.activity?.droppedQueries == 0)
    }
}
