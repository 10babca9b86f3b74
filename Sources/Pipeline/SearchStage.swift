import Dispatch
import Foundation
import Profiling
import Quantities
import Scheduling
import ServerModels
import Store
import Vocabulary

/// Searches the best schedule of every model on every server type, and keeps each evaluation as it comes.
public struct SearchStage: Sendable {
    /// What a stage came to.
    public struct Summary: Sendable {
        /// Searches made or taken up now.
        public let searched: Int
        /// Searches whose outcome was in the database.
        public let reused: Int
        /// Models that could not be searched on this machine for want of measurements.
        public let notProfiled: [ModelID]
        /// Evaluations made now, and the simulated runs behind them.
        public let evaluations: Int
        public let isInterrupted: Bool
    }

    private let bench: Workbench
    private let method: any SearchMethod
    private let keys: SearchKeys
    private let request: SearchRequest

    /// - Throws: `PipelineError.unknownName` where the scenario names no built-in method.
    public init(_ bench: Workbench, request: SearchRequest = SearchRequest()) throws {
        self.bench = bench
        self.request = request
        let name = bench.scenario.search.method
        guard let method = SearchMethods.named(name) else {
            throw PipelineError.unknownName(
                kind: "search method", found: name, known: SearchMethods.names)
        }
        self.method = method
        keys = SearchKeys(bench)
    }

    /// Searches what has not been searched to its end yet.
    ///
    /// Pairs of other types, modelled or measured elsewhere, are spread over the processors. Pairs of this
    /// machine come last and alone, because their winners are confirmed under live load. The targets and
    /// budgets of one pair share their simulations, and each starts where the ones before ended.
    /// - Parameter confirmation: checks winners on this machine live; nil leaves them as simulated.
    public func run(confirmation: LiveConfirmation? = nil) throws -> Summary {
        try bench.importFigures()
        let scenario = bench.scenario
        let thisHost = bench.thisHost
        let pairs = scenario.models.flatMap { model in bench.modelledTypes.map { (model, $0) } }
        let units = pairs.count + (thisHost == nil ? 0 : scenario.models.count)
        bench.progress.stageBegan("search", units: units, expected: nil)
        let tally = Tally()
        let clock = SearchClock(
            seconds: request.seconds,
            searches: units * (scenario.models.first.map { request.problems(of: $0).count } ?? 1),
            lanes: ProcessInfo.processInfo.activeProcessorCount)
        DispatchQueue.concurrentPerform(iterations: pairs.count) { index in
            guard !tally.hasFailed, !request.isInterrupted() else { return }
            do {
                let (model, type) = pairs[index]
                // What a job measured on a host of that type comes before what is modelled of it.
                let cells = try keys.measuredCells(of: model, on: type)
                let figures = cells.isEmpty ? try keys.figures(of: model, on: type) : []
                let wasStored: Bool
                if !cells.isEmpty {
                    wasStored = try searchMeasured(cells, model, on: type, tally, clock, nil)
                } else if !figures.isEmpty {
                    wasStored = try takeImported(figures, model, on: type, tally)
                } else if let server = ServerModelFamilies.make(model, on: type, bench.serverModelSettings) {
                    wasStored = try searchModelled(server, tally, clock)
                } else {
                    // Neither measured nor imported, and too little is known of the model to compute it.
                    tally.noFigure(of: "(\(model.id), \(type.id))")
                    wasStored = true
                }
                bench.progress.advanced("\(model.id) on \(type.id)\(wasStored ? " (stored)" : "")")
            } catch {
                tally.fail(error)
            }
        }
        try tally.throwIfFailed()

        var notProfiled: [ModelID] = []
        if let thisHost {
            for model in scenario.models where !request.isInterrupted() {
                let cells = try keys.measuredCells(of: model, on: thisHost)
                guard !cells.isEmpty else {
                    notProfiled.append(model.id)
                    continue
                }
                let wasStored = try searchMeasured(cells, model, on: thisHost, tally, clock, confirmation)
                bench.progress.advanced("\(model.id) on \(thisHost.id)\(wasStored ? " (stored)" : "")")
            }
        }
        if !tally.withoutFigure.isEmpty {
            bench.progress.note(
                "no figure is known of \(tally.withoutFigure.sorted().joined(separator: ", ")): left out")
        }
        let summary = Summary(
            searched: tally.searched, reused: tally.reused, notProfiled: notProfiled,
            evaluations: tally.evaluations, isInterrupted: request.isInterrupted())
        bench.progress.stageEnded(
            "searched \(summary.searched) pairs, \(summary.reused) were stored"
                + (summary.isInterrupted ? "; stopped, the same command goes on from here" : ""))
        return summary
    }

    /// Makes the entries of a pair from what others measured of it.
    /// - Returns: whether everything was stored.
    private func takeImported(
        _ figures: [ImportedFigure], _ model: Model, on type: ServerType, _ tally: Tally
    ) throws -> Bool {
        let efficiency = ImportedEfficiency(model: model, serverType: type)
        var isStored = true
        for (target, budget) in request.problems(of: model) {
            let key = try keys.imported(model, type, figures: figures, target: target, powerBudget: budget)
            if try bench.store.searchOutcome(for: key) != nil {
                tally.count(reused: true)
                continue
            }
            isStored = false
            try save(efficiency.outcome(of: figures, target: target, powerBudget: budget), key)
            tally.count(reused: false)
        }
        return isStored
    }

    /// - Returns: whether everything was stored.
    private func searchModelled(
        _ server: any ServerModel, _ tally: Tally, _ clock: SearchClock
    ) throws -> Bool {
        var starts: [Schedule] = []
        var isStored = true
        for (target, budget) in request.problems(of: server.model) {
            let key = try keys.modelled(server, target: target, powerBudget: budget)
            if let stored = try bench.store.searchOutcome(for: key), stored.outcome.stop.isFinal {
                takeUp(stored, &starts, tally)
                continue
            }
            if request.isInterrupted() { return false }
            isStored = false
            let outcome = try search(key, server, starts: starts, tally, clock)
            if let best = outcome.entry?.schedule { starts.append(best) }
            try save(outcome, key)
        }
        return isStored
    }

    private func searchMeasured(
        _ cells: [StoredMeasurement], _ model: Model, on type: ServerType, _ tally: Tally,
        _ clock: SearchClock,
        _ confirmation: LiveConfirmation?
    ) throws -> Bool {
        var starts: [Schedule] = []
        var isStored = true
        // Made once for all targets, and not where every outcome is stored.
        lazy var server = Result {
            MeasuredServerModel(
                model, on: type, cells: cells.map(\.measurement),
                saturations: try keys.saturations(of: model, on: type), settings: bench.serverModelSettings)
        }
        for (target, budget) in request.problems(of: model) {
            // Live checks hold a rate against the model's own target.
            let confirmation = request.isPlain ? confirmation : nil
            // A confirmed outcome of the same measurements says more than a new simulation would.
            if let confirmed = try keys.stored(
                model, type, cells: cells, isConfirmed: true, target: target, powerBudget: budget)
            {
                takeUp(confirmed, &starts, tally)
                continue
            }
            let key = try keys.measured(
                model, type, cells: cells, isConfirmed: confirmation != nil, target: target,
                powerBudget: budget)
            if let stored = try bench.store.searchOutcome(for: key), stored.outcome.stop.isFinal {
                takeUp(stored, &starts, tally)
                continue
            }
            isStored = false
            // Only what a search found unconfirmed may be taken up again.
            let searchKey = try keys.measured(
                model, type, cells: cells, isConfirmed: false, target: target, powerBudget: budget)
            var outcome = try search(searchKey, server.get(), starts: starts, tally, clock)
            try save(outcome, searchKey)
            if let best = outcome.entry?.schedule { starts.append(best) }
            guard let confirmation, outcome.stop != .interrupted else { continue }
            if let entry = outcome.entry {
                let confirmed = try confirmation.confirm(entry, of: model, on: type)
                outcome = SearchOutcome(
                    entry: confirmed, model: model.id, serverType: type.id, evaluations: outcome.evaluations,
                    path: outcome.path, stop: outcome.stop)
            }
            // That nothing is feasible needs no load to be confirmed, and is kept under the same key.
            try save(outcome, key)
        }
        return isStored
    }

    /// Counts an outcome of the database, whose best schedule is a place to start from.
    private func takeUp(_ stored: StoredSearch, _ starts: inout [Schedule], _ tally: Tally) {
        tally.count(reused: true)
        if let best = stored.outcome.entry?.schedule { starts.append(best) }
    }

    /// Runs the method, and stores each evaluation as it is made.
    private func search(
        _ key: SearchKey, _ server: any ServerModel, starts: [Schedule], _ tally: Tally, _ clock: SearchClock
    ) throws -> SearchOutcome {
        let limits = ServiceLimits(target: key.target, powerBudget: key.powerBudget)
        let problem = SearchProblem(server, within: limits, starts: starts, seed: bench.scenario.seed)
        func entry(_ best: ScheduleEvaluation, tried: Int) -> EfficiencyEntry {
            EfficiencyEntry(
                model: key.model.id, serverType: key.serverType.id, target: key.target,
                powerBudget: key.powerBudget, schedule: best.schedule, throughput: best.throughput,
                power: best.power, powerProvenance: .estimated, provenance: best.provenance,
                method: method.name, evaluations: tried, spaceSize: problem.space.count)
        }
        let began = try bench.store.beginSearch(
            for: key, toolVersion: toolVersion, atUnixSeconds: Workbench.now, run: bench.run)
        var known = began.known
        let deadline = clock.begin()
        let isInterrupted = request.isInterrupted
        let budget = SearchBudget(evaluations: request.evaluations) {
            if isInterrupted() { return .interrupted }
            return deadline.map { ContinuousClock.now >= $0 } == true ? .seconds : nil
        }
        var best = SearchTrail(evaluations: known, path: []).best
        let trail = try method.search(
            problem, budget: budget, known: known,
            observe: { evaluation in
                known.append(evaluation)
                tally.countEvaluation()
                let isBest =
                    evaluation.throughput > .zero && evaluation.throughput >= (best?.throughput ?? .zero)
                if isBest { best = evaluation }
                let entry = isBest ? entry(evaluation, tried: known.count) : nil
                try bench.store.append(evaluation, at: known.count - 1, best: entry, to: began.id)
            },
            evaluate: { try server.evaluate($0, within: limits) })
        tally.count(reused: false)
        return SearchOutcome(
            entry: trail.best.map { entry($0, tried: trail.evaluations.count) }, model: key.model.id,
            serverType: key.serverType.id, evaluations: trail.evaluations, path: trail.path, stop: trail.stop)
    }

    private func save(_ outcome: SearchOutcome, _ key: SearchKey) throws {
        try bench.store.save(
            outcome, key: key, toolVersion: toolVersion, atUnixSeconds: Workbench.now, run: bench.run)
    }
}

/// Counts what several threads have done, and keeps the first error.
private final class Tally: @unchecked Sendable {
    private let lock = NSLock()
    private var counts = (searched: 0, reused: 0, evaluations: 0)
    private var unknownPairs: [String] = []
    private var failure: (any Error)?

    var searched: Int { lock.withLock { counts.searched } }
    var reused: Int { lock.withLock { counts.reused } }
    var evaluations: Int { lock.withLock { counts.evaluations } }
    var hasFailed: Bool { lock.withLock { failure != nil } }

    /// Pairs of which nothing is known.
    var withoutFigure: [String] { lock.withLock { unknownPairs } }

    func noFigure(of pair: String) { lock.withLock { unknownPairs.append(pair) } }

    func count(reused: Bool) {
        lock.withLock {
            if reused { counts.reused += 1 } else { counts.searched += 1 }
        }
    }

    func countEvaluation() { lock.withLock { counts.evaluations += 1 } }

    func fail(_ error: any Error) {
        lock.withLock { failure = failure ?? error }
    }

    func throwIfFailed() throws {
        if let failure = lock.withLock({ failure }) { throw failure }
    }
}
