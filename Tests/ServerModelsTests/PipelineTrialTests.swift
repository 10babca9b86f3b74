import Catalog
import Quantities
import ServerModels
import TestSupport
import Testing
import Vocabulary

/// All stages of a pipeline, played together.
@Suite struct PipelineTrialTests {
    private let catalog: Catalog
    private static let settings = ServerModelSettings(batches: [16, 64], queries: .exactly(600), seed: 3)
    private static let schedule = Schedule(partition: .whole, threads: 4, workers: 1, batch: 64)

    init() throws { catalog = try Catalog(directory: Repository.workloads) }

    private func pipeline(
        _ stages: [(model: ModelID, visits: Double, after: [Int])], limit: Double = 1
    ) -> ServedPipeline {
        ServedPipeline(
            id: "p",
            stages: stages.enumerated().map { place, stage in
                .init(name: "s\(place)", model: stage.model, visits: stage.visits, after: stage.after)
            }, target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(seconds: limit)))
    }

    private func models(_ pipeline: ServedPipeline) throws -> [Model] {
        try pipeline.stages.enumerated().map { place, stage in
            try catalog.model(stage.model).stage(place, of: pipeline)
        }
    }

    /// One replica on a whole box for each stage.
    private func play(
        _ pipeline: ServedPipeline, at load: Double, on type: ServerTypeID = "cpu-t1", replicas: Int = 1
    ) throws -> PipelineTrialFigures? {
        let share = try catalog.serverType(type)
        return try PipelineTrial(pipeline, models: try models(pipeline), settings: Self.settings).run(
            pipeline.stages.map { stage in
                [
                    PlayedReplicas(
                        share: share, schedule: Self.schedule, count: replicas,
                        load: QueriesPerSecond(load * stage.visits))
                ]
            }, at: QueriesPerSecond(load))
    }

    /// Where nothing waits, a chain takes the sum of its stages, and a fork the longer of its branches.
    @Test func chainsAddUpAndForksWaitForTheSlowest() throws {
        let chain = try #require(
            try play(pipeline([("ncf", 1, []), ("wnd", 1, [0]), ("rm3", 1, [1])]), at: 0.01))
        let fork = try #require(
            try play(pipeline([("ncf", 1, []), ("wnd", 1, []), ("rm3", 1, [0, 1])]), at: 0.01))
        let stages = try chain.stages.map { try #require($0).seconds }
        let whole = try #require(chain.latency).seconds
        // Quantiles of independent sizes add up to no less than the quantile of the sum.
        #expect(whole <= stages.reduce(0, +) + 1e-9 && whole > stages.max() ?? 0)
        #expect(chain.requests == 540 && chain.attained == Fraction(1) && chain.holds)
        let forked = try #require(fork.latency).seconds
        #expect(forked < whole)
        // A stage alone is played the same in either.
        #expect(fork.stages[0] == chain.stages[0])
    }

    /// A stage that half of the requests visit sees half of the load: twice the requests fit.
    @Test func visitsMakeTheLoadOfAStage() throws {
        // Near what one server sustains of a visit by every request.
        let one = try #require(try play(pipeline([("rm3", 1, [])], limit: 10), at: 1))
        let alone = try #require(one.latency)
        var rate = 1.0
        while try #require(try play(pipeline([("rm3", 1, [])], limit: 10), at: rate)).latency
            ?? Nanoseconds(.max) < alone * 4
        { rate *= 2 }
        let all = try #require(try play(pipeline([("rm3", 1, [])], limit: 10), at: rate).map(\.latency))
        let half = try #require(try play(pipeline([("rm3", 0.5, [])], limit: 10), at: rate).map(\.latency))
        let twice = try #require(try play(pipeline([("rm3", 2, [])], limit: 10), at: rate).map(\.latency))
        #expect(try #require(half) < #require(all) && #require(all) < #require(twice))
        // Who does not visit spends no time.
        let seldom = try #require(try play(pipeline([("rm3", 0.03, [])]), at: 0.01))
        #expect(seldom.latency == .zero && seldom.stages[0] ?? .zero > .zero)
    }

    /// The first token of an answer counts at the end of a pipeline, and the whole answer before its end.
    @Test func whoWaitsForALanguageModelDecidesWhatItsLatencyIs() throws {
        let share = try catalog.serverType("cpu-t3-l40s-x4")
        let rules = Schedule.engine(EngineRules(sequencesMax: 64, tokenBudget: 2048))
        func latency(_ pipeline: ServedPipeline, languageStage: Int) throws -> Double {
            let figures = try PipelineTrial(
                pipeline, models: try models(pipeline), settings: Self.settings
            ).run(
                pipeline.stages.indices.map { place in
                    [
                        PlayedReplicas(
                            share: share, schedule: place == languageStage ? rules : Self.schedule, count: 1,
                            load: QueriesPerSecond(0.5))
                    ]
                }, at: QueriesPerSecond(0.5))
            return try #require(figures?.stages[languageStage]).seconds
        }
        let last = try latency(pipeline([("ncf", 1, []), ("chat-8b", 1, [0])]), languageStage: 1)
        let first = try latency(pipeline([("chat-8b", 1, []), ("ncf", 1, [0])]), languageStage: 0)
        // Answers have some hundred tokens.
        #expect(first > 10 * last)
        let middle = try catalog.model("chat-8b").stage(
            0, of: pipeline([("chat-8b", 1, []), ("ncf", 1, [0])]))
        let targets = try #require(middle.service).targets(middle.latencyTarget)
        #expect(targets.firstToken == nil && targets.endToEnd == 1)
    }

    /// What cannot be played is not known, and not good.
    @Test func aStageWithoutReplicasIsNotPlayed() throws {
        let one = pipeline([("ncf", 1, [])])
        let trial = PipelineTrial(one, models: try models(one), settings: Self.settings)
        #expect(try trial.run([[]], at: QueriesPerSecond(1)) == nil)
        #expect(try trial.run([[]], at: .zero) == nil)
    }

    @Test func theSameSeedPlaysTheSame() throws {
        let one = pipeline([("ncf", 1, []), ("wnd", 1.5, [0])])
        let (first, second) = (try play(one, at: 500, replicas: 3), try play(one, at: 500, replicas: 3))
        #expect(first != nil && first == second)
    }
}
