import GRDB
import Quantities
import Vocabulary

extension Store {
    /// Saves what the policies of a replay use and miss as their knobs are turned. An earlier frontier of the
    /// same replay makes way.
    public func save(
        _ points: [ServicePoint], of replay: RecordID<ReplayOutcome>, toolVersion: String,
        atUnixSeconds: Int64
    ) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: "DELETE FROM frontier_point WHERE replay_id = ?", arguments: [replay.number])
            for (position, point) in points.enumerated() {
                try FrontierRow.insert(
                    point, at: position, of: replay, toolVersion: toolVersion, atUnixSeconds: atUnixSeconds,
                    into: database)
            }
        }
    }

    /// The frontier of a replay, in the order it was saved; empty where none was played.
    public func frontierPoints(of replay: RecordID<ReplayOutcome>) throws(StoreError) -> [ServicePoint] {
        try read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM frontier_point WHERE replay_id = ? ORDER BY position",
                arguments: [replay.number])
            let points = try rows.map {
                try FrontierRow.point(from: StoredRow($0, table: "frontier_point"), database)
            }
            try database.requireIntact("frontier_point", rows.map { $0["id"] })
            return points
        }
    }
}
