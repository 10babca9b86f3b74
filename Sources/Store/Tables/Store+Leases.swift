import GRDB
import Quantities
import Vocabulary

/// Who is at which cell, of a job or a study. A cell is leased to one worker at a time; the lease has to be
/// renewed, and a result is saved only together with its cell and only under a lease that still holds. So
/// nothing is done twice, whatever happens to a worker, and nothing is lost.
extension Store {
    /// A cell whose worker ended without a word so often is not tried again: it probably ends whoever
    /// measures it.
    public static let interruptionsMax = 20

    /// Leases the next cell of a pool.
    ///
    /// A worker first gets cells that share the compiled model of its last one, then those that nobody else
    /// has compiled for; cells that failed before come last. Cells whose lease has run out, or whose worker
    /// is seen to be gone, are free again.
    /// - Parameters:
    ///   - lease: how long the cell is the worker's, unless renewed.
    ///   - now: since 1970-01-01T00:00:00Z.
    ///   - last: the digest of the worker's last cell.
    ///   - isAlive: whether a process of this very machine, given by number and start, still runs.
    public func claimCell(
        of pool: CellPool, for worker: JobWorkerIdentity, lease: Nanoseconds, now: Nanoseconds,
        after last: String? = nil, isAlive: (Int, Int64) -> Bool
    ) throws(StoreError) -> CellClaim {
        try write { database in
            try Self.freeAbandonedCells(of: pool, worker, now, isAlive, in: database)
            guard let found = try Self.nextCell(of: pool, after: last, in: database) else {
                let leased =
                    try Int.fetchOne(
                        database,
                        sql:
                            "SELECT count(*) FROM \(pool.table) WHERE \(pool.condition) AND state = 'leased'",
                        arguments: pool.arguments) ?? 0
                return leased == 0 ? .finished : .othersAtWork(leased)
            }
            var generator = SystemRandomNumberGenerator()
            let claimed = CellLease(
                cellDigest: found["cell_digest"], table: pool.table, row: found["id"],
                token: String(generator.next(), radix: 16) + String(generator.next(), radix: 16))
            try database.execute(
                sql: """
                    UPDATE \(pool.table) SET state = 'leased', lease_token = ?, lease_machine = ?,
                        worker_host = ?, worker_process_id = ?, lease_process_start = ?,
                        lease_began_at_unix_seconds = ?,
                        lease_expires_at_unix_nanoseconds = ?
                    WHERE id = ?
                    """,
                arguments: [
                    claimed.token, worker.machine, worker.host, worker.processID, worker.processStart,
                    now.count / 1_000_000_000, (now + lease).count, claimed.row,
                ])
            return .leased(claimed)
        }
    }

    /// The cell that is taken next. Each question stops at the first row that answers it, so that a cell of
    /// a hundred thousand is found as fast as one of ten.
    private static func nextCell(
        of pool: CellPool, after last: String?, in database: Database
    ) throws -> Row? {
        let group = pool.table.group
        let waiting = """
            SELECT id, cell_digest, \(group) AS group_position FROM \(pool.table) AS cell
            WHERE \(pool.condition) AND state = 'waiting'
            """
        func first(_ condition: String, order: String = "position", _ group: Int64? = nil) throws -> Row? {
            var arguments = pool.arguments
            if let group { arguments += ["group": group] }
            return try Row.fetchOne(
                database, sql: "\(waiting) AND \(condition) ORDER BY \(order) LIMIT 1", arguments: arguments)
        }
        let ownGroup = try last.flatMap { last in
            try Int64.fetchOne(
                database,
                sql: "SELECT \(group) FROM \(pool.table) WHERE \(pool.condition) AND cell_digest = :last",
                arguments: pool.arguments + ["last": last])
        }
        // Cells of one compiled model follow one another, from its first position on.
        if let ownGroup, let next = try first("failures = 0 AND position >= :group", ownGroup),
            next["group_position"] == ownGroup
        {
            return next
        }
        let isUntouched = """
            \(group) NOT IN (
                SELECT \(group) FROM \(pool.table) WHERE \(pool.condition) AND state = 'leased')
            """
        // Those that failed before come last, and are few.
        return try first("failures = 0 AND \(isUntouched)") ?? first("failures = 0")
            ?? first("failures > 0", order: "failures, NOT (\(isUntouched)), position")
    }

    /// Keeps a lease from running out.
    /// - Returns: false where it was lost.
    @discardableResult
    public func renew(_ lease: CellLease, until expiry: Nanoseconds) throws(StoreError) -> Bool {
        try write { database in
            try database.execute(
                sql:
                    """
                    UPDATE \(lease.table) SET lease_expires_at_unix_nanoseconds = ? WHERE id = ? AND \
                    lease_token = ?
                    """,
                arguments: [expiry.count, lease.row, lease.token])
            return database.changesCount == 1
        }
    }

    /// Gives a cell back undone; does nothing where the lease was lost.
    public func release(_ lease: CellLease) throws(StoreError) {
        try write { database in
            try database.endLease(lease, state: "waiting", error: nil)
        }
    }

    /// Saves a cell's measurement and ends the cell, in one transaction.
    /// - Parameter took: from the claim to now.
    /// - Returns: nil, and nothing is saved, where the lease was lost: another worker has the cell.
    public func complete(
        _ lease: CellLease, with measurement: LoadRun, verdict: Verdict, model: Model,
        serverType: ServerType, settingsDigest: ContentDigest, took: Nanoseconds, atUnixSeconds: Int64
    ) throws(StoreError) -> RecordID<LoadRun>? {
        try write { database in
            guard try database.isHeld(lease) else { return nil }
            let id = try database.insert(
                measurement, verdict: verdict, model: model, serverType: serverType,
                settingsDigest: settingsDigest, run: nil)
            try database.complete(
                lease, "measurement_id", id.number, took: took, atUnixSeconds: atUnixSeconds)
            return id
        }
    }

    /// Notes that a cell failed; it waits to be tried again unless it failed so often.
    /// - Returns: whether it is given up.
    public func fail(
        _ lease: CellLease, error: String, attemptsMax: Int
    ) throws(StoreError) -> Bool {
        try write { database in
            let before = try Int.fetchOne(
                database, sql: "SELECT failures FROM \(lease.table) WHERE id = ? AND lease_token = ?",
                arguments: [lease.row, lease.token])
            guard let before else { return false }
            let isGivenUp = before + 1 >= attemptsMax
            try database.execute(
                sql: "UPDATE \(lease.table) SET failures = failures + 1 WHERE id = ?",
                arguments: [lease.row])
            try database.endLease(lease, state: isGivenUp ? "failed" : "waiting", error: error)
            return isGivenUp
        }
    }

    private static func freeAbandonedCells(
        of pool: CellPool, _ worker: JobWorkerIdentity, _ now: Nanoseconds,
        _ isAlive: (Int, Int64) -> Bool, in database: Database
    ) throws {
        let leased = try Row.fetchAll(
            database,
            sql: "SELECT * FROM \(pool.table) WHERE \(pool.condition) AND state = 'leased'",
            arguments: pool.arguments)
        for row in leased {
            let row = StoredRow(row, table: pool.table.rawValue)
            let isOver = try row.integer("lease_expires_at_unix_nanoseconds") < now.count
            let machine = try row.optionalText("lease_machine")
            var isGone = false
            if let machine, machine == worker.machine,
                let process = try row.optionalInteger("worker_process_id"),
                let start = try row.optionalInteger("lease_process_start")
            {
                isGone = !isAlive(Int(process), start)
            }
            guard isOver || isGone else { continue }
            let interruptions = try row.count("interruptions") + 1
            let lease = CellLease(
                cellDigest: try row.text("cell_digest"), table: pool.table, row: try row.integer("id"),
                token: try row.text("lease_token"))
            try database.execute(
                sql: "UPDATE \(pool.table) SET interruptions = ? WHERE id = ?",
                arguments: [interruptions, lease.row])
            let isGivenUp = interruptions >= interruptionsMax
            try database.endLease(
                lease, state: isGivenUp ? "failed" : "waiting",
                error: isGivenUp
                    ? "the process at it ended without a word, \(interruptions) times" : nil)
        }
    }
}

extension Store {
    /// How many cells of a pool wait, and how many some worker is at.
    public func openCells(of pool: CellPool) throws(StoreError) -> (waiting: Int, leased: Int) {
        try read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT coalesce(sum(state = 'waiting'), 0), coalesce(sum(state = 'leased'), 0)
                    FROM \(pool.table) WHERE \(pool.condition)
                    """,
                arguments: pool.arguments)
            return (row?[0] ?? 0, row?[1] ?? 0)
        }
    }

    /// The digests of a pool's cells that wait.
    public func waitingCells(of pool: CellPool) throws(StoreError) -> Set<String> {
        try read { database in
            try String.fetchSet(
                database,
                sql: "SELECT cell_digest FROM \(pool.table) WHERE \(pool.condition) AND state = 'waiting'",
                arguments: pool.arguments)
        }
    }

    /// Lets failed cells of a pool be tried again.
    /// - Returns: how many there were.
    @discardableResult
    public func retryFailedCells(of pool: CellPool) throws(StoreError) -> Int {
        try write { database in
            try database.execute(
                sql: """
                    UPDATE \(pool.table) SET state = 'waiting', failures = 0, interruptions = 0
                    WHERE \(pool.condition) AND state = 'failed'
                    """,
                arguments: pool.arguments)
            return database.changesCount
        }
    }
}

extension Database {
    /// Whether a cell is still whose lease this is.
    func isHeld(_ lease: CellLease) throws -> Bool {
        try Int.fetchOne(
            self, sql: "SELECT 1 FROM \(lease.table) WHERE id = ? AND lease_token = ?",
            arguments: [lease.row, lease.token]) != nil
    }

    /// Ends a cell with its result, which stands in a column of the cell's table.
    func complete(
        _ lease: CellLease, _ column: String, _ result: Int64, took: Nanoseconds, atUnixSeconds: Int64
    ) throws {
        try execute(
            sql: """
                UPDATE \(lease.table) SET state = 'done', \(column) = ?, took_nanoseconds = ?,
                    finished_at_unix_seconds = ?, error = NULL, lease_token = NULL, lease_machine = NULL,
                    lease_process_start = NULL, lease_began_at_unix_seconds = NULL,
                    lease_expires_at_unix_nanoseconds = NULL
                WHERE id = ?
                """,
            arguments: [result, took.count, atUnixSeconds, lease.row])
    }

    /// An error that is nil leaves the last one standing.
    fileprivate func endLease(_ lease: CellLease, state: String, error: String?) throws {
        try execute(
            sql: """
                UPDATE \(lease.table) SET state = ?, error = ifnull(?, error), lease_token = NULL,
                    lease_machine = NULL,
                    lease_process_start = NULL, lease_began_at_unix_seconds = NULL,
                    lease_expires_at_unix_nanoseconds = NULL
                WHERE id = ? AND lease_token = ?
                """,
            arguments: [state, error, lease.row, lease.token])
    }
}
