import Pipeline
import Quantities
import Reporting
import Testing
import Vocabulary

/// Pipelines of models on boxes that they share.
@Suite struct PipelinePlanStageTests {
    private static let load = Demand(["feed": QueriesPerSecond(400)])

    /// Two models one after the other, and a third that is asked for itself.
    private func fixtures(limitMilliseconds: Double = 200, models: Int = 2) throws -> Fixtures {
        var fixtures = try Fixtures(models: models)
        fixtures.scenario.search.queries = 200
        fixtures.scenario.search.batches = [256]
        fixtures.scenario.trace = nil
        let names = fixtures.scenario.models.map(\.id)
        fixtures.scenario.pipelines = [
            ServedPipeline(
                id: "feed",
                stages: [
                    .init(name: "find", model: names[1], after: []),
                    .init(name: "rank", model: names[0], visits: 0.5, after: [0]),
                ],
                target: LatencyTarget(
                    quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: limitMilliseconds)))
        ]
        return fixtures
    }

    @Test func aLimitIsSplitAndTheWholeSimulated() throws {
        let session = try fixtures().session()
        let outcome = try PipelinePlanStage(session).run(demand: Self.load, headroom: Fraction(0))
        let split = try #require(outcome.splits.first)
        #expect(outcome.plan.shortfall.isEmpty && outcome.splits.count == 1)
        #expect(split.stages.map(\.demandID) == ["feed.find", "feed.rank"])
        #expect(split.stages.map(\.load.value) == [400, 200])
        let limit = split.pipeline.target.limit
        let budgets = split.stages.reduce(0) { $0 + $1.budget.seconds }
        #expect(budgets <= limit.seconds * outcome.reach * (1 + 1e-9))
        // What is planned was confirmed, and what is shown is what the simulation said.
        let trial = try #require(split.trial)
        #expect(
            trial.holds && trial.attained >= Fraction(0.9) && split.stages.allSatisfy { $0.simulated != nil })
        #expect(outcome.reaches.first?.reach == 1)
        #expect(outcome.reaches.contains { $0.reach == outcome.reach && $0.isConfirmed })
        // The bound of any split lies below that of the splits within reach.
        let bound = try #require(outcome.bound)
        #expect(bound <= outcome.plan.objective && outcome.splitBound <= outcome.plan.objective)
        #expect(bound.value > 0 && outcome.planned >= 1)
        for stage in split.stages {
            let shares = outcome.plan.shares.filter { $0.model == stage.demandID }
            #expect(abs(shares.reduce(0) { $0 + $1.load.value } - stage.load.value) < 1e-6)
            #expect(shares.allSatisfy { $0.load.value <= $0.capacity.value * (1 + 1e-9) })
            #expect(stage.watts > .zero)
        }
        let report = ReportStage(session)
        #expect(report.plan(outcome, as: .json).contains("\"pipelines\""))
        #expect(report.plan(outcome, as: .json) == report.plan(outcome, as: .json))
    }

    /// More time costs no more, but for what searches miss, and the same request has the same plan.
    @Test func aLongerLimitCostsNoMore() throws {
        func plan(_ limit: Double) throws -> PipelinePlanStage.Outcome {
            try PipelinePlanStage(fixtures(limitMilliseconds: limit).session())
                .run(demand: Self.load, headroom: Fraction(0))
        }
        let (short, again, long) = (try plan(150), try plan(150), try plan(600))
        #expect(short.plan == again.plan && short.splits == again.splits)
        #expect(long.plan.objective.value <= short.plan.objective.value * 1.05)
    }

    /// A limit that no replica keeps is a result with a name, and nothing is scaled at it.
    @Test func aLimitOutOfReachIsNamed() throws {
        let stage = PipelinePlanStage(try fixtures(limitMilliseconds: 0.02).session())
        #expect {
            try stage.run(demand: Self.load, headroom: Fraction(0))
        } throws: { error in
            guard case PipelineError.targetOutOfReach(let what) = error else { return false }
            return what.contains("feed")
        }
    }

    @Test func modelsThatAreInNoPipelineAreInThePlan() throws {
        let fixtures = try fixtures(models: 3)
        let session = try fixtures.session()
        _ = try SearchStage(session).run()
        let alone = fixtures.scenario.models[2].id
        #expect(fixtures.scenario.asked == [alone, "feed"])
        let outcome = try PipelinePlanStage(session).run(
            demand: Demand(["feed": QueriesPerSecond(400), alone: QueriesPerSecond(50)]),
            headroom: Fraction(0.1))
        #expect(Set(outcome.plan.shares.map(\.model)) == ["feed.find", "feed.rank", alone])
        let own = outcome.plan.shares.filter { $0.model == alone }
        #expect(abs(own.reduce(0) { $0 + $1.load.value } - 55) < 1e-6)
    }

    /// A model without load is not asked what it can do, and a pipeline without load has no split.
    @Test func whatHasNoLoadIsLeftOut() throws {
        let session = try fixtures(models: 3).session()
        let outcome = try PipelinePlanStage(session).run(
            demand: Demand(["feed": QueriesPerSecond(10)]), headroom: Fraction(0))
        #expect(outcome.plan.shares.allSatisfy { $0.model.name.hasPrefix("feed.") })
    }

    @Test func pipelinesAreNotReplayed() throws {
        let scenario = try fixtures().scenario
        #expect(throws: PipelineError.plansPipelinesAlone(scenario: scenario.id)) {
            try scenario.requiredTrace()
        }
    }
}
