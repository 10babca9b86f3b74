import Profiling
import Quantities
import Reporting
import Store
import Vocabulary

/// The whole job: profile, search, confirm, plan, replay.
public struct ScenarioRun {
    private let bench: Workbench

    public init(_ bench: Workbench) { self.bench = bench }

    /// Runs every stage; what is in the database already is reused.
    /// - Returns: the plan for the peak of the trace, and the replay.
    public func run() throws -> (plan: PlanStage.Outcome, replay: ReplayStage.Outcome) {
        do {
            var confirmation: LiveConfirmation?
            if bench.thisHost != nil {
                let profiler = try bench.hostProfiler()
                _ = try ProfileStage(bench, profiler: profiler).run()
                confirmation = LiveConfirmation(bench, profiler: profiler)
            }
            _ = try SearchStage(bench).run(confirmation: confirmation)
            let plan = try PlanStage(bench).run()
            let replay = try ReplayStage(bench).run()
            try bench.store.finishRun(bench.run, status: .finished, atUnixSeconds: Workbench.now)
            return (plan, replay)
        } catch {
            // The first error is the one to report, whatever becomes of the note.
            try? bench.store.finishRun(bench.run, status: .failed, atUnixSeconds: Workbench.now)
            throw error
        }
    }
}
