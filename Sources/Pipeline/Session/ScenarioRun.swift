import Profiling
import Quantities
import Reporting
import Store
import Vocabulary

/// The whole job: profile, search, confirm, plan, replay.
public struct ScenarioRun {
    private let session: Session

    public init(_ session: Session) { self.session = session }

    /// Runs every stage; what is in the database already is reused.
    /// - Parameter withFrontier: whether every policy is also played at other settings of its knob.
    /// - Returns: the plan for the peak of the trace, the replay and its frontier.
    public func run(
        withFrontier: Bool
    ) throws -> (plan: PlanStage.Outcome, replay: ReplayStage.Outcome, frontier: FrontierOutcome?) {
        try finishing {
            try findEntries()
            let plan = try PlanStage(session).run()
            let replay = try ReplayStage(session).run()
            if let window = session.scenario.replay.requestLevel {
                _ = try RequestLevelStage(session).run(replay, .init(window: window))
            }
            let frontier = withFrontier ? try FrontierStage(session).run(replay) : nil
            return (plan, replay, frontier)
        }
    }

    /// Runs every stage of a scenario with tasks.
    /// - Returns: the plan for the peak of the trace, and the replay.
    public func runVariants() throws -> (plan: VariantStage.Outcome, replay: VariantReplay) {
        try finishing {
            try findEntries()
            let stage = VariantStage(session)
            return (try stage.plan(withCurve: true), try stage.replay())
        }
    }

    /// Plans a scenario with pipelines.
    /// - Returns: the plan for the peak of the trace.
    public func runPipelines() throws -> PipelinePlanStage.Outcome {
        try finishing {
            // Stages are searched by the plan, within budgets of their own.
            let scenario = session.scenario
            if scenario.models.contains(where: { scenario.asked.contains($0.id) }) { try findEntries() }
            return try PipelinePlanStage(session).run(demand: nil, headroom: nil)
        }
    }

    /// Measures what is of this machine, and searches every pair.
    private func findEntries() throws {
        var confirmation: LiveConfirmation?
        if session.thisHost != nil {
            let measurer = session.measurer()
            _ = try ProfileStage(session, measurer: measurer).run()
            confirmation = LiveConfirmation(session, measurer: measurer)
        }
        _ = try SearchStage(session).run(confirmation: confirmation)
    }

    /// Notes how the run ended.
    private func finishing<Outcome>(_ work: () throws -> Outcome) throws -> Outcome {
        do {
            let outcome = try work()
            try session.recorder.finish(.finished)
            return outcome
        } catch {
            // The first error is the one to report, whatever becomes of the note.
            try? session.recorder.finish(.failed)
            throw error
        }
    }
}
