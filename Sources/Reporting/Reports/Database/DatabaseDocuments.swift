import Vocabulary

/// The tables and views of a database with their row counts.
public struct StoredTablesDocument: TableDocument {
    private let tables: [StoredTable]

    public init(_ tables: [StoredTable]) { self.tables = tables }

    public var table: Table {
        Table(
            caption: "Tables and views",
            columns: [
                Table.Column("name", "name", .text), Table.Column("kind", "kind", .tag),
                Table.Column("rows", "rows", .count),
            ],
            rows: tables.map { [.text($0.name), .text($0.kind.rawValue), .integer($0.rowCount)] })
    }
}

/// The rows of a table or view, under the names that the database gives its columns.
public struct StoredRowsDocument: TableDocument {
    private let name: String
    private let found: StoredRows

    /// - Parameter name: of the table or view.
    public init(_ found: StoredRows, of name: String) {
        self.found = found
        self.name = name
    }

    public var table: Table {
        let columns = found.columns.enumerated().map { index, name in
            let isNumeric = found.rows.allSatisfy { $0[index].isNumeric }
            return Table.Column(name, name, isNumeric && !found.rows.isEmpty ? .plain : .text)
        }
        let shown = found.rows.count < found.rowCount ? ", \(found.rows.count) of \(found.rowCount) rows" : ""
        return Table(caption: "\(name)\(shown)", columns: columns, rows: found.rows.map { $0.map(\.cell) })
    }
}

/// What a database file is: its size, its schema, and what it holds of each kind.
public struct DatabaseFactsDocument: TableDocument {
    private let facts: [(name: String, value: String)]

    public init(_ facts: [(name: String, value: String)]) { self.facts = facts }

    public var table: Table {
        Table(
            caption: "Database",
            columns: [Table.Column("name", "name", .text), Table.Column("value", "value", .text)],
            rows: facts.map { [.text($0.name), .text($0.value)] })
    }
}

/// How many records of other databases were merged into one, and how many of them were new.
public struct MergeDocument: TableDocument {
    private let files: [MergeSummary]
    private let contentDigest: String

    /// - Parameter contentDigest: of what the database holds now, in hexadecimal digits.
    public init(_ files: [MergeSummary], contentDigest: String) {
        self.files = files
        self.contentDigest = contentDigest
    }

    public var table: Table {
        Table(
            caption: "Records merged",
            columns: [
                Table.Column("file", "file", .text), Table.Column("table", "records of", .text),
                Table.Column("found", "found", .plain), Table.Column("added", "added", .plain),
                Table.Column("known", "known", .plain),
            ],
            rows: files.flatMap { file in
                file.counts.map { count in
                    [
                        .text(file.path), .text(count.table), .integer(count.found), .integer(count.added),
                        .integer(count.found - count.added),
                    ]
                }
            })
    }

    public var remarks: String { "\ncontent digest: \(contentDigest)\n" }
}

/// One line each on what was done to a database file.
public enum DatabaseUpkeepText {
    /// Space was given back to the file system.
    public static func vacuumed(_ path: String, bytesBefore: Int, bytesAfter: Int) -> String {
        "\(path): \(bytesBefore) bytes before, \(bytesAfter) after\n"
    }

    /// Imports were removed.
    public static func forgot(files: Int, rows: Int) -> String {
        "forgot \(files) \(files == 1 ? "file" : "files") with \(rows) rows\n"
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
