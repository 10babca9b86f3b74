import Dispatch
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
        let seed: UInt64
        let toolVersion: String
    }

    private func digest(_ table: EfficiencyTable) throws -> ContentDigest {
        let scenario = bench.scenario
        return try ContentDigest(
            of: Inputs(
                trace: scenario.trace, fleet: scenario.fleet, settings: scenario.replay,
                entries: table.entries, idlePowers: bench.idlePowers, seed: scenario.seed,
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
        bench.progress.stageBegan("replay", units: names.count * scenario.trace.intervalCount, expected: nil)
        let collected = TimelineCollection(count: names.count)
        DispatchQueue.concurrentPerform(iterations: names.count) { index in
            do {
                collected.put(try play(names[index], table), at: index)
            } catch {
                collected.fail(error)
            }
        }
        let outcome = ReplayOutcome(
            trace: scenario.trace, subject: scenario.replay.subject, timelines: try collected.all())
        try bench.store.save(
            outcome, efficiency: table, inputsDigest: try digest(table), seed: scenario.seed,
            toolVersion: toolVersion, atUnixSeconds: Workbench.now, run: bench.run)
        bench.progress.stageEnded(
            "played \(names.count) policies over \(scenario.trace.intervalCount) intervals")
        return Outcome(replay: outcome, table: table, wasStored: false)
    }
}

extension ReplayStage {
    /// Plays one policy, on one thread.
    private func play(_ name: String, _ table: EfficiencyTable) throws -> Timeline {
        let scenario = bench.scenario
        let peak = try ProvisioningProblem(
            demand: scenario.trace.peakDemand, fleet: scenario.fleet, efficiency: table)
        var state = ProvisionerState()
        var spent = ProcessorTime()
        let policy = try spent.measuring {
            try ProvisioningPolicies.named(
                name,
                configuration: PolicyConfiguration(
                    peakDemand: peak.demand, seed: scenario.seed, gap: scenario.replay.gap))
        }
        let core = ProvisionerCore(policy: policy, problem: peak, rule: scenario.replay.overProvision)
        let replay = Replay(trace: scenario.trace, table: table, idlePowers: bench.idlePowers)
        return try replay.play(policy: name) { index, observed in
            let decision = try spent.measuring {
                try core.decide(state, .intervalStarting(index: index, observed: observed))
            }
            state = decision.state
            return (decision.plan, spent.takeSeconds())
        } progress: { _ in
            bench.progress.advanced(name)
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
