/// One cell of a table, as the database holds it.
public enum StoredValue: Hashable, Sendable, CustomStringConvertible {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// The value as text: nothing for no value, lower-case hexadecimal digits for bytes.
    public var description: String {
        switch self {
        case .null: ""
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .text(let text): text
        case .blob(let bytes): bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}

/// A table or a view of the database.
public struct StoredTable: Hashable, Sendable {
    /// Whether the rows are stored or computed.
    public enum Kind: String, Hashable, Sendable {
        case table
        case view
    }

    /// As SQL names it.
    public let name: String
    /// Whether its rows are stored or computed.
    public let kind: Kind
    /// How many rows it has.
    public let rowCount: Int

    public init(name: String, kind: Kind, rowCount: Int) {
        self.name = name
        self.kind = kind
        self.rowCount = rowCount
    }
}

/// Rows of a table or view.
public struct StoredRows: Hashable, Sendable {
    /// The names of the columns, in order.
    public let columns: [String]
    /// Each as long as `columns`.
    public let rows: [[StoredValue]]
    /// How many rows there are altogether, whatever the limit was.
    public let rowCount: Int

    /// - Precondition: every row has one value per column.
    public init(columns: [String], rows: [[StoredValue]], rowCount: Int) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "every row has one value per column")
        self.columns = columns
        self.rows = rows
        self.rowCount = rowCount
    }
}
