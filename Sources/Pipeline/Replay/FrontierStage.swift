import Quantities
import Replaying
import Store
import Vocabulary

/// Plays every policy of a replay at many settings of its own knob, so that policies can be compared at equal
/// service instead of at whatever service each happens to give.
public struct FrontierStage: Sendable {
    private let session: Session

    public init(_ session: Session) { self.session = session }

    /// The frontier that is stored of a replay; nil where none was played.
    func stored(of replay: RecordID<ReplayOutcome>) throws -> FrontierOutcome? {
        let points = try session.store.frontierPoints(of: replay)
        return points.isEmpty ? nil : outcome(points)
    }

    /// Plays what is not stored yet, spread over the processors. The policies as the scenario has them are
    /// taken from the replay. O(policies x settings) replays.
    public func run(_ replay: ReplayStage.Outcome) throws -> FrontierOutcome {
        if let found = try stored(of: replay.id) {
            session.progress.stageBegan("frontier", units: 0, expected: nil)
            session.progress.note("the same settings were played before, the stored outcome is shown")
            return found
        }
        let play = try FrontierPlay(
            session.scenario, replay: session.simulatedReplay(with: replay.table), table: replay.table,
            idlePowers: session.idlePowers, modelSizes: session.modelSizes)
        session.progress.stageBegan("frontier", units: play.tasks.count, expected: nil)
        let own = Dictionary(
            replay.replay.timelines.map { ($0.policy, $0) }, uniquingKeysWith: { first, _ in first })
        let points = try play.tasks.concurrentMap { task in
            defer { session.progress.advanced("\(task.policy) at \(task.setting.value)") }
            return try play.point(task, played: task.isOwn ? own[task.policy] : nil)
        }
        try session.recorder.save(points, of: replay.id)
        session.progress.stageEnded(
            "played \(play.tasks.count) settings of \(session.scenario.replay.policies.count) policies")
        return play.outcome(points)
    }

    private func outcome(_ points: [ServicePoint]) -> FrontierOutcome {
        let scenario = session.scenario
        let frontier = ServiceFrontier(
            subject: scenario.replay.subject, points: points, seed: scenario.seed)
        return FrontierOutcome(frontier: frontier, savings: EqualServiceComparison(frontier).savings())
    }
}
