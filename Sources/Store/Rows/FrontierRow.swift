import GRDB
import Quantities
import Vocabulary

/// Settings of policies, with what each used and missed, to rows and back.
enum FrontierRow {
    static func insert(
        _ point: ServicePoint, at position: Int, of replay: RecordID<ReplayOutcome>, toolVersion: String,
        atUnixSeconds: Int64, into database: Database
    ) throws {
        try database.insert(
            into: "frontier_point",
            [
                ("replay_id", replay.number), ("position", position), ("policy", point.policy),
                ("knob", point.setting.knob.rawValue), ("setting_fraction", point.setting.value),
                ("is_own", point.isOwn ? 1 : 0), ("tool_version", toolVersion),
                ("played_at_unix_seconds", atUnixSeconds),
            ])
        let id = database.lastInsertedRowID
        for (position, block) in point.blocks.enumerated() {
            try database.insert(
                into: "frontier_block",
                [
                    ("point_id", id), ("position", position), ("duration_seconds", block.seconds),
                    ("drawn_joules", block.drawnJoules), ("provisioned_joules", block.provisionedJoules),
                    ("cost_in_currency", block.cost), ("pairs", block.pairs),
                    ("violated_pairs", block.violatedPairs),
                    ("arrived_queries", block.arrivedQueries), ("unserved_queries", block.unservedQueries),
                    ("changes", block.changes),
                ])
        }
        try database.seal("frontier_point", id)
    }

    static func point(from row: StoredRow, _ database: Database) throws -> ServicePoint {
        let id = try row.integer("id")
        let blocks = try Row.fetchAll(
            database, sql: "SELECT * FROM frontier_block WHERE point_id = ? ORDER BY position",
            arguments: [id]
        ).map { try block(from: StoredRow($0, table: "frontier_block", label: "point \(id)")) }
        guard !blocks.isEmpty else {
            throw row.fault("id", "the number of a point with at least one block")
        }
        return ServicePoint(
            policy: try row.text("policy"),
            setting: PolicySetting(knob: try row.choice("knob"), value: try row.number("setting_fraction")),
            isOwn: try row.integer("is_own") != 0, blocks: blocks)
    }

    private static func block(from row: StoredRow) throws -> ServiceSums {
        var sums = ServiceSums()
        sums.seconds = try row.number("duration_seconds")
        sums.drawnJoules = try row.number("drawn_joules")
        sums.provisionedJoules = try row.number("provisioned_joules")
        sums.cost = try row.optionalNumber("cost_in_currency")
        sums.pairs = try row.count("pairs")
        sums.violatedPairs = try row.count("violated_pairs")
        sums.arrivedQueries = try row.number("arrived_queries")
        sums.unservedQueries = try row.number("unserved_queries")
        sums.changes = try row.count("changes")
        return sums
    }
}
