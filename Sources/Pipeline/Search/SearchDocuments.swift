import Quantities
import Reporting
import Scheduling
import ServerModels
import Store
import Vocabulary

extension ReportStage {
    /// Whether a search found that some pair has no feasible schedule.
    public func hasInfeasiblePairs(_ request: SearchRequest = SearchRequest()) throws -> Bool {
        try stored(request.problems).joined().contains {
            $0.search.outcome.entry == nil && $0.search.outcome.stop.isFinal
        }
    }

    /// The server types of each model, by what they are worth.
    public func ranking(as rendering: Rendering) throws -> String {
        let prices = Dictionary(
            session.scenario.serverTypes.compactMap { type in type.pricePerHour.map { (type.id, $0) } },
            uniquingKeysWith: { first, _ in first })
        let outputTokens = Dictionary(
            session.scenario.models.compactMap { model in
                model.service.map { (model.id, $0.meanTokens.output) }
            }, uniquingKeysWith: { first, _ in first })
        let report = foot(
            RankReport(
                entries: try session.searches().compactMap(\.outcome.entry), prices: prices,
                outputTokens: outputTokens))
        return rendering.render(report) { JSONRenderer().render(report) }
    }

    /// What a search on this machine came to.
    public func live(
        _ found: [(model: ModelID, choices: [LiveChoice])], as rendering: Rendering
    ) -> String {
        let report = foot(LiveSearchReport(found))
        return rendering.render(report) {
            SearchJSON(entries: found.flatMap { $0.choices.compactMap(\.live) }).text
        }
    }

    /// What each pair does under every target and budget of a request.
    public func frontier(_ request: SearchRequest, as rendering: Rendering) throws -> String {
        let found = try stored(request.problems).flatMap { $0 }
        let points = found.map(\.point)
        let missed = found.map(\.search).filter { $0.outcome.entry == nil && $0.outcome.stop.isFinal }
        let report = foot(FrontierReport(points: points, reasons: try reasons(missed)))
        return rendering.render(report) {
            SearchJSON(entries: points.compactMap(\.outcome.entry)).text
        }
    }

    /// What pairs that were searched under several targets or budgets do under each; empty where none was.
    func frontier() throws -> [FrontierPoint] {
        let limits = try session.store.searchLimits()
        return try stored { limits[$0.id] ?? [] }.filter { $0.count > 1 }.flatMap { $0.map(\.point) }
    }

    /// What each built-in method that has been tried found for the scenario's pairs.
    func rivals() throws -> [RivalSearch] {
        let tried = try session.store.searchMethods()
        return try SearchMethods.names.filter(tried.contains).flatMap { name -> [RivalSearch] in
            var other = session
            other.scenario.search.method = name
            return try other.searches().map { RivalSearch(method: name, outcome: $0.outcome) }
        }
    }

    /// Why the pairs among these searches that have no feasible schedule have none.
    func reasons(_ searches: [StoredSearch]) throws -> [Infeasibility] {
        // Of a pair that rests on imported figures nothing more is known than that none of them meets the
        // target.
        return searches.filter {
            $0.outcome.entry == nil && $0.outcome.stop.isFinal && $0.method != ImportedEfficiency.method
        }.flatMap { search -> [Infeasibility] in
            guard let model = session.scenario.models.first(where: { $0.id == search.outcome.model }),
                let type = session.scenario.serverTypes.first(where: { $0.id == search.outcome.serverType })
            else { return [] }
            let server = ServerModelFamilies.make(model, on: type, session.serverModelSettings)
            return server?.infeasibilities(
                within: ServiceLimits(target: search.target, powerBudget: search.powerBudget)) ?? []
        }
    }

    /// The stored searches of each pair under the targets and budgets asked for, those of one pair together.
    private func stored(
        _ problems: (Model) -> [(target: LatencyTarget, powerBudget: Watts?)]
    ) throws -> [[(search: StoredSearch, point: FrontierPoint)]] {
        let keys = SearchKeys(session)
        return try session.scenario.models.sorted { $0.id < $1.id }.flatMap { model in
            let own = problems(model)
            return try session.scenario.serverTypes.sorted { $0.id < $1.id }.map { type in
                try own.compactMap { target, budget in
                    try keys.stored(model, type, target: target, powerBudget: budget).map {
                        let point = FrontierPoint(
                            outcome: $0.outcome, target: target, powerBudget: budget, spaceSize: nil)
                        return ($0, point)
                    }
                }
            }
        }
    }
}
