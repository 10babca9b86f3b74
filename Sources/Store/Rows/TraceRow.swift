import GRDB
import Quantities
import Vocabulary

/// Traces as rows, and back. A trace is stored once, however often it is replayed.
enum TraceRow {
    static func rowID(of trace: Trace, digest: ContentDigest, in database: Database) throws -> Int64 {
        let known = try Int64.fetchOne(
            database, sql: "SELECT id FROM trace WHERE content_digest = ?", arguments: [digest.hexadecimal])
        if let known { return known }
        try database.insert(
            into: "trace",
            [
                ("name", trace.name), ("content_digest", digest.hexadecimal),
                ("start_unix_seconds", trace.startUnixSeconds),
                ("interval_nanoseconds", trace.interval.count),
                ("interval_count", trace.intervalCount),
            ])
        let id = database.lastInsertedRowID
        let statement = try database.makeStatement(sql: "INSERT INTO trace_load VALUES (?, ?, ?, ?)")
        for model in trace.models {
            for (position, load) in (trace.loads[model] ?? []).enumerated() {
                try statement.execute(arguments: [id, model.name, position, load.value])
            }
        }
        try database.seal("trace", id)
        return id
    }

    static func trace(_ id: Int64, _ database: Database) throws -> Trace {
        guard let found = try Row.fetchOne(database, sql: "SELECT * FROM trace WHERE id = ?", arguments: [id])
        else { throw StoreError.unknownRecord(table: "trace", id: id) }
        let row = StoredRow(found, table: "trace")
        var loads: [ModelID: [QueriesPerSecond]] = [:]
        let cursor = try Row.fetchCursor(
            database,
            sql: """
                SELECT model, load_queries_per_second FROM trace_load WHERE trace_id = ?
                ORDER BY model, interval_position
                """,
            arguments: [id])
        while let load = try cursor.next() {
            let load = StoredRow(load, table: "trace_load", label: "\(id)")
            loads[ModelID(try load.text("model")), default: []].append(
                try load.quantity("load_queries_per_second"))
        }
        let intervalCount = try row.count("interval_count", atLeast: 1)
        let interval = try row.time("interval_nanoseconds")
        guard interval > .zero else { throw row.fault("interval_nanoseconds", "more than 0") }
        guard !loads.isEmpty, loads.values.allSatisfy({ $0.count == intervalCount }) else {
            throw row.fault("interval_count", "as many intervals as each model of trace_load has rows")
        }
        return Trace(
            name: try row.text("name"), startUnixSeconds: try row.integer("start_unix_seconds"),
            interval: interval, loads: loads)
    }
}
