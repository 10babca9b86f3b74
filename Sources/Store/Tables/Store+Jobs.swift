import GRDB
import Quantities
import Vocabulary

extension Store {
    /// Notes a job; one with the same definition is the same job.
    public func addJob(
        _ job: ProfileJob, toolVersion: String, atUnixSeconds: Int64
    ) throws(StoreError) -> RecordID<StoredJob> {
        let json = try CanonicalJSON.encode(job)
        let digest = ContentDigest(ofText: json).hexadecimal
        return try write { database in
            try database.execute(
                sql: """
                    INSERT INTO job (name, definition_digest, definition_json, tool_version, \
                    created_at_unix_seconds)
                    VALUES (?, ?, ?, ?, ?) ON CONFLICT (definition_digest) DO NOTHING
                    """,
                arguments: [job.id, digest, json, toolVersion, atUnixSeconds])
            let isNew = database.changesCount == 1
            let id = try database.requiredID("SELECT id FROM job WHERE definition_digest = ?", [digest])
            if isNew { try database.seal("job", id) }
            return RecordID(id)
        }
    }

    /// The stored job of a definition; nil where it has not been begun.
    public func job(for definition: ProfileJob) throws(StoreError) -> StoredJob? {
        let digest = try ContentDigest(of: definition)
        return try jobs(where: "definition_digest = ?", [digest.hexadecimal]).first
    }

    /// The jobs of a name, or all, in the order in which they were begun.
    public func jobs(named name: String? = nil) throws(StoreError) -> [StoredJob] {
        try jobs(where: "?1 IS NULL OR name = ?1", [name])
    }

    /// So many cells are added in one transaction: a process that ends meanwhile has kept those before.
    private static let cellsAtOnce = 5000

    /// Adds the cells of an expansion that the job does not have yet. O(cells).
    ///
    /// Cells that the same kind of host expanded the job into before, with another version of an engine, and
    /// that nobody has measured or is measuring, are dropped.
    public func add(_ expansion: JobExpansion) throws(StoreError) {
        try write { try Self.dropSuperseded(by: expansion, in: $0) }
        var compiledPosition = 0
        for begin in stride(from: 0, to: expansion.cells.count, by: Self.cellsAtOnce) {
            let positions = begin..<min(begin + Self.cellsAtOnce, expansion.cells.count)
            try write { try Self.add(positions, of: expansion, &compiledPosition, in: $0) }
        }
    }

    private static func add(
        _ positions: Range<Int>, of expansion: JobExpansion, _ compiledPosition: inout Int,
        in database: Database
    ) throws {
        // Every cell holds the whole definition of its model, and there are few models.
        var models: [ModelID: (model: Model, row: Int64)] = [:]
        var serverType: (type: ServerType, row: Int64)?
        for position in positions {
            let planned = expansion.cells[position]
            let cell = planned.cell
            let previous = position == 0 ? nil : expansion.cells[position - 1].cell
            if !(previous.map(cell.sharesCompiledModel) ?? false) { compiledPosition = position }
            if models[cell.model.id]?.model != cell.model {
                models[cell.model.id] = (cell.model, try database.rowID(of: cell.model))
            }
            if serverType?.type != cell.serverType {
                serverType = (cell.serverType, try database.rowID(of: cell.serverType))
            }
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO job_cell (job_id, cell_digest, expansion_digest, position, \
                    compiled_position,
                        host_fingerprint, model_id, server_type_id, engine, engine_version, schedule, \
                        load,
                        repetition, expected_nanoseconds, state)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')
                    ON CONFLICT (job_id, cell_digest) DO UPDATE SET
                        expansion_digest = excluded.expansion_digest, position = excluded.position,
                        compiled_position = excluded.compiled_position
                    """)
            try statement.execute(arguments: [
                expansion.job.number, planned.digest.hexadecimal, expansion.digest.hexadecimal, position,
                compiledPosition, expansion.hostFingerprint, models[cell.model.id]?.row,
                serverType?.row, cell.engine.name, cell.engineVersion,
                cell.schedule.description, cell.load.description, cell.repetition,
                planned.expected.count,
            ])
        }
    }

    /// Marks waiting cells as done by measurements that were made before, by whomever, in one transaction.
    /// - Returns: how many of them still waited.
    public func fill(
        _ cells: [(digest: ContentDigest, measurement: RecordID<LoadRun>)], of job: RecordID<StoredJob>
    ) throws(StoreError) -> Int {
        if cells.isEmpty { return 0 }
        return try write { database in
            var filled = 0
            for (digest, measurement) in cells {
                try database.execute(
                    sql: """
                        UPDATE job_cell SET state = 'done', measurement_id = ?, error = NULL
                        WHERE job_id = ? AND cell_digest = ? AND state = 'waiting'
                        """,
                    arguments: [measurement.number, job.number, digest.hexadecimal])
                filled += database.changesCount
            }
            return filled
        }
    }

    /// The digests of the settings that anything was measured with, so that whoever looks for measurements
    /// need not ask for those that cannot be there.
    public func measuredSettings() throws(StoreError) -> Set<String> {
        try read { database in
            try String.fetchSet(database, sql: "SELECT DISTINCT settings_digest FROM measurement")
        }
    }

    /// How every cell of a job stands, by the cell's digest.
    public func cellStates(of job: RecordID<StoredJob>) throws(StoreError) -> [String: CellState] {
        try read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT cell_digest, state FROM job_cell WHERE job_id = ?",
                arguments: [job.number])
            return try rows.reduce(into: [:]) { states, row in
                let row = StoredRow(row, table: "job_cell", label: "?")
                states[try row.text("cell_digest")] = try row.choice("state")
            }
        }
    }

    /// Every cell of a job, by host and in the order in which they are taken.
    public func cells(of job: RecordID<StoredJob>) throws(StoreError) -> [StoredCell] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT job_cell.*, model.name AS model_name, server_type.name AS server_type_name,
                        measurement.completed_queries_per_second, measurement.latency_p95_nanoseconds,
                        (SELECT group_concat(doubt, ' ') FROM verdict_doubt
                            WHERE verdict_doubt.measurement_id = measurement.id) AS doubts
                    FROM job_cell
                    JOIN model ON model.id = job_cell.model_id
                    JOIN server_type ON server_type.id = job_cell.server_type_id
                    LEFT JOIN measurement ON measurement.id = job_cell.measurement_id
                    WHERE job_id = ? ORDER BY host_fingerprint, expansion_digest, job_cell.position
                    """,
                arguments: [job.number]
            ).map { try Self.cell(from: StoredRow($0, table: "job_cell")) }
        }
    }

    private static func dropSuperseded(by expansion: JobExpansion, in database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM job_cell
                WHERE job_id = ?1 AND host_fingerprint = ?2 AND expansion_digest <> ?3
                AND state IN ('waiting', 'failed')
                AND cell_digest NOT IN (SELECT value FROM json_each(?4))
                AND expansion_digest NOT IN (
                    SELECT expansion_digest FROM job_cell WHERE job_id = ?1 AND state = 'leased')
                """,
            arguments: [
                expansion.job.number, expansion.hostFingerprint, expansion.digest.hexadecimal,
                try CanonicalJSON.encode(expansion.cells.map(\.digest.hexadecimal)),
            ])
    }

    private func jobs(where condition: String, _ arguments: StatementArguments) throws(StoreError)
        -> [StoredJob]
    {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM job WHERE \(condition) ORDER BY id", arguments: arguments
            ).map { row in
                let row = StoredRow(row, table: "job")
                return StoredJob(
                    id: RecordID(try row.integer("id")),
                    job: try row.json(ProfileJob.self, "definition_json", digest: "definition_digest"),
                    createdAtUnixSeconds: try row.integer("created_at_unix_seconds"))
            }
        }
    }

    private static func cell(from row: StoredRow) throws(StoreError) -> StoredCell {
        let host = try row.optionalText("worker_host")
        let process = try row.optionalInteger("worker_process_id")
        return StoredCell(
            hostFingerprint: try row.text("host_fingerprint"), model: try row.text("model_name"),
            serverType: try row.text("server_type_name"), engine: try row.text("engine"),
            schedule: try row.text("schedule"), load: try row.text("load"),
            repetition: try row.count("repetition"), state: try row.choice("state"),
            expected: try row.time("expected_nanoseconds"),
            took: try row.optionalInteger("took_nanoseconds").map { Nanoseconds($0) },
            failures: try row.count("failures"), interruptions: try row.count("interruptions"),
            worker: host.map { "\($0) \(process.map { "process \($0)" } ?? "")" },
            leaseBeganAtUnixSeconds: try row.optionalInteger("lease_began_at_unix_seconds"),
            leaseExpiresAt: try row.optionalInteger("lease_expires_at_unix_nanoseconds").map {
                Nanoseconds($0)
            },
            error: try row.optionalText("error"),
            measurement: try row.optionalInteger("measurement_id").map { RecordID($0) },
            completedRate: try row.optionalQuantity("completed_queries_per_second"),
            latencyP95: try row.optionalInteger("latency_p95_nanoseconds").map { Nanoseconds($0) },
            doubts: try row.optionalText("doubts"))
    }
}
