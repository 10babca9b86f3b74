/// Comma-separated values for spreadsheets and data frames.
///
/// Fields are quoted as in RFC 4180, records end with a line feed, the head names each column with its unit,
/// and numbers keep full precision in that unit. A missing value is an empty field.
public struct CSVRenderer: Sendable {
    /// A renderer; it has no settings.
    public init() {}

    /// The report's main table.
    public func render(_ report: Report) -> String { render(report.mainTable) }

    /// One table, with its head.
    public func render(_ table: Table) -> String { head(table) + rows(table) }

    /// The head alone.
    public func head(_ table: Table) -> String {
        table.columns.map { Self.quoted($0.key) }.joined(separator: ",") + "\n"
    }

    /// The rows alone, to follow those of an earlier table with the same columns.
    public func rows(_ table: Table) -> String {
        table.rows.map { $0.map(Self.field).joined(separator: ",") + "\n" }.joined()
    }

    private static func field(_ cell: Table.Cell) -> String {
        switch cell {
        case .text(let text): quoted(text)
        case .integer(let value): String(value)
        case .number(let value) where value.isFinite: JSONValue.number(value).compactText
        case .number, .missing: ""
        }
    }

    private static func quoted(_ text: String) -> String {
        // Scalars, because a carriage return before a line feed is one character to Swift.
        let special: Set<Unicode.Scalar> = [",", "\"", "\n", "\r"]
        let needsQuotes =
            text.unicodeScalars.contains(where: special.contains) || text.hasPrefix(" ")
            || text.hasSuffix(" ")
        guard needsQuotes else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
    }
}
