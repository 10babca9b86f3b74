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
    /// - Parameter limit: at most so many; 0 for all.
    public func rows(of table: String, limit: Int, as rendering: Rendering) throws -> String {
        guard limit >= 0 else {
            throw PipelineError.badOption(
                name: "--limit", found: "\(limit)", expected: "a number that is not negative")
        }
        let found = try store.rows(of: table, limit: limit == 0 ? nil : limit)
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
