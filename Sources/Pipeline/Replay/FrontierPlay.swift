import Provisioning
import Quantities
import Replaying
import Vocabulary

/// The settings of every policy's own knob on one replay, to be played one by one in any order.
struct FrontierPlay: Sendable {
    /// One play.
    struct Task: Sendable {
        let policy: String
        let setting: PolicySetting
        /// Whether this is how the scenario has it.
        let isOwn: Bool
    }

    private let scenario: Scenario
    private let replay: Replay
    private let table: EfficiencyTable
    private let idlePowers: [ServerTypeID: Watts]
    private let modelSizes: [ModelID: Bytes]
    /// By policy in the scenario's order, each by ascending setting.
    let tasks: [Task]

    init(
        _ scenario: Scenario, replay: Replay, table: EfficiencyTable, idlePowers: [ServerTypeID: Watts],
        modelSizes: [ModelID: Bytes]
    ) throws {
        self.scenario = scenario
        self.replay = replay
        self.table = table
        self.idlePowers = idlePowers
        self.modelSizes = modelSizes
        tasks = try scenario.replay.policies.flatMap { name in
            let knob = try ProvisioningPolicies.knob(of: name)
            let own = knob.own(scenario.replay)
            return knob.settings(scenario.replay).map {
                Task(policy: name, setting: $0, isOwn: $0 == own)
            }
        }
    }

    /// Plays one task, on one thread.
    /// - Parameter played: its timeline, where it was played already.
    func point(_ task: Task, played: Timeline? = nil) throws -> ServicePoint {
        let timeline =
            try played
            ?? PolicyPlay(
                task.policy, scenario: scenario, replay: replay, table: table, setting: task.setting
            ).timeline(idlePowers: idlePowers, modelSizes: modelSizes)
        return ServicePoint(
            policy: task.policy, setting: task.setting, isOwn: task.isOwn,
            blocks: timeline.serviceBlocks(
                of: Self.blockIntervals(replay.trace),
                tariff: scenario.replay.online?.tariff ?? EnergyTariff(),
                traceStart: replay.trace.startUnixSeconds))
    }

    /// Loads of neighbouring hours are alike, those of neighbouring days less so: blocks are days.
    private static func blockIntervals(_ trace: Trace) -> Int {
        max(1, Int((86_400 / trace.interval.seconds).rounded()))
    }

    /// What is read off the points of all tasks.
    func outcome(_ points: [ServicePoint]) -> FrontierOutcome {
        let frontier = ServiceFrontier(
            subject: scenario.replay.subject, points: points, seed: scenario.seed)
        return FrontierOutcome(frontier: frontier, savings: EqualServiceComparison(frontier).savings())
    }
}
