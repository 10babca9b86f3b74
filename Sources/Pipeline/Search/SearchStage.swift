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

    private let session: Session
    private let method: any SearchMethod
    private let keys: SearchKeys
    private let request: SearchRequest

    /// - Throws: `PipelineError.unknownName` where the scenario names no built-in method.
    public init(_ session: Session, request: SearchRequest = SearchRequest()) throws {
        self.session = session
        self.request = request
        let name = session.scenario.search.method
        guard let method = SearchMethods.named(name) else {
            throw PipelineError.unknownName(
                kind: "search method", found: name, known: SearchMethods.names)
        }
        self.method = method
        keys = SearchKeys(session)
    }

    /// Searches what has not been searched to its end yet.
    ///
    /// Pairs of other types, modelled or measured elsewhere, are spread over the processors. Pairs of this
    /// machine come last and alone, because their winners are confirmed under live load. The targets and
    /// budgets of one pair share their simulations, and each starts where the ones before ended.
    /// - Parameter confirmation: checks winners on this machine live; nil leaves them as simulated.
    public func run(confirmation: LiveConfirmation? = nil) throws -> Summary {
        try session.importFigures()
        let scenario = session.scenario
        let thisHost = session.thisHost
        let pairs = scenario.models.flatMap { model in
            session.otherTypes.map { (model: model, type: $0) }
        }
        let units = pairs.count + (thisHost == nil ? 0 : scenario.models.count)
        session.progress.stageBegan("search", units: units, expected: nil)
        let clock = SearchClock(
            time: request.time,
            searches: units * (scenario.models.first.map { request.problems(of: $0).count } ?? 1),
            lanes: ProcessInfo.processInfo.activeProcessorCount)
        var tallies = try pairs.concurrentMap { try search($0.model, on: $0.type, clock, nil) }
        if let thisHost {
            for model in scenario.models {
                tallies.append(try search(model, on: thisHost, clock, confirmation))
            }
        }
        return conclude(tallies)
    }

    /// Says what the searches of all pairs came to.
    private func conclude(_ tallies: [PairTally]) -> Summary {
        let unknown = tallies.filter { $0.lack == .importing }.map { "(\($0.model), \($0.type))" }
        if !unknown.isEmpty {
            session.progress.note(
                "no figure is known of \(unknown.sorted().joined(separator: ", ")): left out")
        }
        let summary = Summary(
            searched: tallies.reduce(0) { $0 + $1.searched }, reused: tallies.reduce(0) { $0 + $1.reused },
            notProfiled: tallies.filter { $0.lack == .profiling }.map(\.model),
            evaluations: tallies.reduce(0) { $0 + $1.evaluations }, isInterrupted: request.isInterrupted())
        session.progress.stageEnded(
            "searched \(summary.searched) pairs, \(summary.reused) were stored"
                + (summary.isInterrupted ? "; stopped, the same command goes on from here" : ""))
        return summary
    }

    /// Searches one pair by what is known of it.
    private func search(
        _ model: Model, on type: ServerType, _ clock: SearchClock, _ confirmation: LiveConfirmation?
    ) throws -> PairTally {
        var tally = PairTally(model: model.id, type: type.id)
        guard !request.isInterrupted() else { return tally }
        let wasStored: Bool
        switch try session.evidence.of(model, on: type) {
        case .measuredHere(let cells), .measuredElsewhere(let cells):
            wasStored = try searchMeasured(cells, model, on: type, &tally, clock, confirmation)
        case .imported(let figures): wasStored = try takeImported(figures, model, on: type, &tally)
        case .modelled:
            guard let server = ServerModelFamilies.make(model, on: type, session.serverModelSettings) else {
                tally.lack = .importing
                return tally
            }
            wasStored = try searchModelled(server, &tally, clock)
        case .nothing(let remedy):
            tally.lack = remedy
            if let failure = try session.store.failures(of: model, on: type).first {
                session.progress.note(
                    "\(failure.schedule): \(failure.message); nothing measured of \(model.id) counts until "
                        + "that cell is measured")
            }
            if remedy == .profiling { return tally }
            wasStored = true
        }
        session.progress.advanced("\(model.id) on \(type.id)\(wasStored ? " (stored)" : "")")
        return tally
    }

    /// Makes the entries of a pair from what others measured of it.
    /// - Returns: whether everything was stored.
    private func takeImported(
        _ figures: [ImportedFigure], _ model: Model, on type: ServerType, _ tally: inout PairTally
    ) throws -> Bool {
        let efficiency = ImportedEfficiency(model: model, serverType: type)
        var isStored = true
        for (target, budget) in request.problems(of: model) {
            let key = try keys.imported(model, type, figures: figures, target: target, powerBudget: budget)
            let memo = Memo<SearchKey, SearchOutcome>(
                key, find: { try session.store.searchOutcome(for: $0)?.outcome }, keep: session.recorder.save)
            let wasStored = try memo.outcome {
                efficiency.outcome(of: figures, target: target, powerBudget: budget)
            }.wasStored
            if wasStored { tally.reused += 1 } else { tally.searched += 1 }
            isStored = isStored && wasStored
        }
        return isStored
    }

    /// - Returns: whether everything was stored.
    private func searchModelled(
        _ server: any ServerModel, _ tally: inout PairTally, _ clock: SearchClock
    ) throws -> Bool {
        var starts: [Schedule] = []
        var isStored = true
        for (target, budget) in request.problems(of: server.model) {
            let key = try keys.modelled(server, target: target, powerBudget: budget)
            if let stored = try session.store.searchOutcome(for: key), stored.outcome.stop.isFinal {
                takeUp(stored, &starts, &tally)
                continue
            }
            if request.isInterrupted() { return false }
            isStored = false
            let outcome = try search(key, server, starts: starts, &tally, clock)
            if let best = outcome.entry?.schedule { starts.append(best) }
            try session.recorder.save(outcome, as: key)
        }
        return isStored
    }

    private func searchMeasured(
        _ cells: MeasuredCells, _ model: Model, on type: ServerType, _ tally: inout PairTally,
        _ clock: SearchClock,
        _ confirmation: LiveConfirmation?
    ) throws -> Bool {
        var starts: [Schedule] = []
        var isStored = true
        // Made once for all targets, and not where every outcome is stored.
        lazy var server = Result {
            MeasuredServerModel(
                model, on: type, cells: cells.loaded.map(\.measurement), saturations: try cells.saturations(),
                settings: session.serverModelSettings)
        }
        for (target, budget) in request.problems(of: model) {
            // Live checks compare a rate with the model's own target.
            let confirmation = request.isPlain ? confirmation : nil
            // A confirmed outcome of the same measurements says more than a new simulation would.
            if let confirmed = try keys.stored(
                model, type, cells: cells.loaded, isConfirmed: true, target: target, powerBudget: budget)
            {
                takeUp(confirmed, &starts, &tally)
                continue
            }
            let key = try keys.measured(
                model, type, cells: cells.loaded, isConfirmed: confirmation != nil, target: target,
                powerBudget: budget)
            if let stored = try session.store.searchOutcome(for: key), stored.outcome.stop.isFinal {
                takeUp(stored, &starts, &tally)
                continue
            }
            isStored = false
            // Only what a search found unconfirmed may be taken up again.
            let searchKey = try keys.measured(
                model, type, cells: cells.loaded, isConfirmed: false, target: target, powerBudget: budget)
            var outcome = try search(searchKey, server.get(), starts: starts, &tally, clock)
            try session.recorder.save(outcome, as: searchKey)
            if let best = outcome.entry?.schedule { starts.append(best) }
            guard let confirmation, outcome.stop != .interrupted else { continue }
            var isDecided = true
            if let entry = outcome.entry {
                let confirmed = try confirmation.decide(
                    entry, among: outcome.evaluations, of: model, on: type)
                isDecided = confirmed.isDecided
                outcome = SearchOutcome(
                    entry: confirmed.entry, model: model.id, serverType: type.id,
                    evaluations: outcome.evaluations, path: outcome.path, stop: outcome.stop)
            }
            // That nothing is feasible needs no load to be confirmed, and is kept under the same key. What
            // disturbed runs could not decide stays open, so that the next search checks it.
            try session.recorder.save(outcome, as: isDecided ? key : searchKey)
        }
        return isStored
    }

    /// Counts an outcome of the database, whose best schedule is a place to start from.
    private func takeUp(_ stored: StoredSearch, _ starts: inout [Schedule], _ tally: inout PairTally) {
        tally.reused += 1
        if let best = stored.outcome.entry?.schedule { starts.append(best) }
    }

    /// Runs the method, and stores each evaluation as it is made.
    private func search(
        _ key: SearchKey, _ server: any ServerModel, starts: [Schedule], _ tally: inout PairTally,
        _ clock: SearchClock
    ) throws -> SearchOutcome {
        let limits = ServiceLimits(target: key.target, powerBudget: key.powerBudget)
        let problem = SearchProblem(server, within: limits, starts: starts, seed: session.scenario.seed)
        func entry(_ best: ScheduleEvaluation, tried: Int) -> EfficiencyEntry {
            EfficiencyEntry(
                model: key.model.id, serverType: key.serverType.id, target: key.target,
                powerBudget: key.powerBudget, schedule: best.schedule, throughput: best.throughput,
                power: best.power, powerProvenance: .estimated, provenance: best.provenance,
                method: method.name, evaluations: tried, spaceSize: problem.space.count)
        }
        let began = try session.recorder.begin(key)
        var known = began.known
        let deadline = clock.begin()
        let isInterrupted = request.isInterrupted
        let budget = SearchBudget(evaluations: request.evaluations) {
            if isInterrupted() { return .interrupted }
            return deadline.map { ContinuousClock.now >= $0 } == true ? .seconds : nil
        }
        var best = SearchTrail(evaluations: known, path: []).best
        var made = 0
        defer { tally.evaluations += made }
        let trail = try method.search(
            problem, budget: budget, known: known,
            observe: { evaluation in
                known.append(evaluation)
                made += 1
                let isBest =
                    evaluation.throughput > .zero && evaluation.throughput >= (best?.throughput ?? .zero)
                if isBest { best = evaluation }
                let entry = isBest ? entry(evaluation, tried: known.count) : nil
                try session.recorder.append(evaluation, at: known.count - 1, best: entry, to: began.id)
            },
            evaluate: { try server.evaluate($0, within: limits) })
        tally.searched += 1
        return SearchOutcome(
            entry: trail.best.map { entry($0, tried: trail.evaluations.count) }, model: key.model.id,
            serverType: key.serverType.id, evaluations: trail.evaluations, path: trail.path, stop: trail.stop)
    }
}

extension SearchStage {
    /// The best schedule of a model on a server type that can be computed, within the model's own target.
    /// Nothing is stored.
    /// - Returns: nil where nothing can be computed or no schedule keeps the target.
    func best(of model: Model, on type: ServerType) throws -> ScheduleEvaluation? {
        guard let server = ServerModelFamilies.make(model, on: type, session.serverModelSettings) else {
            return nil
        }
        return try best(of: server, within: [model.latencyTarget])[0]
    }

    /// The best schedules of a server within several targets; what is found within one is where the search
    /// within the next begins. Nothing is stored.
    /// - Returns: by target, nil where no schedule keeps it.
    func best(of server: any ServerModel, within targets: [LatencyTarget]) throws -> [ScheduleEvaluation?] {
        var starts: [Schedule] = []
        return try targets.map { target in
            let limits = ServiceLimits(target: target, powerBudget: nil)
            let problem = SearchProblem(
                server, within: limits, starts: starts, seed: session.scenario.seed)
            let best = try method.search(
                problem, budget: .unlimited, known: [], observe: { _ in },
                evaluate: { try server.evaluate($0, within: limits) }
            ).best
            if let best { starts = [best.schedule] }
            return best
        }
    }
}

/// What the search of one pair came to.
private struct PairTally: Sendable {
    let model: ModelID
    let type: ServerTypeID
    /// Searches made or taken up now.
    var searched = 0
    /// Searches whose outcome was in the database.
    var reused = 0
    var evaluations = 0
    /// What is missing where nothing is known of the pair.
    var lack: PairEvidence.Remedy?
}

extension SearchStage.Summary {
    /// - Throws: `PipelineError.notProfiled` where models on this machine were left out for want of
    ///   measurements.
    public func requireProfiled(on session: Session) throws {
        guard let type = session.thisHost, !notProfiled.isEmpty else { return }
        throw PipelineError.notProfiled(models: notProfiled, serverType: type.id)
    }
}
