import GRDB
import Quantities
import Vocabulary

extension Store {
    /// Saves a window of a replay that was simulated query by query. An earlier simulation of the same window
    /// and dispatch rule makes way.
    public func save(
        _ outcome: RequestLevelOutcome, of replay: RecordID<ReplayOutcome>, toolVersion: String,
        atUnixSeconds: Int64
    ) throws(StoreError) {
        try write { database in
            try RequestLevelRow.insert(
                outcome, of: replay, toolVersion: toolVersion, atUnixSeconds: atUnixSeconds, into: database)
        }
    }

    /// The windows of a replay that were simulated query by query, the latest last.
    public func requestLevels(of replay: RecordID<ReplayOutcome>) throws(StoreError) -> [RequestLevelOutcome]
    {
        try read { database in
            let trace = try String.fetchOne(
                database,
                sql: "SELECT trace.name FROM replay JOIN trace ON trace.id = trace_id WHERE replay.id = ?",
                arguments: [replay.number])
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM request_level WHERE replay_id = ? ORDER BY id",
                arguments: [replay.number])
            let outcomes = try rows.map {
                try RequestLevelRow.outcome(
                    from: StoredRow($0, table: "request_level"), trace: trace ?? "", database)
            }
            try database.requireIntact("request_level", rows.map { $0["id"] })
            return outcomes
        }
    }
}
