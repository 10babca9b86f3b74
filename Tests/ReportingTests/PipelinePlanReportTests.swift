import Foundation
import Quantities
import Reporting
import Testing
import Vocabulary

/// A plan of pipelines as people and scripts read it.
@Suite struct PipelinePlanReportTests {
    private func report(attained: Double, bound: Double? = 700) -> PipelinePlanReport {
        let pipeline = ServedPipeline(
            id: "ask",
            stages: [
                .init(name: "find", model: "index", after: []),
                .init(name: "answer", model: "chat", visits: 0.5, after: [0]),
            ], target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(seconds: 1)))
        let trial = PipelineTrialFigures(
            requests: 2000, attained: Fraction(attained), asked: Fraction(0.95),
            latency: Nanoseconds(milliseconds: 900),
            stages: [Nanoseconds(milliseconds: 90), Nanoseconds(milliseconds: 800)])
        let plan = SharedBoxPlan(
            shares: [
                SharedBoxPlan.Share(
                    model: "ask.find", serverType: "host",
                    schedule: Schedule(partition: .whole, threads: 4, workers: 1, batch: 64), parts: 1,
                    replicas: 1, capacity: QueriesPerSecond(50), load: QueriesPerSecond(40))
            ], boxes: [.init(serverType: "host", count: 1, accelerators: 0, parts: 8, taken: 1)],
            shortfall: [:], objective: Watts(1000), bound: Watts(990), gap: Fraction(0.01), step: "dive")
        let split = PipelineSplit(
            pipeline: pipeline, load: QueriesPerSecond(40),
            stages: pipeline.stages.enumerated().map { place, stage in
                PipelineSplit.Stage(
                    stage: stage, demandID: pipeline.demandID(of: place), load: QueriesPerSecond(40),
                    budget: Nanoseconds(milliseconds: place == 0 ? 100 : 900), quantile: Quantile(0.95),
                    watts: Watts(500), simulated: trial.stages[place])
            }, trial: trial)
        return PipelinePlanReport(
            SharedBoxReport(
                plan, demand: Demand(["ask": QueriesPerSecond(40)]), headroom: Fraction(0), checks: [],
                lowered: [:], whole: nil),
            plan: plan, splits: [split],
            reaches: [
                PipelineReach(
                    reach: 1, watts: Watts(1000), attained: Fraction(attained), isConfirmed: trial.holds)
            ], reach: 1, bound: bound.map { Watts($0) }, planned: 3, splitBound: Watts(980),
            leftOut: [("index", "old")])
    }

    /// The bound is that of any split, not of the splits that were looked at.
    @Test func boundAndGapHoldForAnySplit() throws {
        let text = report(attained: 0.97).json
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(json["boundWatts"] as? Double == 700 && json["status"] as? String == "feasible")
        #expect(abs(try #require(json["gap"] as? Double) - 0.3) < 1e-12)
        let splits = try #require(json["splits"] as? [String: Any])
        #expect(splits["boundWatts"] as? Double == 980 && splits["planned"] as? Int == 3)
        let pipeline = try #require((json["pipelines"] as? [[String: Any]])?.first)
        let stages = try #require(pipeline["stages"] as? [[String: Any]])
        #expect(stages.map { $0["budgetSeconds"] as? Double } == [0.1, 0.9])
        #expect(stages.map { $0["simulatedSeconds"] as? Double } == [0.09, 0.8])
        #expect(pipeline["attained"] as? Double == 0.97 && json["schemaVersion"] != nil)
        // Unknown is not zero.
        let unknown = try #require(
            try JSONSerialization.jsonObject(with: Data(report(attained: 0.97, bound: nil).json.utf8))
                as? [String: Any])
        #expect(unknown["boundWatts"] is NSNull && unknown["gap"] is NSNull)
    }

    @Test func whatASimulationRefutesIsAWarning() {
        func warnings(_ report: PipelinePlanReport) -> Int {
            report.summary.count { if case .warning = $0 { true } else { false } }
        }
        #expect(warnings(report(attained: 0.97)) == 0 && warnings(report(attained: 0.9)) == 1)
    }

    @Test func pairsThatWereLeftOutAreNamed() {
        #expect(report(attained: 0.97).provenance.contains { $0.contains("index on old") })
    }
}
