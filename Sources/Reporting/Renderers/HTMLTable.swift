/// A table as HTML, in a box of its own that scrolls where the table is wider than the page.
struct HTMLTable {
    private let table: Table
    private let formats: [ColumnFormat]
    private let shownColumns: [Int]
    /// Columns whose texts wrap, because on one line they would push the others out of sight.
    private let longColumns: Set<Int>

    init(_ table: Table) {
        self.table = table
        let constantColumns = table.constantColumns
        shownColumns = table.columns.indices.filter { !constantColumns.contains($0) }
        longColumns = Set(
            table.columns.indices.filter { index in
                table.rows.contains {
                    if case .text(let text) = $0[index] { text.count > 30 } else { false }
                }
            })
        formats = table.columns.indices.map { ColumnFormat(of: table, column: $0) }
    }

    var html: String {
        let caption = HTMLText.escaped(table.caption)
        let head = shownColumns.map { index in
            let column = table.columns[index]
            let unit =
                formats[index].headUnit.map { " <span class=\"unit\">\(HTMLText.escaped($0))</span>" } ?? ""
            let style = column.kind.isNumeric ? " class=\"n\"" : ""
            return "<th scope=\"col\"\(style)>\(HTMLText.escaped(column.title))\(unit)</th>"
        }
        let rows = table.rows.map { row in
            "<tr>" + shownColumns.map { cell(row[$0], column: $0) }.joined() + "</tr>"
        }
        let emptyRow = "<tr><td colspan=\"\(shownColumns.count)\" class=\"absent\">none</td></tr>"
        let style = rows.count > 24 ? "card grid tall" : "card grid"
        let remark =
            table.constantColumnsText.map { "<p class=\"everywhere\">\(HTMLText.escaped($0))</p>" } ?? ""
        return """
            <div class="\(style)"><div class="scroll" role="region" tabindex="0" aria-label="\(caption)">
            <table>
            <caption><span>\(caption)</span></caption>
            <thead><tr>\(head.joined())</tr></thead>
            <tbody>
            \(rows.isEmpty ? emptyRow : rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>\(remark)</div>
            """
    }

    /// A number's text with a true minus sign.
    static func typeset(_ number: String) -> String {
        number.hasPrefix("-") ? "\u{2212}" + number.dropFirst() : number
    }

    private func cell(_ cell: Table.Cell, column index: Int) -> String {
        let kind = table.columns[index].kind
        guard let text = formats[index].text(of: cell) else {
            return kind.isNumeric
                ? "<td class=\"n absent\">\u{2013}</td>" : "<td class=\"absent\">\u{2013}</td>"
        }
        if index < table.keyColumnCount {
            return "<th scope=\"row\"\(kind.isNumeric ? " class=\"n\"" : "")>\(HTMLText.escaped(text))</th>"
        }
        if kind == .tag { return "<td>\(Self.tag(text))</td>" }
        guard kind.isNumeric else {
            let style = longColumns.contains(index) ? " class=\"long\"" : ""
            return "<td\(style)>\(HTMLText.escaped(text))</td>"
        }
        let style = text.hasPrefix("-") ? "n negative" : "n"
        return "<td class=\"\(style)\">\(HTMLText.escaped(Self.typeset(text)))</td>"
    }

    private static func tag(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        let style =
            switch text {
            case "measured", "metered", "optimal", "valid", "met": " good"
            case "feasible", "doubtful", "estimated", "modelled": " caution"
            case "infeasible", "missed": " bad"
            default: ""
            }
        return "<span class=\"tag\(style)\">\(HTMLText.escaped(text))</span>"
    }
}
