import Dispatch
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
        public let replay: ReplayOutcome
        public let table: EfficiencyTable
        /// Whether it was found in the database.
        public let wasStored: Bool
    }

    private let bench: Workbench

    public init(_ bench: Workbench) { self.bench = bench }

    /// Everything the outcome depends on.
    private struct Inputs: Codable {
        let trace: Trace
        let fleet: Fleet
        let settings: ReplaySettings
        let entries: [EfficiencyEntry]
        let idlePowers: [ServerTypeID: Watts]
        let modelSizes: [ModelID: Bytes]
        let seed: UInt64
        let toolVersion: String
    }

    private func digest(_ table: EfficiencyTable) throws -> ContentDigest {
        let scenario = bench.scenario
        return try ContentDigest(
            of: Inputs(
                trace: scenario.trace, fleet: scenario.fleet, settings: scenario.replay,
                entries: table.entries, idlePowers: bench.idlePowers,
                modelSizes: bench.modelSizes, seed: scenario.seed,
                toolVersion: toolVersion))
    }

    /// The stored replay of the scenario as it stands; nil where it has not been played.
    func stored(with table: EfficiencyTable) throws -> StoredReplay? {
        try bench.store.replay(ofInputs: digest(table))
    }

    /// Plays the policies side by side, or takes the stored outcome of the same inputs.
    public func run() throws -> Outcome {
        let table = try bench.efficiencyTable()
        if let found = try stored(with: table) {
            bench.progress.stageBegan("replay", units: 0, expected: nil)
            bench.progress.note("the same inputs were replayed before, the stored outcome is shown")
            return Outcome(replay: found.outcome, table: table, wasStored: true)
        }
        let scenario = bench.scenario
        let names = scenario.replay.policies
        let replay = Replay(
            trace: scenario.trace, fleet: scenario.fleet, table: table, idlePowers: bench.idlePowers,
            settings: scenario.replay.online ?? OnlineSettings(), modelSizes: bench.modelSizes,
            seed: scenario.seed)
        bench.progress.stageBegan("replay", units: names.count * scenario.trace.intervalCount, expected: nil)
        let collected = TimelineCollection(count: names.count)
        DispatchQueue.concurrentPerform(iterations: names.count) { index in
            do {
                let play = PolicyPlay(names[index], scenario: scenario, replay: replay, table: table)
                collected.put(
                    try play.timeline(idlePowers: bench.idlePowers, modelSizes: bench.modelSizes) {
                        bench.progress.advanced(names[index])
                    }, at: index)
            } catch {
                collected.fail(error)
            }
        }
        let outcome = ReplayOutcome(
            trace: replay.trace, subject: scenario.replay.subject, timelines: try collected.all())
        try bench.store.save(
            outcome, efficiency: table, inputsDigest: try digest(table), seed: scenario.seed,
            toolVersion: toolVersion, atUnixSeconds: Workbench.now, run: bench.run)
        bench.progress.stageEnded(
            "played \(names.count) policies over \(scenario.trace.intervalCount) intervals")
        return Outcome(replay: outcome, table: table, wasStored: false)
    }
}

/// One policy on one replay: the online core, driven by what the simulated fleet tells it.
public struct PolicyPlay {
    private let name: String
    private let scenario: Scenario
    private let replay: Replay
    private let table: EfficiencyTable

    /// - Parameters:
    ///   - name: of the policy.
    ///   - replay: the trace and fleet; may be shared by policies that are played side by side.
    public init(_ name: String, scenario: Scenario, replay: Replay, table: EfficiencyTable) {
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
        let peak = try ProvisioningProblem(
            demand: trace.peakDemand, fleet: scenario.fleet, efficiency: table)
        var spent = ProcessorTime()
        let policy = try spent.measuring {
            try ProvisioningPolicies.named(
                name,
                configuration: PolicyConfiguration(
                    peakDemand: peak.demand, seed: scenario.seed, gap: scenario.replay.gap,
                    reactive: replay.settings.reactive))
        }
        let startTimes = StartTimes(
            boot: dynamics.boot,
            modelLoads: Dictionary(
                uniqueKeysWithValues: trace.models.map { ($0, dynamics.loadTime(modelSize: modelSizes[$0])) }),
            drain: dynamics.drain, startingLoad: dynamics.startingLoad, idlePowers: idlePowers)
        let core = ProvisionerCore(
            policy: policy, problem: peak,
            configuration: try ProvisionerConfiguration(
                scenario.replay, trace: trace, startTimes: startTimes, view: type(of: policy).view,
                makeForecaster: Forecasters.named))
        var state = ProvisionerState()
        return try replay.play(policy: name) { event in
            // Handed over, not copied: what forecasters have learnt is large.
            var current = ProvisionerState()
            if event.restart != .blank { swap(&current, &state) }
            let heard: ProvisionerEvent =
                switch event.kind {
                case .intervalStarting(let index, let observed, let fleet):
                    .intervalStarting(index: index, observed: observed, fleet: fleet)
                case .intervalPassing(let index, let observed):
                    .intervalPassing(index: index, observed: observed)
                case .fleetChanged(let fleet): .fleetChanged(at: event.at, fleet: fleet)
                }
            let decision = try spent.measuring { try core.decide(current, heard) }
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

extension Workbench {
    /// Bytes of each model's parameters; models of which they are not known are left out.
    public var modelSizes: [ModelID: Bytes] {
        Dictionary(scenario.models.compactMap { model in model.parameterBytes.map { (model.id, $0) } }) {
            first, _ in first
        }
    }
}

/// Processor time of the calling thread, so that policies played side by side do not count each other's.
private struct ProcessorTime {
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

/// Timelines as several threads finish them, in the order of the policies.
private final class TimelineCollection: @unchecked Sendable {
    // Unchecked: all state is guarded by the lock.
    private let lock = NSLock()
    private var timelines: [Timeline?]
    private var failure: (any Error)?

    init(count: Int) { timelines = Array(repeating: nil, count: count) }

    func put(_ timeline: Timeline, at index: Int) { lock.withLock { timelines[index] = timeline } }
    func fail(_ error: any Error) { lock.withLock { failure = failure ?? error } }

    func all() throws -> [Timeline] {
        try lock.withLock {
            if let failure { throw failure }
            return timelines.compactMap { $0 }
        }
    }
}
