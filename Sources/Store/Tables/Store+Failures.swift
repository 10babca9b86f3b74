import GRDB
import Quantities
import Vocabulary

extension Store {
    /// Saves that a model failed, with the definitions it was tried with, in one transaction.
    @discardableResult
    public func save(
        _ failure: CellFailure, model: Model, serverType: ServerType, run: RecordID<StoredRun>? = nil
    ) throws(StoreError) -> RecordID<CellFailure> {
        guard failure.model == model.id else {
            throw .inconsistent(
                what: "the model that failed", found: failure.model.name, expected: model.id.name)
        }
        return try write { database in
            try database.insert(
                into: "cell_failure",
                try ScheduleRow.values(of: failure.schedule) + [
                    ("run_id", run?.number), ("model_id", try database.rowID(of: model)),
                    ("server_type_id", try database.rowID(of: serverType)),
                    ("host_id", try database.rowID(of: failure.host)), ("engine", failure.engine),
                    ("engine_version", failure.engineVersion), ("message", failure.message),
                    ("failed_at_unix_seconds", failure.failedAtUnixSeconds),
                    ("tool_version", failure.toolVersion),
                ])
            let id = database.lastInsertedRowID
            try database.seal("cell_failure", id)
            return RecordID(id)
        }
    }

    /// The failures of a model on a server type, by their `behaviourDigest`, that no later measurement of the
    /// same cell has lifted; in the order they were saved.
    public func failures(of model: Model, on serverType: ServerType) throws(StoreError) -> [CellFailure] {
        let arguments: StatementArguments = [
            "model": try model.behaviourDigest.hexadecimal,
            "serverType": try serverType.behaviourDigest.hexadecimal,
        ]
        return try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT failure.*, model.name AS model_name, server_type.name AS server_type_name,
                        host.name AS host_name, host.processor, host.cores, host.memory_bytes,
                        host.operating_system
                    FROM cell_failure AS failure
                    JOIN model ON model.id = failure.model_id
                    JOIN server_type ON server_type.id = failure.server_type_id
                    JOIN host ON host.id = failure.host_id
                    WHERE model.behaviour_digest = :model AND server_type.behaviour_digest = :serverType
                    AND NOT EXISTS (
                        SELECT 1 FROM measurement
                        JOIN model AS other ON other.id = measurement.model_id
                        JOIN host AS there ON there.id = measurement.host_id
                        WHERE other.behaviour_digest = :model AND there.fingerprint = host.fingerprint
                        AND measurement.engine = failure.engine
                        AND measurement.engine_version = failure.engine_version
                        AND \(ScheduleRow.equality("measurement", "failure"))
                        AND measurement.measured_at_unix_seconds >= failure.failed_at_unix_seconds)
                    ORDER BY failure.id
                    """, arguments: arguments)
            let failures = try rows.map { try Self.failure(from: StoredRow($0, table: "cell_failure")) }
            try database.requireIntact("cell_failure", rows.map { $0["id"] })
            return failures
        }
    }

    private static func failure(from row: StoredRow) throws(StoreError) -> CellFailure {
        CellFailure(
            model: ModelID(try row.text("model_name")),
            serverType: ServerTypeID(try row.text("server_type_name")), schedule: try row.schedule(),
            host: Host(
                name: try row.text("host_name"), processor: try row.text("processor"),
                cores: try row.count("cores"), memory: try row.quantity("memory_bytes"),
                operatingSystem: try row.text("operating_system")),
            engine: try row.text("engine"), engineVersion: try row.text("engine_version"),
            message: try row.text("message"),
            failedAtUnixSeconds: try row.integer("failed_at_unix_seconds"),
            toolVersion: try row.text("tool_version"))
    }
}
