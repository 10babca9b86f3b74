import Quantities

/// Numbers and words in rows and columns. Numbers stay numbers, so that each renderer rounds as it must: JSON
/// and CSV not at all.
public struct Table: Hashable, Sendable {
    /// What the cells of a column hold. Numbers are held in the unit named here and scaled only when shown.
    public enum Kind: Hashable, Sendable {
        /// Words, left aligned.
        case text
        /// One word out of a small set, for example a provenance; shown as a label where that is possible.
        case tag
        /// Whole things.
        case count
        /// A number in whatever unit the column's name says, shown as it is.
        case plain
        /// Power, held in watts.
        case power
        /// Energy, held in joules.
        case energy
        /// Load or throughput, held in queries per second.
        case rate
        /// A share, held as a plain ratio and shown as a percentage.
        case fraction
        /// A relative optimality gap, held as a plain ratio and shown as a percentage to the thousandth.
        case gap
        /// A short time, held in milliseconds.
        case milliseconds
        /// Energy efficiency, held in queries per joule.
        case queriesPerJoule
    }

    /// One column.
    public struct Column: Hashable, Sendable {
        /// The name for programs, with the unit as its suffix where there is one: `meanProvisionedWatts`.
        public let key: String
        /// The name for people, without the unit.
        public let title: String
        /// What the cells hold.
        public let kind: Kind

        /// A column of the given kind.
        public init(_ key: String, _ title: String, _ kind: Kind) {
            self.key = key
            self.title = title
            self.kind = kind
        }
    }

    /// One cell.
    public enum Cell: Hashable, Sendable {
        /// Words.
        case text(String)
        /// A whole number.
        case integer(Int)
        /// A number in the unit of the column. One that is not finite is shown as missing.
        case number(Double)
        /// Not known, or not applicable; never to be read as zero.
        case missing

        /// The magnitude of a quantity, or missing.
        public static func quantity(_ quantity: (some ScalarQuantity)?) -> Cell {
            quantity.map { .number($0.value) } ?? .missing
        }

        /// A time in milliseconds, or missing.
        public static func milliseconds(_ time: Nanoseconds?) -> Cell {
            time.map { .number($0.milliseconds) } ?? .missing
        }
    }

    /// What the table shows; unique within a report.
    public let caption: String
    /// The columns from left to right.
    public let columns: [Column]
    /// How many of the leading columns say what a row is about.
    public let keyColumnCount: Int
    /// One array per row, with one cell per column.
    public let rows: [[Cell]]

    /// A table of the given rows.
    ///
    /// - Precondition: every row has one cell per column, and there are at least `keyColumnCount` columns.
    public init(caption: String, columns: [Column], keyColumnCount: Int = 1, rows: [[Cell]]) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "every row has one cell per column")
        precondition((0...columns.count).contains(keyColumnCount), "key columns are columns")
        self.caption = caption
        self.columns = columns
        self.keyColumnCount = keyColumnCount
        self.rows = rows
    }
}

extension Table {
    /// Columns of words, or of nothing known, whose cells are all the same, in tables of at least three rows.
    /// For people they are better said once than repeated. Key columns are never among them.
    package var constantColumns: [Int] {
        guard rows.count >= 3 else { return [] }
        return columns.indices.dropFirst(keyColumnCount).filter { index in
            let first = rows[0][index]
            guard !columns[index].kind.isNumeric || first == .missing else { return false }
            return rows.allSatisfy { $0[index] == first }
        }
    }

    /// What the constant columns say: `watts estimated; method gradient`; nil without any.
    package var constantColumnsText: String? {
        let texts = constantColumns.map { index in
            let text: String? = if case .text(let text) = rows[0][index], !text.isEmpty { text } else { nil }
            return "\(columns[index].title) \(text ?? "none")"
        }
        return texts.isEmpty ? nil : "Every row: " + texts.joined(separator: "; ") + "."
    }
}

extension Table.Kind {
    /// Whether cells line up at the right, as numbers should.
    public var isNumeric: Bool {
        switch self {
        case .text, .tag: false
        case .count, .plain, .power, .energy, .rate, .fraction, .gap, .milliseconds, .queriesPerJoule: true
        }
    }

    /// The unit in which cells are held; nil for words and counts.
    public var unit: String? {
        switch self {
        case .text, .tag, .count, .plain: nil
        case .power: Watts.unitSymbol
        case .energy: Joules.unitSymbol
        case .rate: QueriesPerSecond.unitSymbol
        case .fraction, .gap: "1"
        case .milliseconds: "ms"
        case .queriesPerJoule: "queries/J"
        }
    }
}
