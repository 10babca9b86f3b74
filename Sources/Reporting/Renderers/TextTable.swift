/// A table laid out in aligned columns of text.
///
/// Heads wrap at spaces, and words in cells where a line would be too long. Columns that still do not fit
/// continue in further blocks below, each led by the key columns. Columns of words that say the same in every
/// row become one line below.
package struct TextTable {
    private static let separator = "  "
    private static let missing = "-"
    /// Text columns are not squeezed below this many characters.
    private static let narrowestText = 12

    private struct Column {
        let head: [String]
        let cells: [String]
        let isNumeric: Bool

        var naturalWidth: Int { max(head.map(\.count).max() ?? 0, cells.map(\.count).max() ?? 0) }
        /// The width below which words would be broken.
        var longestWord: Int {
            let words = cells.flatMap { $0.split(separator: " ").map(\.count) }
            return max(head.map(\.count).max() ?? 0, words.max() ?? 0)
        }
    }

    private let columns: [Column]
    private let keyColumnCount: Int
    private let rowCount: Int
    private let remark: String?

    package init(_ table: Table) {
        let constantColumns = table.constantColumns
        columns = table.columns.indices.filter { !constantColumns.contains($0) }.map { index in
            let format = ColumnFormat(of: table, column: index)
            let cells = table.rows.map { row in
                TextLayout.printable(format.text(of: row[index]) ?? Self.missing)
            }
            let column = table.columns[index]
            return Column(
                head: Self.head(
                    column.title, unit: format.headUnit, width: cells.map(\.count).max() ?? 0),
                cells: cells, isNumeric: column.kind.isNumeric)
        }
        keyColumnCount = table.keyColumnCount
        rowCount = table.rows.count
        remark = table.constantColumnsText
    }

    /// The lines of the table, at most `width` long where its words allow.
    package func lines(width: Int) -> [String] {
        var lines: [String] = []
        for block in blocks(width: width) {
            if !lines.isEmpty { lines.append("") }
            lines += self.lines(of: block, width: width)
        }
        if let remark {
            lines += TextLayout.wrapped(remark, width: width).split(separator: "\n").map(String.init)
        }
        return lines
    }

    /// Wraps a head to about the width of its cells, so that a long name does not widen a column of short
    /// numbers.
    private static func head(_ title: String, unit: String?, width: Int) -> [String] {
        let longestWord = title.split(separator: " ").map(\.count).max() ?? 0
        let lines = TextLayout.wrapped(title, width: max(width, longestWord)).split(separator: "\n")
        return lines.map(String.init) + (unit.map { ["(\($0))"] } ?? [])
    }

    /// Groups of columns that fit the width, each starting with the key columns.
    private func blocks(width: Int) -> [[Int]] {
        let keys = Array(columns.indices.prefix(keyColumnCount))
        var blocks: [[Int]] = []
        var block = keys
        for index in columns.indices.dropFirst(keyColumnCount) {
            if block.count > keys.count, narrowestWidth(of: block + [index]) > width {
                blocks.append(block)
                block = keys
            }
            block.append(index)
        }
        return blocks + [block]
    }

    private func narrowestWidth(of block: [Int]) -> Int {
        total(block.map { narrowestWidth(ofColumn: columns[$0]) })
    }

    private func narrowestWidth(ofColumn column: Column) -> Int {
        column.isNumeric
            ? column.naturalWidth
            : min(column.naturalWidth, max(Self.narrowestText, column.longestWord))
    }

    private func total(_ widths: [Int]) -> Int {
        widths.reduce(0, +) + Self.separator.count * max(0, widths.count - 1)
    }

    /// Natural widths, with the widest text column squeezed again and again until the line fits.
    private func widths(of block: [Int], width: Int) -> [Int] {
        var widths = block.map { columns[$0].naturalWidth }
        let narrowest = block.map { narrowestWidth(ofColumn: columns[$0]) }
        while total(widths) > width {
            let squeezable = widths.indices.filter { widths[$0] > narrowest[$0] }
            guard let widest = squeezable.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return widths
    }

    private func lines(of block: [Int], width: Int) -> [String] {
        let widths = widths(of: block, width: width)
        let headHeight = block.map { columns[$0].head.count }.max() ?? 0
        var lines = (0..<headHeight).map { level in
            row(
                block.map { index in
                    // Heads stand on the rule, so a short one starts lower.
                    let head = columns[index].head
                    let line = level - (headHeight - head.count)
                    return line >= 0 ? head[line] : ""
                }, of: block, widths: widths)
        }
        lines.append(widths.map { String(repeating: "-", count: $0) }.joined(separator: Self.separator))
        for rowIndex in 0..<rowCount {
            let cells = zip(block, widths).map { index, width in
                TextLayout.wrapped(columns[index].cells[rowIndex], width: width)
                    .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            }
            for level in 0..<(cells.map(\.count).max() ?? 0) {
                lines.append(
                    row(cells.map { level < $0.count ? $0[level] : "" }, of: block, widths: widths))
            }
        }
        return lines
    }

    private func row(_ texts: [String], of block: [Int], widths: [Int]) -> String {
        let cells = zip(zip(texts, widths), block).map { cell, index in
            TextLayout.padded(cell.0, to: cell.1, rightAligned: columns[index].isNumeric)
        }
        return TextLayout.trimmedAtEnd(cells.joined(separator: Self.separator))
    }
}
