import Foundation

/// JSON for programs that want everything a report says; its tables keep numbers at full precision in the
/// unit that each column names. For the fixed keys of a single command see `SearchJSON`, `PlanJSON` and
/// `ReplayJSON`.
public struct JSONRenderer: Sendable {
    /// A renderer; it has no settings.
    public init() {}

    /// The report with its keys in ascending order, ending with a line break.
    public func render(_ report: Report) -> String {
        var members: [String: JSONValue] = [
            "title": .string(report.title),
            "summary": .array(report.summary.map(Self.value)),
            "foot": Self.value(of: report.foot),
        ]
        members["sections"] = .array(
            report.sections.map { section in
                [
                    "heading": .string(section.heading),
                    "blocks": .array(section.blocks.map(Self.value)),
                ]
            })
        return StableJSON.document(of: members)
    }

    /// A table as an array of one object per row, with ascending keys, ending with a line break.
    public func render(_ table: Table) -> String { StableJSON.text(of: Self.rows(of: table)) }

    private static func value(of block: Report.Block) -> JSONValue {
        switch block {
        case .paragraph(let text): ["paragraph": .string(text)]
        case .note(let text): ["note": .string(text)]
        case .warning(let text): ["warning": .string(text)]
        case .figures(let figures):
            [
                "figures": .array(
                    figures.map { ["label": .string($0.label), "value": .string($0.value)] })
            ]
        case .table(let table): ["table": value(of: table)]
        // A plot shows numbers that the tables or the replay's interval table hold.
        case .plot(let plot): ["plot": ["title": .string(plot.title), "caption": .string(plot.caption)]]
        }
    }

    private static func value(of table: Table) -> JSONValue {
        let columns = table.columns.map { column -> JSONValue in
            [
                "key": .string(column.key), "title": .string(column.title),
                "unit": column.kind.unit.map(JSONValue.string) ?? .null,
            ]
        }
        return ["caption": .string(table.caption), "columns": .array(columns), "rows": rows(of: table)]
    }

    private static func rows(of table: Table) -> JSONValue {
        .array(
            table.rows.map { row in
                .object(
                    Dictionary(
                        zip(table.columns.map(\.key), row.map(value)), uniquingKeysWith: { _, last in last }))
            })
    }

    private static func value(of cell: Table.Cell) -> JSONValue {
        switch cell {
        case .text(let text): .string(text)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .missing: .null
        }
    }

    private static func value(of foot: Report.Foot) -> JSONValue {
        func list(_ texts: [Report.NamedText]) -> JSONValue {
            .array(texts.map { ["name": .string($0.name), "text": .string($0.text)] })
        }
        return [
            "provenance": .strings(foot.provenance),
            "seed": foot.seed.map(JSONValue.unsigned) ?? .null,
            "versions": list(foot.versions), "inputs": list(foot.inputs),
        ]
    }
}
