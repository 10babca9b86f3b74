/// The form a result is written in.
public enum Rendering: Hashable, Sendable, CaseIterable {
    case text, json, csv

    /// A report in this form; as CSV its main table.
    /// - Parameter json: the JSON of this kind of report, where the keys of one are a contract.
    public func render(_ report: Report, json: () -> String) -> String {
        switch self {
        case .text: TextRenderer().render(report)
        case .json: json()
        case .csv: CSVRenderer().render(report)
        }
    }

    /// A table in this form.
    public func render(_ table: Table) -> String {
        switch self {
        case .text: TextRenderer().render(table)
        case .json: JSONRenderer().render(table)
        case .csv: CSVRenderer().render(table)
        }
    }
}
