import Quantities
import Store
import Vocabulary

extension Workbench {
    /// The efficiency entries of every model on every type of the fleet.
    ///
    /// A pair whose search found no feasible schedule is in the table with a throughput of zero: it is known that the
    /// type cannot serve the model.
    /// - Throws: `PipelineError.notSearched` that names pairs without any search; nothing is guessed.
    public func efficiencyTable() throws -> EfficiencyTable { try efficiencyTable(of: searches()) }

    /// The same from searches that have been read already.
    func efficiencyTable(of searches: [StoredSearch]) throws -> EfficiencyTable {
        let found = Set(searches.map { Pair(model: $0.outcome.model, serverType: $0.outcome.serverType) })
        let missing = scenario.models.map(\.id).sorted().flatMap { model in
            scenario.serverTypes.filter { (scenario.fleet.counts[$0.id] ?? 0) > 0 }
                .filter { !found.contains(Pair(model: model, serverType: $0.id)) }
                .map { "(\(model), \($0.id))" }
        }
        guard missing.isEmpty else {
            throw PipelineError.notSearched(pairs: Array(missing.prefix(4)), count: missing.count)
        }
        let idle = idlePowers
        return EfficiencyTable(
            searches.compactMap { search in
                search.outcome.entry ?? search.unservable(idle: idle[search.outcome.serverType])
            })
    }

    /// The stored searches of the scenario as it stands, ordered by model, then server type. Pairs that have not been
    /// searched are left out.
    public func searches() throws -> [StoredSearch] {
        let keys = SearchKeys(self)
        return try scenario.models.sorted { $0.id < $1.id }.flatMap { model in
            try scenario.serverTypes.sorted { $0.id < $1.id }.compactMap { try keys.stored(model, $0) }
        }
    }

    /// Power of a server of each type with nothing running.
    public var idlePowers: [ServerTypeID: Watts] {
        Dictionary(scenario.serverTypes.map { ($0.id, $0.power.idle) }) { first, _ in first }
    }

    private struct Pair: Hashable {
        let model: ModelID
        let serverType: ServerTypeID
    }
}

extension StoredSearch {
    /// An entry that says "cannot serve", with the first schedule tried standing for all of them.
    fileprivate func unservable(idle: Watts?) -> EfficiencyEntry? {
        guard let idle, let tried = outcome.evaluations.first else { return nil }
        return EfficiencyEntry(
            model: outcome.model, serverType: outcome.serverType, target: target, powerBudget: powerBudget,
            schedule: tried.schedule, throughput: .zero, power: idle, powerProvenance: .estimated,
            provenance: tried.provenance, method: method, evaluations: outcome.evaluations.count,
            spaceSize: outcome.evaluations.count)
    }
}
