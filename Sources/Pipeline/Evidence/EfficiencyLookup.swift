import Quantities
import ServerModels
import Store
import Vocabulary

extension Session {
    /// The efficiency entries of every model on every type of the fleet.
    ///
    /// A pair whose search found no feasible schedule is in the table with a throughput of zero: it is known
    /// that the type cannot serve the model. So is a pair of which nobody has published a figure and which
    /// nothing here can compute; its method is `no figure`. A model that has only such pairs is served by
    /// nothing, and does not keep the others from being planned. What a scenario assumes of how far
    /// efficiencies lie apart is in the entries.
    /// - Throws: `PipelineError.notSearched` that names pairs that could be searched and were not,
    ///   `noFigures` where no figure is known of any model, `notAWholeServer` where a schedule takes more or
    ///   less than a server; nothing is guessed.
    public func efficiencyTable() throws -> EfficiencyTable { try efficiencyTable(of: searches()) }

    /// The same from searches that have been read already.
    func efficiencyTable(of searches: [StoredSearch]) throws -> EfficiencyTable {
        // A search that was stopped before it found anything says nothing yet.
        let searches = searches.filter { $0.outcome.entry != nil || $0.outcome.stop.isFinal }
        let found = Set(
            searches.map { ModelOnServer(model: $0.outcome.model, serverType: $0.outcome.serverType) })
        let available = scenario.serverTypes.filter { scenario.fleet.hasServers(of: $0.id) }
        let missing = scenario.models.sorted { $0.id < $1.id }.flatMap { model in
            available.filter { !found.contains(ModelOnServer(model: model.id, serverType: $0.id)) }
                .map { (model: model, type: $0) }
        }
        // What can be computed or measured here has to be searched; of the other pairs only others can know.
        // A search takes in the files that the scenario names, so that before one they say nothing yet.
        let isWaiting = try found.isEmpty && namesImportsNotTakenIn()
        let searchable =
            try isWaiting ? missing : missing.filter { try evidence.of($0.model, on: $0.type).isSearchable }
        func named(_ pairs: [(model: Model, type: ServerType)]) -> [String] {
            pairs.prefix(4).map { "(\($0.model.id), \($0.type.id))" }
        }
        guard searchable.isEmpty else {
            throw PipelineError.notSearched(pairs: named(searchable), count: searchable.count)
        }
        guard missing.isEmpty || !found.isEmpty else {
            throw PipelineError.noFigures(
                models: scenario.models.map(\.id).sorted(), pairs: named(missing), count: missing.count)
        }
        let idle = idlePowers
        let entries = searches.compactMap { search in
            search.outcome.entry ?? search.unservable(idle: idle[search.outcome.serverType])
        }
        try entries.requireWholeServers(of: scenario.serverTypes)
        return EfficiencyTable(entries + missing.map { Self.unused($0.model, $0.type) })
            .spread(by: scenario.efficiencySpread ?? 1)
    }

    /// An entry for a pair of which nothing is known: the planner must not use it.
    private static func unused(_ model: Model, _ type: ServerType) -> EfficiencyEntry {
        EfficiencyEntry(
            model: model.id, serverType: type.id, target: model.latencyTarget, powerBudget: nil,
            schedule: .reported(ReportedLoad()), throughput: .zero,
            power: type.power.idle, powerProvenance: .estimated, provenance: .imported,
            method: EfficiencyEntry.unknownMethod,
            evaluations: 0, spaceSize: 0)
    }

    /// The stored searches of the scenario as it stands, ordered by model, then server type. Pairs that have
    /// not been searched are left out.
    public func searches() throws -> [StoredSearch] {
        let keys = SearchKeys(self)
        return try scenario.models.sorted { $0.id < $1.id }.flatMap { model in
            try scenario.serverTypes.sorted { $0.id < $1.id }.compactMap { try keys.stored(model, $0) }
        }
    }

    /// Power of a server of each type with nothing running.
    public var idlePowers: [ServerTypeID: Watts] { scenario.idlePowers }
}

extension Scenario {
    /// Power of a server of each type with nothing running.
    var idlePowers: [ServerTypeID: Watts] {
        Dictionary(serverTypes.map { ($0.id, $0.power.idle) }) { first, _ in first }
    }
}

extension [EfficiencyEntry] {
    /// Plans count whole servers. An entry whose schedule takes some of a server's accelerators is of a
    /// server that is filled with such engines; one that takes several servers would be counted wrongly.
    /// - Throws: `PipelineError.notAWholeServer`.
    package func requireWholeServers(of types: [ServerType]) throws {
        let types = Dictionary(types.map { ($0.id, $0) }) { first, _ in first }
        for entry in self {
            guard let type = types[entry.serverType] else { continue }
            let footprint = entry.schedule.footprint(on: type)
            switch footprint {
            case .servers(1), .accelerators: continue
            case .servers:
                throw PipelineError.notAWholeServer(
                    model: entry.model, serverType: type.id, schedule: entry.schedule, found: footprint)
            }
        }
    }
}

extension StoredSearch {
    /// An entry that says "cannot serve", with the first schedule tried standing for all of them. Where the
    /// model fits in no schedule at all, none was tried and the plainest one stands.
    fileprivate func unservable(idle: Watts?) -> EfficiencyEntry? {
        guard let idle else { return nil }
        let tried = outcome.evaluations.first
        return EfficiencyEntry(
            model: outcome.model, serverType: outcome.serverType, target: target, powerBudget: powerBudget,
            schedule: tried?.schedule ?? Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
            throughput: .zero, power: idle, powerProvenance: .estimated,
            provenance: tried?.provenance ?? .modelled, method: method,
            evaluations: outcome.evaluations.count, spaceSize: outcome.evaluations.count)
    }
}
