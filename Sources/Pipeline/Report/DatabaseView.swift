import Reporting
import Store

/// What the `db` verb shows of a database.
public struct DatabaseView: Sendable {
    private let store: Store

    /// - Throws: `StoreError` where there is no database, or one this version cannot read.
    public init(path: String) throws { store = try Store(path: path, access: .existing) }

    /// The tables and views with their row counts.
    public func tables(as rendering: Rendering) throws -> String {
        let rows = try store.tables().map { table -> [Table.Cell] in
            [.text(table.name), .text(table.kind.rawValue), .integer(table.rowCount)]
        }
        return rendering.render(
            Table(
                caption: "Tables and views",
                columns: [
                    .init("name", "Name", .text), .init("kind", "Kind", .tag), .init("rows", "Rows", .count),
                ], rows: rows))
    }

    /// The rows of a table or view.
    /// - Parameters:
    ///   - limit: at most so many; nil for all.
    ///   - selection: which rows, and in which order.
    public func rows(
        of table: String, limit: Int?, selection: RowSelection = RowSelection(), as rendering: Rendering
    ) throws -> String {
        let found = try store.rows(of: table, limit: limit, selection: selection)
        let columns = found.columns.enumerated().map { index, name in
            let isNumeric = found.rows.allSatisfy { $0[index].isNumeric }
            return Table.Column(name, name, isNumeric && !found.rows.isEmpty ? .plain : .text)
        }
        let shown = found.rows.count < found.rowCount ? ", \(found.rows.count) of \(found.rowCount) rows" : ""
        return rendering.render(
            Table(
                caption: "\(table)\(shown)", columns: columns,
                rows: found.rows.map { $0.map(\.cell) }))
    }

    /// What the file is: its size, its schema, and what it holds of each kind.
    public func info(as rendering: Rendering) throws -> String {
        let facts = try store.facts()
        return rendering.render(
            Table(
                caption: "Database",
                columns: [.init("name", "Name", .text), .init("value", "Value", .text)],
                rows: facts.map { [.text($0.name), .text($0.value)] }))
    }

    /// Gives the space of deleted rows back to the file system.
    /// - Returns: what it came to, in a line.
    public func vacuum() throws -> String {
        let (before, after) = try store.vacuum()
        return "\(store.path): \(before) bytes before, \(after) after\n"
    }

    /// Removes what was imported from a source, a file, or a file of that digest.
    public func forget(_ name: String) throws -> String {
        let (files, rows) = try store.forgetImports(name)
        return "forgot \(files) \(files == 1 ? "file" : "files") with \(rows) rows\n"
    }

    /// Copies a database as it stands.
    public static func backUp(_ path: String, to target: String) throws {
        try Store.backUp(path, to: target)
    }

    /// What is wrong with the file; empty where nothing is.
    public func problems() throws -> [String] { try store.integrityProblems() }
}

extension Rendering {
    func render(_ table: Table) -> String {
        switch self {
        case .text: TextRenderer().render(table)
        case .json: JSONRenderer().render(table)
        case .csv: CSVRenderer().render(table)
        }
    }
}

extension StoredValue {
    fileprivate var isNumeric: Bool {
        switch self {
        case .integer, .real, .null: true
        case .text, .blob: false
        }
    }

    fileprivate var cell: Table.Cell {
        switch self {
        case .null: .missing
        case .integer(let number): .integer(Int(number))
        case .real(let number): .number(number)
        case .text, .blob: .text(description)
        }
    }
}
