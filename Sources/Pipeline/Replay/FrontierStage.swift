import Provisioning
import Quantities
import Replaying
import Store
import Vocabulary

/// Plays every policy of a replay at many settings of its own knob, so that policies can be compared at equal
/// service instead of at whatever service each happens to give.
public struct FrontierStage: Sendable {
    /// One play.
    private struct Task: Sendable {
        let policy: String
        let setting: PolicySetting
        let isOwn: Bool
    }

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
        let scenario = session.scenario
        let tasks = try scenario.replay.policies.flatMap { name in
            let knob = try ProvisioningPolicies.knob(of: name)
            let own = knob.own(scenario.replay)
            return knob.settings(scenario.replay).map {
                Task(policy: name, setting: $0, isOwn: $0 == own)
            }
        }
        session.progress.stageBegan("frontier", units: tasks.count, expected: nil)
        let points = try self.points(tasks, replay)
        try session.recorder.save(points, of: replay.id)
        session.progress.stageEnded(
            "played \(tasks.count) settings of \(scenario.replay.policies.count) policies")
        return outcome(points)
    }

    private func points(_ tasks: [Task], _ replay: ReplayStage.Outcome) throws -> [ServicePoint] {
        let scenario = session.scenario
        let tariff = scenario.replay.online?.tariff ?? EnergyTariff()
        let (idlePowers, modelSizes) = (session.idlePowers, session.modelSizes)
        let stage = try session.simulatedReplay(with: replay.table)
        let blockIntervals = Self.blockIntervals(stage.trace)
        let own = Dictionary(
            replay.replay.timelines.map { ($0.policy, $0) }, uniquingKeysWith: { first, _ in first })
        return try tasks.concurrentMap { task in
            defer { session.progress.advanced("\(task.policy) at \(task.setting.value)") }
            let played = task.isOwn ? own[task.policy] : nil
            let timeline =
                try played
                ?? PolicyPlay(
                    task.policy, scenario: scenario, replay: stage, table: replay.table,
                    setting: task.setting
                ).timeline(idlePowers: idlePowers, modelSizes: modelSizes)
            return ServicePoint(
                policy: task.policy, setting: task.setting, isOwn: task.isOwn,
                blocks: timeline.serviceBlocks(
                    of: blockIntervals, tariff: tariff, traceStart: stage.trace.startUnixSeconds))
        }
    }

    /// Loads of neighbouring hours are alike, those of neighbouring days less so: blocks are days.
    static func blockIntervals(_ trace: Trace) -> Int {
        max(1, Int((86_400 / trace.interval.seconds).rounded()))
    }

    private func outcome(_ points: [ServicePoint]) -> FrontierOutcome {
        let scenario = session.scenario
        let frontier = ServiceFrontier(
            subject: scenario.replay.subject, points: points, seed: scenario.seed)
        return FrontierOutcome(frontier: frontier, savings: EqualServiceComparison(frontier).savings())
    }
}
