import GRDB
import Quantities
import Vocabulary

/// Search outcomes as rows, and back.
enum SearchRow {
    static func insert(
        _ outcome: SearchOutcome, steps: [Int], as id: RecordID<SearchOutcome>, into database: Database
    ) throws {
        if let entry = outcome.entry { try insert(entry, of: id, into: database) }
        for (position, evaluation) in outcome.evaluations.enumerated() {
            try insert(evaluation, at: position, of: id, into: database)
        }
        for (position, evaluation) in steps.enumerated() {
            try database.insert(
                into: "search_step",
                [("search_id", id.number), ("position", position), ("evaluation_position", evaluation)])
        }
    }

    static func insert(_ entry: EfficiencyEntry, of id: RecordID<SearchOutcome>, into database: Database)
        throws
    {
        try database.insert(
            into: "efficiency",
            [("search_id", id.number)] + ScheduleRow.values(of: entry.schedule)
                + [
                    ("throughput_queries_per_second", entry.throughput.value),
                    ("power_watts", entry.power.value),
                    ("power_provenance", entry.powerProvenance.rawValue),
                    ("provenance", entry.provenance.rawValue), ("evaluations", entry.evaluations),
                    ("space_size", entry.spaceSize),
                ])
        guard let check = entry.check else { return }
        try database.insert(
            into: "live_check",
            [
                ("search_id", id.number), ("simulated_queries_per_second", check.simulated.value),
                ("uncertainty_fraction", check.uncertainty?.value),
                ("live_queries_per_second", check.live?.value),
                ("doubts", check.doubts.map(\.rawValue).joined(separator: " ")),
                ("schedules", check.schedules),
            ])
    }

    private static func check(of id: Int64, _ database: Database) throws -> LiveCheck? {
        try Row.fetchOne(database, sql: "SELECT * FROM live_check WHERE search_id = ?", arguments: [id]).map {
            let row = StoredRow($0, table: "live_check", label: "\(id)")
            let doubts = try row.text("doubts").split(separator: " ").map { name throws(StoreError) in
                guard let doubt = Verdict.Doubt(rawValue: String(name)) else {
                    throw row.fault("doubts", "names of doubts")
                }
                return doubt
            }
            return LiveCheck(
                simulated: try row.quantity("simulated_queries_per_second"),
                uncertainty: try row.optionalQuantity("uncertainty_fraction"),
                live: try row.optionalQuantity("live_queries_per_second"),
                doubts: doubts, schedules: try row.count("schedules"))
        }
    }

    static func insert(
        _ evaluation: ScheduleEvaluation, at position: Int, of id: RecordID<SearchOutcome>,
        into database: Database
    ) throws {
        try database.insert(
            into: "evaluation",
            [("search_id", id.number), ("position", position)] + ScheduleRow.values(of: evaluation.schedule)
                + [
                    ("throughput_queries_per_second", evaluation.throughput.value),
                    ("power_watts", evaluation.power.value),
                    ("provenance", evaluation.provenance.rawValue),
                    ("uncertainty_fraction", evaluation.uncertainty?.value),
                ])
    }

    static func fetch(
        _ database: Database, where condition: String, _ arguments: StatementArguments, order: String
    ) throws -> [StoredSearch] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT search.*, model.name AS model, server_type.name AS server_type
                FROM search
                JOIN model ON model.id = search.model_id
                JOIN server_type ON server_type.id = search.server_type_id
                WHERE \(condition) ORDER BY \(order)
                """,
            arguments: arguments)
        let searches = try rows.map { try search(from: StoredRow($0, table: "search"), database) }
        try database.requireIntact("search", searches.map(\.id.number))
        return searches
    }

    /// An entry, from a row that has the columns of `efficiency` and of `search`.
    static func entry(from row: StoredRow) throws(StoreError) -> EfficiencyEntry {
        EfficiencyEntry(
            model: ModelID(try row.text("model")), serverType: ServerTypeID(try row.text("server_type")),
            target: try target(from: row), powerBudget: try row.optionalQuantity("power_budget_watts"),
            schedule: try row.schedule(), throughput: try row.quantity("throughput_queries_per_second"),
            power: try row.quantity("power_watts"), powerProvenance: try row.choice("power_provenance"),
            provenance: try row.choice("provenance"), method: try row.text("method"),
            evaluations: try row.count("evaluations"), spaceSize: try row.count("space_size"))
    }

    private static func target(from row: StoredRow) throws(StoreError) -> LatencyTarget {
        LatencyTarget(
            quantile: try row.quantile("target_quantile"), limit: try row.time("target_limit_nanoseconds"))
    }

    private static func search(from row: StoredRow, _ database: Database) throws -> StoredSearch {
        let id = try row.integer("id")
        var entry = try Row.fetchOne(
            database,
            sql: """
                SELECT efficiency.*, target_quantile, target_limit_nanoseconds, power_budget_watts, method,
                    ? AS model, ? AS server_type
                FROM efficiency JOIN search ON search.id = search_id WHERE search_id = ?
                """,
            arguments: [try row.text("model"), try row.text("server_type"), id]
        ).map { try Self.entry(from: StoredRow($0, table: "efficiency", label: "\(id)")) }
        entry?.check = try check(of: id, database)
        let evaluations = try Row.fetchAll(
            database, sql: "SELECT * FROM evaluation WHERE search_id = ? ORDER BY position", arguments: [id]
        ).map { try evaluation(from: StoredRow($0, table: "evaluation", label: "\(id)")) }
        let path = try Row.fetchAll(
            database,
            sql: """
                SELECT evaluation.* FROM search_step
                JOIN evaluation ON evaluation.search_id = search_step.search_id
                    AND evaluation.position = search_step.evaluation_position
                WHERE search_step.search_id = ? ORDER BY search_step.position
                """,
            arguments: [id]
        ).map { try StoredRow($0, table: "evaluation", label: "\(id)").schedule() }
        return StoredSearch(
            id: RecordID(id),
            outcome: SearchOutcome(
                entry: entry, model: ModelID(try row.text("model")),
                serverType: ServerTypeID(try row.text("server_type")), evaluations: evaluations, path: path,
                stop: try row.choice("stop")),
            target: try target(from: row), powerBudget: try row.optionalQuantity("power_budget_watts"),
            method: try row.text("method"),
            inputsDigest: ContentDigest(stored: try row.text("inputs_digest")),
            toolVersion: try row.text("tool_version"),
            searchedAtUnixSeconds: try row.integer("searched_at_unix_seconds"),
            run: try row.optionalInteger("run_id").map { RecordID($0) })
    }

    private static func evaluation(from row: StoredRow) throws(StoreError) -> ScheduleEvaluation {
        ScheduleEvaluation(
            schedule: try row.schedule(), throughput: try row.quantity("throughput_queries_per_second"),
            power: try row.quantity("power_watts"), provenance: try row.choice("provenance"),
            uncertainty: try row.optionalQuantity("uncertainty_fraction"))
    }
}
