import Quantities
import Replaying
import Testing
import Vocabulary

/// Loads that several models answer, in the books of a replay.
@Suite struct TaskRouteTests {
    private func entry(_ model: ModelID, _ rate: Double) -> EfficiencyEntry {
        EfficiencyEntry(
            model: model, serverType: "s",
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10)),
            powerBudget: nil, schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
            throughput: QueriesPerSecond(rate), power: Watts(200), powerProvenance: .estimated,
            provenance: .modelled, method: "gradient", evaluations: 1, spaceSize: 1)
    }

    private func variant(_ name: ModelID, _ accuracy: Double, cap: Double? = nil) -> ServedTask.Variant {
        ServedTask.Variant(
            model: name,
            accuracy: ModelAccuracy(
                value: Fraction(accuracy), samples: 100, dataSet: "d", split: "s", provenance: .measured,
                precision: .f32), shareMax: cap.map { Fraction($0) })
    }

    private func play(
        _ task: ServedTask, loads: [Double], counts: [(ModelID, Int)]
    ) throws -> (Timeline, TaskService) {
        let trace = Trace(
            name: "t", startUnixSeconds: 0, interval: Nanoseconds(seconds: 60),
            loads: ["task": loads.map { QueriesPerSecond($0) }])
        let replay = Replay(
            trace: trace, fleet: Fleet(id: "f", counts: ["s": 20]),
            table: EfficiencyTable([entry("good", 100), entry("quick", 300)]), idlePowers: ["s": Watts(100)],
            tasks: [task])
        var allocation = Allocation()
        for (model, count) in counts { allocation[model, "s"] = count }
        let plan = Plan(
            status: .feasible, allocation: allocation, objective: .zero, bound: nil, shortfalls: [])
        let timeline = try replay.play(policy: "fixed") { _, _ in (plan, 0) }
        let outcome = VariantReplay(trace: trace, tasks: [task], timelines: [timeline])
        return (timeline, try #require(outcome.services.first))
    }

    @Test func queriesGoToTheMostAccurateThatHasRoom() throws {
        let task = ServedTask(
            id: "task", variants: [variant("quick", 0.6), variant("good", 0.9)], meanFloor: Fraction(0.75))
        let (timeline, service) = try play(
            task, loads: [150, 400, 600], counts: [("good", 1), ("quick", 1)])
        #expect(timeline.records[0].load["good"] == QueriesPerSecond(100))
        #expect(timeline.records[0].load["quick"] == QueriesPerSecond(50))
        #expect(timeline.records[1].violatedModels.isEmpty)
        // 600 asked, 400 answered: the rest is booked once.
        #expect(timeline.records[2].violatedModels == ["quick"])
        #expect(timeline.records[2].unservedQueries == 200 * 60)
        #expect(timeline.records[2].arrivedQueries == 600 * 60)
        let right = (100 * 0.9 + 50 * 0.6) + 2 * (100 * 0.9 + 300 * 0.6)
        let mean = try #require(service.meanAccuracy)
        #expect(abs(mean.value - right / 950) < 1e-12)
        // The first interval's mean is 0.8, the others' 0.675.
        let below = try #require(service.belowFloor)
        #expect(abs(below.value - 800 / 950.0) < 1e-12)
        #expect(abs(service.violated.value - 1 / 3.0) < 1e-12)
        #expect(abs(service.unserved.value - 200 / 1150.0) < 1e-12)
    }

    @Test func sharesAreKeptUnlessNothingElseHasRoom() throws {
        let task = ServedTask(
            id: "task", variants: [variant("good", 0.9, cap: 0.25), variant("quick", 0.6)])
        let (timeline, service) = try play(task, loads: [200, 350], counts: [("good", 1), ("quick", 1)])
        #expect(timeline.records[0].load["good"] == QueriesPerSecond(50))
        // A quarter of 350 and 300 leave nothing unserved within the share.
        #expect(abs(timeline.records[1].load["good"].value - 87.5) < 1e-9)
        #expect(service.unserved == .zero && service.belowFloor == nil)
    }
}
