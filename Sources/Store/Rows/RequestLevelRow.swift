import GRDB
import Quantities
import Vocabulary

/// Request-level simulations to rows and back.
enum RequestLevelRow {
    static func insert(
        _ outcome: RequestLevelOutcome, of replay: RecordID<ReplayOutcome>, toolVersion: String,
        atUnixSeconds: Int64, into database: Database
    ) throws {
        try database.execute(
            sql: """
                DELETE FROM request_level WHERE replay_id = ? AND start_nanoseconds = ? AND \
                duration_nanoseconds = ?
                AND dispatch = ?
                """,
            arguments: [replay.number, outcome.start.count, outcome.duration.count, outcome.dispatch])
        try database.insert(
            into: "request_level",
            [
                ("replay_id", replay.number), ("start_nanoseconds", outcome.start.count),
                ("duration_nanoseconds", outcome.duration.count), ("dispatch", outcome.dispatch),
                ("seed", Int64(bitPattern: outcome.seed)), ("tool_version", toolVersion),
                ("simulated_at_unix_seconds", atUnixSeconds),
            ])
        let id = database.lastInsertedRowID
        for (position, result) in outcome.results.enumerated() {
            try database.insert(
                into: "request_level_result",
                [
                    ("request_level_id", id), ("position", position), ("policy", result.policy),
                    ("model", result.model.name), ("target_quantile", result.target.quantile.value),
                    ("target_limit_nanoseconds", result.target.limit.count),
                    ("tail_latency_nanoseconds", result.tailLatency?.count),
                    ("retried_queries", result.retried),
                ])
            let row = database.lastInsertedRowID
            try insert(result.segments, of: row, into: database)
            if let tokens = result.tokens { try TokenLevelRow.insert(tokens, of: row, into: database) }
        }
        try database.seal("request_level", id)
    }

    private static func insert(
        _ segments: [RequestLevelResult.Segment], of result: Int64, into database: Database
    ) throws {
        for (position, segment) in segments.enumerated() {
            try database.insert(
                into: "request_level_segment",
                [
                    ("result_id", result), ("position", position), ("start_nanoseconds", segment.start.count),
                    ("duration_nanoseconds", segment.duration.count),
                    ("load_queries_per_second", segment.load.value),
                    ("capacity_queries_per_second", segment.capacity.value),
                    ("arrived_queries", segment.queries.arrived), ("late_queries", segment.queries.late),
                    ("dropped_queries", segment.queries.dropped),
                    ("waiting_queries", segment.queries.waiting),
                ])
        }
    }

    static func outcome(
        from row: StoredRow, trace: String, _ database: Database
    ) throws -> RequestLevelOutcome {
        let id = try row.integer("id")
        let results = try Row.fetchAll(
            database, sql: "SELECT * FROM request_level_result WHERE request_level_id = ? ORDER BY position",
            arguments: [id]
        ).map { try result(from: StoredRow($0, table: "request_level_result"), database) }
        return RequestLevelOutcome(
            trace: trace, start: try row.time("start_nanoseconds"),
            duration: try row.time("duration_nanoseconds"), dispatch: try row.text("dispatch"),
            seed: try row.seed("seed"), results: results)
    }

    private static func result(from row: StoredRow, _ database: Database) throws -> RequestLevelResult {
        let id = try row.integer("id")
        let segments = try Row.fetchAll(
            database, sql: "SELECT * FROM request_level_segment WHERE result_id = ? ORDER BY position",
            arguments: [id]
        ).map { cells -> RequestLevelResult.Segment in
            let row = StoredRow(cells, table: "request_level_segment", label: "result \(id)")
            return RequestLevelResult.Segment(
                start: try row.time("start_nanoseconds"), duration: try row.time("duration_nanoseconds"),
                load: try row.quantity("load_queries_per_second"),
                capacity: try row.quantity("capacity_queries_per_second"),
                queries: .init(
                    arrived: try row.count("arrived_queries"), late: try row.count("late_queries"),
                    dropped: try row.count("dropped_queries"), waiting: try row.count("waiting_queries")))
        }
        let target = LatencyTarget(
            quantile: try row.quantile("target_quantile"), limit: try row.time("target_limit_nanoseconds"))
        return RequestLevelResult(
            policy: try row.text("policy"), model: ModelID(try row.text("model")), target: target,
            segments: segments,
            tailLatency: try row.optionalInteger("tail_latency_nanoseconds").map { Nanoseconds($0) },
            retried: try row.count("retried_queries"),
            tokens: try TokenLevelRow.fetch(database, of: id, target: target))
    }
}
