import DatabaseSchema
import Files
import Foundation
import GRDB
import Vocabulary

extension Store {
    /// Adds everything that another database file holds and this one does not, in one transaction.
    ///
    /// Hosts, models, server types, runs and measurements are the same where their contents are, whatever
    /// their row numbers; so merging a file twice changes nothing, and the order of files does not matter.
    /// The file itself is only read, also while other processes write to it. O(size of both).
    /// - Parameter keepsRedefinitions: whether a model of one name may have another behaviour in the file
    ///   than here.
    /// - Throws: `StoreError.conflictingModels` where it has and may not; nothing has changed then. What
    ///   cannot be merged at all (`missing`, `notADatabase`, `newerDatabase`, `sameFile`) is refused
    ///   likewise.
    public func merge(
        _ path: String, keepsRedefinitions: Bool = false, toolVersion: String, atUnixSeconds: Int64
    ) throws(StoreError) -> MergeSummary {
        let file = DatabaseFile(path: path)
        guard !file.isSame(as: DatabaseFile(path: self.path)) else { throw .sameFile(path: path) }
        guard try file.inspect() == .known else { throw .missing(path: path) }
        let copy = try DatabaseCopy(of: file)
        return try withAttached(copy.path, as: FileMerge.schema) { database in
            let conflicts = try Self.redefinitions(of: "model", database)
            if let conflict = conflicts.first, !keepsRedefinitions {
                throw StoreError.conflictingModels(
                    name: conflict.name, path: path, found: conflict.found, into: self.path,
                    expected: conflict.expected)
            }
            if let altered = try OutcomeDigests(database, schema: FileMerge.schema).altered().first {
                throw StoreError.altered(table: "\(altered.table) of \(path)", id: altered.id)
            }
            let digest = try ContentDump(database, schema: FileMerge.schema).digest
            var merge = try FileMerge(database)
            try merge.run()
            if merge.counts.contains(where: { $0.added > 0 }) {
                try database.execute(
                    sql: """
                        INSERT INTO merge_source (content_digest, path, merged_at_unix_seconds, tool_version)
                        VALUES (?, ?, ?, ?) ON CONFLICT (content_digest) DO NOTHING
                        """,
                    arguments: [digest.hexadecimal, path, atUnixSeconds, toolVersion])
            }
            return MergeSummary(
                path: path, counts: merge.counts,
                redefinedServerTypes: try Self.redefinitions(of: "server_type", database).map(\.name))
        }
    }

    /// Copies a database into a new file as it stands at one moment, also while other processes write to it.
    /// The copy may be read and written by whom the database may.
    /// - Throws: `StoreError.notWritten` where there is something at the target already.
    public static func backUp(_ path: String, to target: String) throws(StoreError) {
        let file = DatabaseFile(path: path)
        guard try file.inspect() == .known else { throw .missing(path: path) }
        do {
            try OutputFile(path: target, kind: .new, database: path).make(mode: file.mode) { partial in
                defer { for suffix in ["-wal", "-shm", "-journal"] { unlink(partial + suffix) } }
                try file.copy(to: partial)
                try Store(path: partial, access: .existing).close()
            }
        } catch {
            throw StoreError(error, path: target, busyTimeoutSeconds: 10)
        }
    }

    /// Stands for everything the database holds, whatever the numbers of its rows; which files were merged
    /// into it and when does not count. O(size of the database).
    public func contentDigest() throws(StoreError) -> ContentDigest {
        try read { try ContentDump($0, schema: "main").digest }
    }

    /// Everything the database holds as lines of text in a fixed order, without numbers of rows.
    public func contentDump() throws(StoreError) -> String {
        try read { try ContentDump($0, schema: "main").text }
    }

    /// Definitions of a name that behave otherwise in the attached file than in every definition here.
    private static func redefinitions(
        of table: String, _ database: Database
    ) throws -> [(name: String, found: String, expected: String)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT theirs.name AS name, theirs.definition_json AS found, min(ours.definition_json) AS \
                expected
                FROM \(FileMerge.schema).\(table) AS theirs
                JOIN main.\(table) AS ours ON ours.name = theirs.name
                WHERE theirs.behaviour_digest NOT IN (
                    SELECT behaviour_digest FROM main.\(table) WHERE name = theirs.name)
                GROUP BY theirs.id ORDER BY theirs.name
                """
        ).map { ($0["name"], $0["found"], $0["expected"]) }
    }
}

/// A whole database as lines of text in which no row number occurs, equal for databases that hold the same.
struct ContentDump {
    private let database: Database
    private let schema: String

    init(_ database: Database, schema: String) {
        self.database = database
        self.schema = schema
    }

    /// All lines in order.
    var text: String {
        get throws { try lines { $0 }.joined(separator: "\n") + "\n" }
    }

    /// Of the digests of all lines in order, so that blobs need not all be held at once.
    var digest: ContentDigest {
        get throws {
            let digests = try lines { ContentDigest(ofText: $0).hexadecimal }
            return ContentDigest(ofText: digests.joined(separator: "\n"))
        }
    }

    private func lines(_ form: (String) -> String) throws -> [String] {
        let graph = try SchemaGraph(database)
        let identities = try RecordIdentities(database, graph: graph, schema: schema)
        var lines: [String] = []
        for table in graph.tables where table.name != "merge_source" {
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \(schema).\"\(table.name)\"")
            while let row = try rows.next() { lines.append(form(identities.text(of: row, in: table))) }
        }
        return lines.sorted()
    }
}

/// A copy of a database file of its own, brought to the schema of this version, so that the file itself stays
/// as it is. It is removed with the value.
final class DatabaseCopy: Sendable {
    let path: String
    private let folder: ScratchFolder

    init(of file: DatabaseFile) throws(StoreError) {
        do {
            folder = try ScratchFolder()
            path = folder.file("copy.sqlite")
            try file.copy(to: path)
        } catch {
            throw StoreError(error, path: file.path, busyTimeoutSeconds: 10)
        }
        // Opening migrates; closing folds the log into the file.
        try Store(path: path, access: .existing).close()
    }
}
