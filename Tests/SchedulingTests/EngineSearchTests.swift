import Quantities
import Scheduling
import Testing
import Vocabulary

/// Methods know schedules by their axes alone, so they search engines as they search threads.
@Suite struct EngineSearchTests {
    private static let space: ScheduleSpace = {
        var builder = ScheduleSpace.Builder()
        for precision in [Precision.bf16, .fp8] {
            builder.add(
                EngineRules.family(.mixed, precision),
                [
                    .init(.tensorParallel, [1, 2, 4, 8]), .init(.pipelineParallel, [1, 2, 4]),
                    .init(.sequencesMax, [8, 16, 32, 64, 128, 256]),
                    .init(.tokenBudget, [256, 512, 1024, 2048, 4096, 8192]),
                ]
            ) { $0.engineRules.map { $0.devices <= 8 } ?? false }
        }
        return builder.space
    }()

    /// One summit: TP 4, PP 2, 64 sequences, 2,048 tokens, fp8.
    private static func evaluation(_ schedule: Schedule) -> ScheduleEvaluation {
        func far(_ axis: ScheduleAxis, _ summit: Double) -> Double {
            let distance = axis.position(schedule.value(on: axis) ?? 0) - axis.position(summit)
            return distance * distance
        }
        let off =
            far(.tensorParallel, 4) + far(.pipelineParallel, 2) + far(.sequencesMax, 64)
            + far(.tokenBudget, 2048)
        let pace = schedule.engineRules?.precision == .fp8 ? 1.5 : 1
        return ScheduleEvaluation(
            schedule: schedule, throughput: QueriesPerSecond(pace * 100 / (1 + 0.3 * off)),
            power: Watts(1000), provenance: .modelled)
    }

    @Test func gradientFindsTheSummitWithFewEvaluations() throws {
        let trail = try GradientSearch().search(SearchProblem(space: Self.space, seed: 1)) {
            Self.evaluation($0)
        }
        #expect(
            trail.best?.schedule
                == .engine(
                    EngineRules(
                        tensorParallel: 4, pipelineParallel: 2, sequencesMax: 64, tokenBudget: 2048,
                        precision: .fp8)))
        #expect(trail.evaluations.count < Self.space.count / 3, "\(trail.evaluations.count)")
    }

    @Test(arguments: SearchMethods.names)
    func everyMethodSearchesEnginesOnce(name: String) throws {
        let method = try #require(SearchMethods.named(name))
        let trail = try method.search(SearchProblem(space: Self.space, seed: 1)) { Self.evaluation($0) }
        #expect(Set(trail.evaluations.map(\.schedule)).count == trail.evaluations.count)
        // The climb of DeepRecSys is over batches of threads alone.
        #expect(trail.evaluations.isEmpty == (name == BatchClimb().name))
    }
}
