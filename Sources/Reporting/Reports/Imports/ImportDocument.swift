import Vocabulary

/// What importing files came to.
public struct ImportDocument {
    private let summaries: [ImportSummary]

    /// - Parameter summaries: one for each file.
    public init(_ summaries: [ImportSummary]) { self.summaries = summaries }

    /// In text, a few lines for each file; in JSON, one object a file; in CSV, one row a file.
    public func text(as rendering: Rendering) -> String {
        switch rendering {
        case .lines: summaries.map(Self.lines).joined()
        case .json: JSONValue.array(summaries.map(Self.object)).compactText + "\n"
        case .csv: rendering.render(table)
        }
    }

    /// One row for each file.
    public var table: Table {
        Table(
            caption: "Imports",
            columns: [
                Table.Column("file", "file", .text), Table.Column("kind", "kind", .tag),
                Table.Column("source", "source", .text), Table.Column("rowsRead", "read", .count),
                Table.Column("rowsKept", "kept", .count), Table.Column("rowsMarked", "marked", .count),
                Table.Column("rowsRefused", "refused", .count), Table.Column("isKnown", "known", .tag),
                Table.Column("fileDigest", "SHA-256", .text),
            ],
            rows: summaries.map { summary in
                [
                    .text(summary.file), .text(summary.kind), .text(summary.source),
                    .integer(summary.rowsRead), .integer(summary.rowsKept), .integer(summary.rowsMarked),
                    .integer(summary.rowsRefused), .text("\(summary.isKnown)"), .text(summary.fileDigest),
                ]
            })
    }

    private static func lines(_ summary: ImportSummary) -> String {
        if summary.isKnown { return "\(summary.file): imported before, nothing to do\n" }
        var lines = [
            "\(summary.file): \(summary.rowsRead) rows read, \(summary.rowsKept) kept, "
                + "\(summary.rowsMarked) of them marked, \(summary.rowsRefused) refused",
            "  source: \(summary.source)" + (summary.licence.map { ", \($0)" } ?? ""),
            "  SHA-256: \(summary.fileDigest)",
        ]
        func list(_ title: String, _ reasons: [ImportSummary.Reason]) {
            for reason in reasons {
                lines.append(
                    "  \(title) \(reason.rows) \(reason.rows == 1 ? "row" : "rows"), first in line "
                        + "\(reason.firstLine): \(reason.text)")
            }
        }
        list("refused", summary.refusals)
        list("marked", summary.marks)
        for range in summary.ranges {
            lines.append(
                "  \(range.name): \(number(range.minimum)) to \(number(range.maximum)) in \(range.rows) rows")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func number(_ value: Double) -> String {
        guard let whole = Int(exactly: value) else { return "\(value.rounded(significantDigits: 6))" }
        return "\(whole)"
    }

    private static func object(_ summary: ImportSummary) -> JSONValue {
        func reasons(_ reasons: [ImportSummary.Reason]) -> JSONValue {
            .array(
                reasons.map {
                    [
                        "reason": .string($0.text), "rows": .integer($0.rows),
                        "firstLine": .integer($0.firstLine),
                    ]
                })
        }
        return [
            "file": .string(summary.file), "kind": .string(summary.kind), "source": .string(summary.source),
            "licence": summary.licence.map { .string($0) } ?? .null,
            "fileDigest": .string(summary.fileDigest), "isKnown": .bool(summary.isKnown),
            "rowsRead": .integer(summary.rowsRead), "rowsKept": .integer(summary.rowsKept),
            "rowsMarked": .integer(summary.rowsMarked), "rowsRefused": .integer(summary.rowsRefused),
            "refused": reasons(summary.refusals), "marked": reasons(summary.marks),
            "ranges": .array(
                summary.ranges.map {
                    [
                        "name": .string($0.name), "rows": .integer($0.rows), "minimum": .number($0.minimum),
                        "maximum": .number($0.maximum),
                    ]
                }),
        ]
    }
}
