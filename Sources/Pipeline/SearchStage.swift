import Dispatch
import Foundation
import Profiling
import Quantities
import Scheduling
import Store
import Vocabulary

/// Searches the best schedule of every model on every server type, and keeps each outcome as it comes.
public struct SearchStage: Sendable {
    /// What a stage came to.
    public struct Summary: Sendable {
        /// Pairs searched now.
        public let searched: Int
        /// Pairs whose outcome was in the database.
        public let reused: Int
        /// Models that could not be searched on this machine for want of measurements.
        public let notProfiled: [ModelID]
    }

    private let bench: Workbench
    private let method: any SearchMethod
    private let keys: SearchKeys

    /// - Throws: `PipelineError.unknownName` where the scenario names no built-in method.
    public init(_ bench: Workbench) throws {
        self.bench = bench
        let name = bench.scenario.search.method
        guard let method = SearchMethods.named(name) else {
            throw PipelineError.unknownName(
                kind: "search method", found: name, known: SearchMethods.all.map(\.name))
        }
        self.method = method
        keys = SearchKeys(bench)
    }

    /// Searches what has not been searched yet.
    ///
    /// Modelled pairs are spread over the processors. Pairs of this machine come last and alone, because their winners
    /// are confirmed under live load.
    /// - Parameter confirmation: checks winners on this machine live; nil leaves them as simulated.
    public func run(confirmation: LiveConfirmation? = nil) throws -> Summary {
        let scenario = bench.scenario
        let thisHost = bench.thisHost
        let pairs = scenario.models.flatMap { model in bench.modelledTypes.map { (model, $0) } }
        let streams = Dictionary(
            scenario.models.map {
                (
                    $0.id,
                    QueryStream(sizes: $0.querySizes, count: scenario.search.queries, seed: scenario.seed)
                )
            }
        ) { first, _ in first }
        let units = pairs.count + (thisHost == nil ? 0 : scenario.models.count)
        bench.progress.stageBegan("search", units: units, expected: nil)
        let tally = Tally()
        DispatchQueue.concurrentPerform(iterations: pairs.count) { index in
            guard !tally.hasFailed, let stream = streams[pairs[index].0.id] else { return }
            do {
                let (model, type) = pairs[index]
                let wasStored = try searchModelled(model, on: type, stream)
                tally.count(reused: wasStored)
                bench.progress.advanced("\(model.id) on \(type.id)\(wasStored ? " (stored)" : "")")
            } catch {
                tally.fail(error)
            }
        }
        try tally.throwIfFailed()

        var notProfiled: [ModelID] = []
        if let thisHost {
            for model in scenario.models {
                guard let stream = streams[model.id] else { continue }
                let cells = try keys.measuredCells(of: model, on: thisHost)
                guard !cells.isEmpty else {
                    notProfiled.append(model.id)
                    continue
                }
                let wasStored = try searchMeasured(cells, model, on: thisHost, stream, confirmation)
                tally.count(reused: wasStored)
                bench.progress.advanced("\(model.id) on \(thisHost.id)\(wasStored ? " (stored)" : "")")
            }
        }
        bench.progress.stageEnded("searched \(tally.searched) pairs, \(tally.reused) were stored")
        return Summary(searched: tally.searched, reused: tally.reused, notProfiled: notProfiled)
    }

    private func searchModelled(_ model: Model, on type: ServerType, _ stream: QueryStream) throws -> Bool {
        let key = try keys.modelled(model, type)
        if try bench.store.searchOutcome(for: key) != nil { return true }
        let evaluator = try ScheduleEvaluator(
            modelling: type, running: model, batches: bench.scenario.search.batches,
            throughput: throughput(for: model, stream))
        try save(search(model, type, evaluator), key)
        return false
    }

    private func searchMeasured(
        _ cells: [StoredMeasurement], _ model: Model, on type: ServerType, _ stream: QueryStream,
        _ confirmation: LiveConfirmation?
    ) throws -> Bool {
        // A confirmed outcome of the same measurements says more than a new simulation would.
        if try keys.stored(model, type, cells: cells, isConfirmed: true) != nil { return true }
        let key = try keys.measured(model, type, cells: cells, isConfirmed: confirmation != nil)
        if try bench.store.searchOutcome(for: key) != nil { return true }
        let evaluator = ScheduleEvaluator(
            measured: cells.map(\.measurement), saturations: try keys.saturations(of: model, on: type),
            on: type, throughput: throughput(for: model, stream))
        var outcome = try search(model, type, evaluator)
        if let confirmation, let entry = outcome.entry {
            let confirmed = try confirmation.confirm(entry, of: model, on: type)
            outcome = SearchOutcome(
                entry: confirmed, model: model.id, serverType: type.id, evaluations: outcome.evaluations,
                path: outcome.path)
        }
        try save(outcome, key)
        return false
    }

    private func search(
        _ model: Model, _ type: ServerType, _ evaluator: ScheduleEvaluator
    ) throws -> SearchOutcome {
        let trail = try method.search(evaluator.space) { try evaluator.evaluate($0) }
        let entry = trail.best.map { best in
            EfficiencyEntry(
                model: model.id, serverType: type.id, target: model.latencyTarget, powerBudget: nil,
                schedule: best.schedule, throughput: best.throughput, power: best.power,
                powerProvenance: .estimated, provenance: best.provenance, method: method.name,
                evaluations: trail.evaluations.count, spaceSize: evaluator.space.count)
        }
        return SearchOutcome(
            entry: entry, model: model.id, serverType: type.id, evaluations: trail.evaluations,
            path: trail.path)
    }

    private func throughput(for model: Model, _ stream: QueryStream) -> LatencyBoundedThroughput {
        LatencyBoundedThroughput(
            target: model.latencyTarget, powerBudget: nil, stream: stream, seed: bench.scenario.seed)
    }

    private func save(_ outcome: SearchOutcome, _ key: SearchKey) throws {
        try bench.store.save(
            outcome, key: key, toolVersion: toolVersion, atUnixSeconds: Workbench.now, run: bench.run)
    }
}

/// Counts what several threads have done, and keeps the first error.
private final class Tally: @unchecked Sendable {
    private let lock = NSLock()
    private var counts = (searched: 0, reused: 0)
    private var failure: (any Error)?

    var searched: Int { lock.withLock { counts.searched } }
    var reused: Int { lock.withLock { counts.reused } }
    var hasFailed: Bool { lock.withLock { failure != nil } }

    func count(reused: Bool) {
        lock.withLock {
            if reused { counts.reused += 1 } else { counts.searched += 1 }
        }
    }

    func fail(_ error: any Error) {
        lock.withLock { failure = failure ?? error }
    }

    func throwIfFailed() throws {
        if let failure = lock.withLock({ failure }) { throw failure }
    }
}
