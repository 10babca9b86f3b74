import Foundation
import GRDB
import Vocabulary

/// Which rows of a table, and in which order.
public struct RowSelection: Hashable, Sendable {
    /// What is asked of a cell.
    public enum Comparison: String, Hashable, Sendable, CaseIterable {
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case notEqual = "!="
        case equal = "="
        case less = "<"
        case greater = ">"
    }

    /// A column, and how its cells compare with a value: as numbers where it is one, else as text. An empty
    /// cell is unequal to every value, and neither less nor greater.
    public struct Condition: Hashable, Sendable {
        public let column: String
        public let comparison: Comparison
        public let value: String

        public init(column: String, _ comparison: Comparison = .equal, value: String) {
            self.column = column
            self.comparison = comparison
            self.value = value
        }

        /// Reads `column=value`, or any other comparison in its place; nil for anything else.
        public init?(_ text: String) {
            guard let start = text.firstIndex(where: { "<>!=".contains($0) }), start > text.startIndex,
                let found = Comparison.allCases.first(where: { text[start...].hasPrefix($0.rawValue) })
            else { return nil }
            self.init(
                column: String(text[..<start]), found,
                value: String(text[start...].dropFirst(found.rawValue.count)))
        }

        /// - Parameter column: quoted, from the schema.
        fileprivate func sql(_ column: String) -> String {
            switch comparison {
            case .equal: return "(\(column) = ? OR CAST(\(column) AS TEXT) = ?)"
            case .notEqual: return "(\(column) IS NOT ? AND CAST(\(column) AS TEXT) IS NOT ?)"
            case .less, .lessOrEqual, .greater, .greaterOrEqual:
                // A text is greater than every number to SQLite, and a number says nothing of how texts
                // compare.
                return Double(value) == nil
                    ? "CAST(\(column) AS TEXT) \(comparison.rawValue) ?"
                    : "(typeof(\(column)) IN ('integer', 'real') AND \(column) \(comparison.rawValue) ?)"
            }
        }

        fileprivate var arguments: [DatabaseValue] {
            switch comparison {
            case .equal, .notEqual: [value.databaseValue, value.databaseValue]
            case .less, .lessOrEqual, .greater, .greaterOrEqual:
                [Double(value)?.databaseValue ?? value.databaseValue]
            }
        }
    }

    /// All of these must hold.
    public var conditions: [Condition] = []
    /// The column that rows are ordered by before all others.
    public var order: String?
    public var isDescending = false

    public init() {}
}

extension Store {
    /// All tables, then all views, each in name order. O(rows), for counting them.
    public func tables() throws(StoreError) -> [StoredTable] {
        try read { database in
            try Self.tableNames(database).map { name, kind in
                StoredTable(name: name, kind: kind, rowCount: try Self.rowCount(of: name, database))
            }
        }
    }

    private static func rowCount(of name: String, _ database: Database) throws -> Int {
        let sql = seriesViewCounts[name] ?? "SELECT count(*) FROM \"\(name)\""
        return try Int.fetchOne(database, sql: sql) ?? 0
    }

    /// How many rows the views have that read single numbers of series: a year has hundreds of millions of
    /// them, and counting them one by one would take hours.
    private static let seriesViewCounts: [String: String] = {
        func numbers(_ quantity: String, _ rows: String) -> String {
            """
            SELECT (SELECT count(*) FROM \(rows))
                + coalesce((SELECT sum(number_count) FROM replay_series WHERE quantity = '\(quantity)'), 0)
            """
        }
        let allocations =
            """
            SELECT (SELECT count(*) FROM replay_allocation_row)
                + coalesce((SELECT sum(allocation_count) FROM replay_policy), 0)
            """
        let none = "replay_load_row WHERE 0"
        return [
            "trace_number": "SELECT coalesce(sum(number_count), 0) FROM trace_series",
            "trace_load": """
            SELECT (SELECT count(*) FROM trace_load_row)
                + coalesce((SELECT sum(number_count) FROM trace_series), 0)
            """,
            "replay_number": "SELECT coalesce(sum(number_count), 0) FROM replay_series",
            "replay_chunk": "SELECT count(*) FROM replay_series",
            "replay_interval": numbers("provisioned_watts", "replay_interval_row"),
            "replay_load": numbers("is_violated", "replay_load_row"),
            "replay_interval_summary": numbers("is_violated", "replay_load_row"),
            "replay_allocation": allocations, "replay_allocation_summary": allocations,
            "replay_allocation_change": numbers("allocation_interval_position", none),
            "replay_serving": numbers("serving_at_nanoseconds", "replay_serving_row"),
            "replay_decision": numbers("decision_at_nanoseconds", "replay_decision_row"),
            "replay_decision_summary": numbers("decision_at_nanoseconds", "replay_decision_row"),
            "replay_action": numbers("action_decision_position", "replay_action_row"),
        ]
    }()

    /// The rows of one table or view, ordered by its columns from the first to the last.
    /// - Parameters:
    ///   - limit: At most this many; nil for all.
    ///   - offset: How many rows to leave out at the start.
    ///   - selection: Which rows, and what they are ordered by first.
    /// - Throws: `StoreError.unknownTable` or `.unknownColumn`, which list the names there are.
    public func rows(
        of table: String, limit: Int? = nil, offset: Int = 0, selection: RowSelection = RowSelection()
    ) throws(StoreError) -> StoredRows {
        try read { database in
            // Names are taken from the schema, never from the caller, so they cannot smuggle in other SQL.
            let names = try Self.tableNames(database).map(\.0)
            guard let name = names.first(where: { $0 == table }) else {
                throw StoreError.unknownTable(name: table, known: names)
            }
            let statement = try database.makeStatement(sql: "SELECT * FROM \"\(name)\"")
            let columns = statement.columnNames
            func position(_ column: String) throws -> Int {
                guard let index = columns.firstIndex(of: column) else {
                    throw StoreError.unknownColumn(name: column, table: name, known: columns)
                }
                return index
            }
            let conditions = try selection.conditions.map { condition in
                condition.sql("\"\(columns[try position(condition.column)])\"")
            }
            let condition = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
            let arguments = StatementArguments(selection.conditions.flatMap(\.arguments))
            let count =
                condition.isEmpty
                ? try Self.rowCount(of: name, database)
                : try Int.fetchOne(
                    database, sql: "SELECT count(*) FROM \"\(name)\" \(condition)", arguments: arguments) ?? 0
            let first = try selection.order.map {
                "\(try position($0) + 1) \(selection.isDescending ? "DESC" : "ASC")"
            }
            let order = ([first].compactMap { $0 } + columns.indices.map { "\($0 + 1)" })
                .joined(separator: ", ")
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM \"\(name)\" \(condition) ORDER BY \(order) LIMIT ? OFFSET ?",
                arguments: arguments + [limit ?? -1, offset]
            ).map { row in row.databaseValues.map { value in StoredValue(value) } as [StoredValue] }
            return StoredRows(columns: columns, rows: rows, rowCount: count)
        }
    }

    /// What is wrong with the file, by SQLite's own checks of its structure and of all foreign keys; empty
    /// where nothing is. O(size of the file).
    public func integrityProblems() throws(StoreError) -> [String] {
        try read { database in
            let structure = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            let references = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { row in
                let cells: [String] = row.databaseValues.map { StoredValue($0).description }
                // Tables without row numbers have none to give.
                let place = cells[1].isEmpty ? "table \(cells[0])" : "table \(cells[0]), row \(cells[1])"
                return "\(place): refers to a row of \(cells[2]) that is not there"
            }
            return structure + references + (try Self.contentProblems(database))
        }
    }

    private static func tableNames(_ database: Database) throws -> [(String, StoredTable.Kind)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')
                AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'grdb_migrations' ORDER BY type, name
                """
        ).map { row in
            let row = StoredRow(row, table: "sqlite_master", label: "?")
            return (try row.text("name"), try row.text("type") == "view" ? .view : .table)
        }
    }
}

extension StoredValue {
    fileprivate init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let number): .integer(number)
            case .double(let number): .real(number)
            case .string(let text): .text(text)
            case .blob(let data): .blob([UInt8](data))
            }
    }
}
