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
        do {
            var confirmation: LiveConfirmation?
            if session.thisHost != nil {
                let measurer = session.measurer()
                _ = try ProfileStage(session, measurer: measurer).run()
                confirmation = LiveConfirmation(session, measurer: measurer)
            }
            _ = try SearchStage(session).run(confirmation: confirmation)
            let plan = try PlanStage(session).run()
            let replay = try ReplayStage(session).run()
            let frontier = withFrontier ? try FrontierStage(session).run(replay) : nil
            try session.recorder.finish(.finished)
            return (plan, replay, frontier)
        } catch {
            // The first error is the one to report, whatever becomes of the note.
            try? session.recorder.finish(.failed)
            throw error
        }
    }
}
