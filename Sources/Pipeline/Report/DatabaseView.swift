import Reporting
import Store
import Vocabulary

/// What the `db` verb shows of a database.
public struct DatabaseView: Sendable {
    private let store: Store

    /// - Throws: `StoreError` where there is no database, or one this version cannot read.
    public init(path: String) throws { store = try Store(path: path, access: .existing) }

    /// The tables and views with their row counts.
    public func tables(as rendering: Rendering) throws -> String {
        StoredTablesDocument(try store.tables()).text(as: rendering)
    }

    /// The rows of a table or view.
    /// - Parameters:
    ///   - limit: at most this many; nil for all.
    ///   - selection: which rows, and in which order.
    public func rows(
        of table: String, limit: Int?, selection: RowSelection = RowSelection(), as rendering: Rendering
    ) throws -> String {
        let found = try store.rows(of: table, limit: limit, selection: selection)
        return StoredRowsDocument(found, of: table).text(as: rendering)
    }

    /// What the file is: its size, its schema, and what it holds of each kind.
    public func info(as rendering: Rendering) throws -> String {
        DatabaseFactsDocument(try store.facts()).text(as: rendering)
    }

    /// Gives the space of deleted rows back to the file system.
    /// - Returns: what it came to, in a line.
    public func vacuum() throws -> String {
        let (before, after) = try store.vacuum()
        return DatabaseUpkeepText.vacuumed(store.path, bytesBefore: before, bytesAfter: after)
    }

    /// Removes what was imported from a source, a file, or a file of that digest.
    public func forget(_ name: String) throws -> String {
        let (files, rows) = try store.forgetImports(name)
        return DatabaseUpkeepText.forgot(files: files, rows: rows)
    }

    /// Copies a database as it stands.
    public static func backUp(_ path: String, to target: String) throws {
        try Store.backUp(path, to: target)
    }

    /// What is wrong with the file; empty where nothing is.
    public func problems() throws -> [String] { try store.integrityProblems() }
}
