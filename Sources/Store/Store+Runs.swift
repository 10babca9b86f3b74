import GRDB
import Quantities
import Vocabulary

/// One execution of a scenario.
public struct StoredRun: Hashable, Sendable {
    /// How a run stands.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// Under way, or killed before it could say how it ended.
        case running
        case finished
        case failed
    }

    /// Names the run in other calls.
    public let id: RecordID<StoredRun>
    /// The whole scenario, as it was executed.
    public let scenario: Scenario
    /// What every random stream of the run was seeded with.
    public let seed: UInt64
    /// The version of the tool that ran it.
    public let toolVersion: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public let startedAtUnixSeconds: Int64
    /// nil while running.
    public let finishedAtUnixSeconds: Int64?
    /// How the run stands.
    public let status: Status
}

extension Store {
    /// Notes that a scenario is being executed, with the whole scenario, so that later verbs can go on from
    /// it.
    /// - Parameter isVariant: whether it is a look at a scenario with something changed, from which no later
    ///   verb goes on.
    public func beginRun(
        of scenario: Scenario, seed: UInt64, toolVersion: String, atUnixSeconds: Int64,
        isVariant: Bool = false
    ) throws(StoreError) -> RecordID<StoredRun> {
        try write { database in
            let scenarioRow = try database.rowID(of: scenario)
            try database.execute(
                sql: """
                    INSERT INTO run
                        (scenario_id, seed, tool_version, started_at_unix_seconds, status, is_variant)
                    VALUES (?, ?, ?, ?, 'running', ?)
                    """,
                arguments: [
                    scenarioRow, Int64(bitPattern: seed), toolVersion, atUnixSeconds, isVariant ? 1 : 0,
                ])
            let id = database.lastInsertedRowID
            try database.seal("run", id)
            return RecordID(id)
        }
    }

    /// Notes how a run ended.
    /// - Parameter status: Not `running`.
    public func finishRun(
        _ run: RecordID<StoredRun>, status: StoredRun.Status, atUnixSeconds: Int64
    ) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: "UPDATE run SET status = ?, finished_at_unix_seconds = ? WHERE id = ?",
                arguments: [status.rawValue, atUnixSeconds, run.number])
            if database.changesCount == 0 { throw StoreError.unknownRecord(table: "run", id: run.number) }
            try database.seal("run", run.number)
        }
    }

    /// The run that was begun last, of one scenario or of any, variants left out; nil where there is none.
    public func lastRun(ofScenario scenarioID: String? = nil) throws(StoreError) -> StoredRun? {
        try read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT run.*, definition_json, definition_digest FROM run
                    JOIN scenario ON scenario.id = run.scenario_id
                    WHERE is_variant = 0 AND (?1 IS NULL OR scenario.name = ?1)
                    ORDER BY run.id DESC LIMIT 1
                    """,
                arguments: [scenarioID])
            return try row.map { try Self.run(from: StoredRow($0, table: "run"), database) }
        }
    }

    /// The last run of each different state of a scenario, variants among them, the latest first.
    /// - Parameter limit: the most runs; scenarios are large, as they hold their trace.
    public func runs(ofScenario scenarioID: String, limit: Int) throws(StoreError) -> [StoredRun] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT run.*, definition_json, definition_digest FROM run
                    JOIN scenario ON scenario.id = run.scenario_id
                    WHERE run.id IN (
                        SELECT max(run.id) FROM run JOIN scenario ON scenario.id = run.scenario_id
                        WHERE scenario.name = ?1 GROUP BY scenario.id)
                    ORDER BY run.id DESC LIMIT ?2
                    """,
                arguments: [scenarioID, limit]
            ).map { try Self.run(from: StoredRow($0, table: "run"), database) }
        }
    }

    private static func run(from row: StoredRow, _ database: Database) throws -> StoredRun {
        let definition = try row.json(
            ScenarioDefinition.self, "definition_json", digest: "definition_digest")
        return StoredRun(
            id: RecordID(try row.integer("id")), scenario: try definition.resolved(row, database),
            seed: try row.seed("seed"), toolVersion: try row.text("tool_version"),
            startedAtUnixSeconds: try row.integer("started_at_unix_seconds"),
            finishedAtUnixSeconds: try row.optionalInteger("finished_at_unix_seconds"),
            status: try row.choice("status"))
    }
}
