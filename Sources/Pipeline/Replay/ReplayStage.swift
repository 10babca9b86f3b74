import Forecasting
import Foundation
import Provisioning
import Quantities
import Replaying
import Store
import Vocabulary

/// Plays the scenario's trace against its policies, each from the same start with the same view of the load.
public struct ReplayStage: Sendable {
    /// A replay and the entries its figures rest on.
    public struct Outcome: Sendable {
        /// Where it is stored.
        package let id: RecordID<ReplayOutcome>
        public let replay: ReplayOutcome
        public let table: EfficiencyTable
        /// Whether it was found in the database.
        public let wasStored: Bool
    }

    private let session: Session

    public init(_ session: Session) { self.session = session }

    /// Everything the outcome depends on.
    private struct Inputs<LoadTrace: Codable>: Codable {
        let trace: LoadTrace
        let fleet: Fleet
        let settings: ReplaySettings
        let entries: [EfficiencyEntry]
        let idlePowers: [ServerTypeID: Watts]
        let modelSizes: [ModelID: Bytes]
        let seed: UInt64
        let toolVersion: String
    }

    private func memo(_ table: EfficiencyTable) throws -> Memo<ContentDigest, StoredReplay> {
        let store = session.store
        let trace = try session.scenario.requiredTrace()
        return try Memo(of: inputs(table, trace: try ContentDigest(ofTrace: trace))) { key in
            if let found = try store.replay(ofInputs: key) { return found }
            // Earlier versions digested the text of all loads; a file of theirs may hold the replay.
            guard try store.hasEarlierReplays() else { return nil }
            return try store.replay(
                ofInputs: ContentDigest(of: inputs(table, trace: trace)))
        }
    }

    private func inputs<LoadTrace: Codable>(
        _ table: EfficiencyTable, trace: LoadTrace
    ) -> Inputs<LoadTrace> {
        let scenario = session.scenario
        var settings = scenario.replay
        // A window is played on a replay, which does not depend on it.
        settings.requestLevel = nil
        return Inputs(
            trace: trace, fleet: scenario.fleet, settings: settings, entries: table.entries,
            idlePowers: session.idlePowers, modelSizes: session.modelSizes, seed: scenario.seed,
            toolVersion: Recorder.toolVersion)
    }

    /// Of everything that a replay, and whatever is played on the same trace and fleet, depends on.
    func inputs(with table: EfficiencyTable) throws -> ContentDigest {
        let trace = try ContentDigest(ofTrace: session.scenario.requiredTrace())
        return try ContentDigest(of: inputs(table, trace: trace))
    }

    /// The stored replay of the scenario as it stands; nil where it has not been played.
    func stored(with table: EfficiencyTable) throws -> StoredReplay? { try memo(table).stored() }

    /// Plays the policies side by side, or takes the stored outcome of the same inputs.
    public func run() throws -> Outcome {
        // What cannot be replayed says so before it asks for a search.
        _ = try session.scenario.requiredTrace()
        let table = try session.efficiencyTable()
        let memo = try memo(table)
        if let found = try memo.stored() {
            session.progress.stageBegan("replay", units: 0, expected: nil)
            session.progress.note("the same inputs were replayed before, the stored outcome is shown")
            return Outcome(id: found.id, replay: found.outcome, table: table, wasStored: true)
        }
        let scenario = session.scenario
        let names = scenario.replay.policies
        let replay = try session.simulatedReplay(with: table)
        let intervals = replay.trace.intervalCount
        session.progress.stageBegan(
            "replay", units: names.count * intervals, expected: nil)
        let (idlePowers, modelSizes) = (session.idlePowers, session.modelSizes)
        let timelines = try names.concurrentMap { name in
            try PolicyPlay(name, scenario: scenario, replay: replay, table: table).timeline(
                idlePowers: idlePowers, modelSizes: modelSizes
            ) { session.progress.advanced(name) }
        }
        let outcome = ReplayOutcome(
            trace: replay.trace, subject: scenario.replay.subject, timelines: timelines)
        let id = try session.recorder.save(outcome, with: table, inputs: memo.key, seed: scenario.seed)
        session.progress.stageEnded(
            "played \(names.count) policies over \(intervals) intervals")
        return Outcome(id: id, replay: outcome, table: table, wasStored: false)
    }
}

/// One policy on one replay: the online core, driven by what the simulated fleet tells it.
public struct PolicyPlay {
    private let name: String
    private let scenario: Scenario
    private let replay: Replay
    private let table: EfficiencyTable
    private let setting: PolicySetting?

    /// - Parameters:
    ///   - name: of the policy.
    ///   - replay: the trace and fleet; may be shared by policies that are played side by side.
    ///   - setting: of what the policy has to turn; nil for the scenario's own.
    public init(
        _ name: String, scenario: Scenario, replay: Replay, table: EfficiencyTable,
        setting: PolicySetting? = nil
    ) {
        self.setting = setting
        self.name = name
        self.scenario = scenario
        self.replay = replay
        self.table = table
    }

    /// Plays the policy from start to end, on one thread.
    public func timeline(
        idlePowers: [ServerTypeID: Watts], modelSizes: [ModelID: Bytes], advanced: () -> Void = {}
    ) throws -> Timeline {
        try timeline(idlePowers: idlePowers, modelSizes: modelSizes, advanced: advanced, witness: nil)
    }

    /// The same, with every change of a server told.
    package func timeline(
        idlePowers: [ServerTypeID: Watts], modelSizes: [ModelID: Bytes], advanced: () -> Void = {},
        witness: ((Int64, Int, ServerPhase, ServerPhase, Int) -> Void)?
    ) throws -> Timeline {
        let trace = replay.trace
        let dynamics = replay.settings.dynamics
        let goal = scenario.replayGoal(idlePowers: idlePowers)
        let peak = try ProvisioningProblem(
            demand: trace.peakDemand, fleet: scenario.fleet, efficiency: table, goal: goal)
        let settings = setting?.applied(to: scenario.replay) ?? scenario.replay
        var spent = ProcessorTime()
        var policies = PolicyConfiguration(
            peakDemand: peak.demand.scaled(by: setting?.peakFactor ?? 1), seed: scenario.seed,
            gap: settings.gap, reactive: (settings.online ?? OnlineSettings()).reactive)
        policies.tracking = settings.online?.tracking ?? TrackingSettings()
        policies.current = settings.current
        policies.traceStart = trace.startUnixSeconds
        let policy = try spent.measuring {
            try ProvisioningPolicies.named(name, configuration: policies)
        }
        let startTimes = StartTimes(
            dynamics, models: trace.models, sizes: modelSizes, idlePowers: idlePowers)
        var configuration = try ProvisionerConfiguration(
            settings, trace: trace, startTimes: startTimes, view: type(of: policy).view,
            makeForecaster: Forecasters.named)
        configuration.headroomFactor = setting?.headroomFactor ?? 1
        let core = ProvisionerCore(policy: policy, problem: peak, configuration: configuration)
        var state = ProvisionerState()
        return try replay.play(policy: name) { event in
            // Handed over, not copied: what forecasters have learnt is large.
            var current = ProvisionerState()
            if event.restart != .blank { swap(&current, &state) }
            let decision = try spent.measuring { try core.decide(current, event.kind) }
            state = decision.state
            return ReplayDecision(
                actions: decision.actions, planStatus: decision.plan.status, planGap: decision.plan.gap,
                forecast: decision.forecast, reason: decision.reason, model: decision.model,
                neededBefore: decision.neededBefore, neededNow: decision.neededNow,
                seconds: spent.takeSeconds())
        } progress: { _ in
            advanced()
        } witness: { at, server, from, to, pair in
            witness?(at, server, from, to, pair)
        }
    }
}

extension Scenario {
    /// What plans of the replay minimise. Money and carbon are those of the energy, at the mean of their
    /// series, as the books of the replay count them. Scenarios that earlier versions stored without an
    /// objective meant provisioned watts.
    func replayGoal(idlePowers: [ServerTypeID: Watts]) -> PlanGoal {
        var goal = PlanGoal(weights: [replay.objective ?? .watts: 1])
        goal.rates.idlePowers = idlePowers
        goal.constraints.survives = replay.survives
        guard let tariff = replay.online?.tariff else { return goal }
        goal.rates.facilityFactor = tariff.powerUsageEffectiveness
        goal.rates.energyPricePerKilowattHour = tariff.price?.mean ?? 0
        goal.rates.gramsPerKilowattHour = tariff.carbonGrams?.mean ?? 0
        return goal
    }
}

extension Session {
    /// The scenario's trace on its fleet, for any policy to be played on.
    /// - Throws: `PipelineError.noTrace`.
    func simulatedReplay(with table: EfficiencyTable) throws -> Replay {
        Replay(
            trace: try scenario.requiredTrace(), fleet: scenario.fleet, table: table, idlePowers: idlePowers,
            settings: scenario.replay.online ?? OnlineSettings(), modelSizes: modelSizes, seed: scenario.seed)
    }

    /// Bytes of each model's parameters; models of which they are not known are left out.
    public var modelSizes: [ModelID: Bytes] { scenario.modelSizes }
}

extension StartTimes {
    /// How servers of a fleet start models of these sizes.
    init(
        _ dynamics: FleetDynamics, models: [ModelID], sizes: [ModelID: Bytes],
        idlePowers: [ServerTypeID: Watts]
    ) {
        self.init(
            boot: dynamics.boot,
            modelLoads: Dictionary(
                uniqueKeysWithValues: models.map { ($0, dynamics.loadTime(modelSize: sizes[$0])) }),
            drain: dynamics.drain, idleHold: dynamics.idleHold, startingLoad: dynamics.startingLoad,
            idlePowers: idlePowers)
    }
}

extension Scenario {
    /// Bytes of each model's parameters; models of which they are not known are left out.
    var modelSizes: [ModelID: Bytes] {
        Dictionary(models.compactMap { model in model.parameterBytes.map { (model.id, $0) } }) { first, _ in
            first
        }
    }
}

/// Processor time of the calling thread, so that policies played side by side do not count each other's.
struct ProcessorTime {
    private var seconds = 0.0

    mutating func measuring<Value>(_ work: () throws -> Value) rethrows -> Value {
        let start = Self.now
        defer { seconds += Self.now - start }
        return try work()
    }

    /// What was measured since the last call.
    mutating func takeSeconds() -> Double {
        defer { seconds = 0 }
        return seconds
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
