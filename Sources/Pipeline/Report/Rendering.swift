import Reporting

/// The form a result is written in.
public enum Rendering: Sendable {
    case text, json, csv

    func render(_ report: Report, json: () -> String) -> String {
        switch self {
        case .text: TextRenderer().render(report)
        case .json: json()
        case .csv: CSVRenderer().render(report)
        }
    }
}
