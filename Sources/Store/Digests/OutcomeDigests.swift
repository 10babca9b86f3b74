import DatabaseSchema
import Foundation
import GRDB

/// The digests of stored records: made when a record is saved, compared before it is shown.
///
/// What belongs to a record is read from the schema: its own row, and the rows of every table that refers to
/// it and goes with it. So a table that is added later, or rows that are laid out otherwise, need no word
/// about it here.
struct OutcomeDigests {
    /// Rows that belong to the records of one table.
    private struct Part {
        let table: String
        /// Every column, as it goes into the sum.
        let columns: [UInt64]
        /// Which of its rows belong to a record, whose number is the only argument.
        let condition: String
    }

    /// What changes while it is worked on, and what no figure rests on.
    private static let unsealed: Set<String> = ["job_cell", "merge_source", "study_cell"]
    /// The newest migration that this version knows.
    private static let newest = DatabaseSchema.migrations.last?.name ?? ""

    private let database: Database
    /// `main`, or the name that a file is attached by.
    private let schema: String
    private let parts: [String: [Part]]

    /// Reads the schema, unless it has been read before.
    init(_ database: Database, schema: String = "main") throws {
        self.database = database
        self.schema = schema
        let version = try String.fetchOne(
            database, sql: "SELECT group_concat(name) || sum(length(sql)) FROM main.sqlite_master")
        let key = "\(schema) \(version ?? "")"
        if let known = Self.lock.withLock({ Self.known[key] }) {
            parts = known
            return
        }
        let graph = try SchemaGraph(database)
        var parts: [String: [Part]] = [:]
        for record in graph.tables
        where record.hasID && record.owner == nil && !Self.unsealed.contains(record.name) {
            parts[record.name] = Self.parts(of: record, "id = ?", in: graph, schema)
        }
        self.parts = parts
        Self.lock.withLock { Self.known = [key: parts] }
    }

    private static let lock = NSLock()
    // Unchecked: guarded by the lock. Of the schema that was read last.
    nonisolated(unsafe) private static var known: [String: [String: [Part]]] = [:]

    /// The tables of records that have digests, in name order.
    var tables: [String] { parts.keys.sorted() }

    private static func parts(
        of table: SchemaGraph.Table, _ condition: String, in graph: SchemaGraph, _ schema: String
    ) -> [Part] {
        var parts = [
            Part(
                table: table.name, columns: table.columns.map { RowSum.column($0) }, condition: condition)
        ]
        for part in graph.tables {
            guard let owner = part.owner, part.references[owner] == table.name else { continue }
            let rows =
                condition == "id = ?"
                ? "\"\(owner)\" = ?"
                : "\"\(owner)\" IN (SELECT id FROM \(schema).\"\(table.name)\" WHERE \(condition))"
            parts += Self.parts(of: part, rows, in: graph, schema)
        }
        return parts
    }

    /// The digest of a record as it stands. O(rows that belong to it).
    func digest(of table: String, _ id: Int64) throws -> ContentDigest {
        var lines = ["\(table) \(id)"]
        for part in parts[table] ?? [] {
            let statement = try database.cachedStatement(
                sql: "SELECT * FROM \(schema).\"\(part.table)\" WHERE \(part.condition)")
            let rows = try Row.fetchCursor(statement, arguments: [id])
            var sum = RowSum()
            while let row = try rows.next() { sum.add(row, columns: part.columns) }
            lines.append("\(part.table) \(sum.text)")
        }
        return ContentDigest(ofText: lines.joined(separator: "\n"))
    }

    /// Notes the digest of a record as it stands.
    func seal(_ table: String, _ id: Int64) throws {
        guard parts[table] != nil else { return }
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO outcome_digest VALUES (?, ?, ?, ?)")
        try statement.execute(arguments: [table, id, try digest(of: table, id).hexadecimal, Self.newest])
    }

    /// Forgets the digest of a record that is about to change bit by bit.
    func unseal(_ table: String, _ id: Int64) throws {
        try database.execute(
            sql: "DELETE FROM outcome_digest WHERE record_table = ? AND record_id = ?",
            arguments: [table, id])
    }

    /// Whether a record is what was saved. One that is being worked on has no digest, and neither has one
    /// whose rows a newer schema may have moved.
    func isIntact(_ table: String, _ id: Int64) throws -> Bool {
        let noted = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT digest, schema FROM \(schema).outcome_digest
                    WHERE record_table = ? AND record_id = ?
                    """), arguments: [table, id])
        guard let noted else { return true }
        let schema = noted["schema"] as String
        guard schema == Self.newest else { return DatabaseSchema.migrations.contains { $0.name == schema } }
        return try digest(of: table, id).hexadecimal == noted["digest"]
    }

    /// - Throws: `StoreError.altered`.
    func require(_ table: String, _ id: Int64) throws {
        guard try isIntact(table, id) else { throw StoreError.altered(table: table, id: id) }
    }

    /// The records that are not what was saved, or have lost their digest. O(size of the database).
    func altered() throws -> [(table: String, id: Int64)] {
        var altered: [(table: String, id: Int64)] = []
        for table in tables {
            let bare = try Int64.fetchSet(
                database,
                sql: """
                    SELECT id FROM \(schema)."\(table)" WHERE id NOT IN (
                        SELECT record_id FROM \(schema).outcome_digest WHERE record_table = ?)
                    \(Self.isSettled(table).map { "AND \($0)" } ?? "")
                    """, arguments: [table])
            for id in try Int64.fetchAll(
                database, sql: "SELECT id FROM \(schema).\"\(table)\" ORDER BY id")
            where try bare.contains(id) || !isIntact(table, id) {
                altered.append((table, id))
            }
        }
        return altered
    }

    /// Which records of a table have a digest; nil for all.
    private static func isSettled(_ table: String) -> String? {
        table == "search" ? "stop <> 'running'" : nil
    }

    /// Makes the digests of all records anew, but for searches that are under way. O(size of the database).
    func sealAll() throws {
        try database.execute(sql: "DELETE FROM outcome_digest")
        for table in tables {
            let condition = Self.isSettled(table).map { "WHERE \($0)" } ?? ""
            for id in try Int64.fetchAll(database, sql: "SELECT id FROM \"\(table)\" \(condition)") {
                try seal(table, id)
            }
        }
    }
}

extension Database {
    /// Notes the digest of a record that has just been saved.
    func seal(_ table: String, _ id: Int64) throws { try OutcomeDigests(self).seal(table, id) }

    /// Throws `StoreError.altered` where a record is not what was saved.
    func requireIntact(_ table: String, _ ids: some Sequence<Int64>) throws {
        let digests = try OutcomeDigests(self)
        for id in ids { try digests.require(table, id) }
    }
}
