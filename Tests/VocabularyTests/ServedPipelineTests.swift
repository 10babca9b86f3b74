import Quantities
import Testing
import Vocabulary

/// Pipelines as graphs of stages.
@Suite struct ServedPipelineTests {
    private func pipeline(
        _ stages: [(visits: Double, after: [Int])], quantile: Double = 0.95
    ) -> ServedPipeline {
        ServedPipeline(
            id: "p",
            stages: stages.enumerated().map { place, stage in
                .init(name: "s\(place)", model: "m", visits: stage.visits, after: stage.after)
            }, target: LatencyTarget(quantile: Quantile(quantile), limit: Nanoseconds(seconds: 1)))
    }

    @Test func theLongestWayGoesThroughTheSlowerBranch() {
        let fork = pipeline([(1, []), (1, [0]), (1, [0]), (1, [1, 2]), (1, [])])
        #expect(fork.longest([1, 2, 5, 3, 4]) == 9)
        #expect(fork.longest([1, 2, 5, 3, 40]) == 40)
        #expect((0..<5).filter(fork.isLast) == [3, 4])
        #expect(fork.demandID(of: 2) == "p.s2")
    }

    /// Of four visits that begin together none may be late; of a stage that a tenth of requests visits, half
    /// of the visits may be late where 1 in 20 requests may.
    @Test func quantilesOfStagesFollowFromVisits() throws {
        let one = pipeline([(1, []), (4, [0]), (0.1, [1]), (0.04, [2]), (1.5, [3])])
        #expect(one.quantile(of: 0) == Quantile(0.95))
        #expect(abs(one.quantile(of: 1).value - 0.9875) < 1e-12)
        #expect(one.quantile(of: 2) == Quantile(0.95))
        #expect(abs(try #require(one.leastQuantile(of: 1)).value - 0.95) < 1e-12)
        #expect(abs(try #require(one.leastQuantile(of: 2)).value - 0.5) < 1e-12)
        // All who visit it may be late.
        #expect(one.leastQuantile(of: 3) == nil)
        // 2 visits of 1.5 in the mean.
        #expect(abs(try #require(one.leastQuantile(of: 4)).value - (1 - 0.05 * 2 / 1.5)) < 1e-12)
        #expect(one.stages[4].visitsMax == 2 && one.stages[2].visitsMax == 1)
    }
}
