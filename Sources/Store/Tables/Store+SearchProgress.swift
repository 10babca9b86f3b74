import GRDB
import Quantities
import Vocabulary

extension Store {
    /// Opens a search that will be filled evaluation by evaluation, so that whatever ends it, what it has
    /// found stays.
    ///
    /// A search of the same key that had not come to its end is taken up: its evaluations come back and
    /// count.
    /// - Returns: the search, and what an earlier attempt has evaluated, in order.
    public func beginSearch(
        for key: SearchKey, toolVersion: String, atUnixSeconds: Int64, run: RecordID<StoredRun>? = nil
    ) throws(StoreError) -> (id: RecordID<SearchOutcome>, known: [ScheduleEvaluation]) {
        if let earlier = try searchOutcome(for: key) {
            try write { database in
                try database.execute(
                    sql: "UPDATE search SET stop = 'running' WHERE id = ?", arguments: [earlier.id.number])
                try OutcomeDigests(database).unseal("search", earlier.id.number)
            }
            return (earlier.id, earlier.outcome.evaluations)
        }
        let empty = SearchOutcome(
            entry: nil, model: key.model.id, serverType: key.serverType.id, evaluations: [], path: [],
            stop: .running)
        let id = try save(empty, key: key, toolVersion: toolVersion, atUnixSeconds: atUnixSeconds, run: run)
        return (id, [])
    }

    /// Adds one evaluation to a search that is under way, and the entry that is the best from now on.
    /// - Parameter entry: nil leaves the search's entry as it is.
    public func append(
        _ evaluation: ScheduleEvaluation, at position: Int, best entry: EfficiencyEntry?,
        to id: RecordID<SearchOutcome>
    ) throws(StoreError) {
        try write { database in
            try SearchRow.insert(evaluation, at: position, of: id, into: database)
            guard let entry else { return }
            try database.execute(sql: "DELETE FROM efficiency WHERE search_id = ?", arguments: [id.number])
            try SearchRow.insert(entry, of: id, into: database)
        }
    }

    /// The names of all methods that have searched.
    public func searchMethods() throws(StoreError) -> Set<String> {
        try read { database in try String.fetchSet(database, sql: "SELECT DISTINCT method FROM search") }
    }

    /// Every latency target and power budget that models were searched under, by name of the model, tightest
    /// first.
    public func searchLimits() throws(StoreError) -> [ModelID: [(target: LatencyTarget, powerBudget: Watts?)]]
    {
        try read { database in
            var limits: [ModelID: [(target: LatencyTarget, powerBudget: Watts?)]] = [:]
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT model.name AS name, target_quantile, target_limit_nanoseconds, \
                    power_budget_watts
                    FROM search JOIN model ON model.id = model_id
                    ORDER BY name, target_quantile, target_limit_nanoseconds, power_budget_watts
                    """)
            for row in rows.map({ StoredRow($0, table: "search", label: "") }) {
                limits[ModelID(try row.text("name")), default: []].append(
                    (
                        LatencyTarget(
                            quantile: try row.quantile("target_quantile"),
                            limit: try row.time("target_limit_nanoseconds")),
                        try row.optionalQuantity("power_budget_watts")
                    ))
            }
            return limits
        }
    }
}
