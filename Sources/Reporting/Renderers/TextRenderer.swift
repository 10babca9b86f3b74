/// Plain text for terminals and logs: wrapped prose and aligned tables. Plots are left to the HTML rendering
/// unless the style asks for those of lines.
public struct TextRenderer: Sendable {
    /// The longest line, in characters. Only a word or a table column that is longer by itself exceeds it.
    public let width: Int
    /// Whether headings, warnings and remarks carry ANSI colours.
    public let usesColour: Bool
    private let drawsPlots: Bool

    /// A renderer for lines of the given width.
    public init(width: Int = 100, usesColour: Bool = false) {
        self.init(TextStyle(width: width, usesColour: usesColour))
    }

    /// A renderer in a style.
    public init(_ style: TextStyle) {
        (width, usesColour, drawsPlots) = (style.width, style.usesColour, style.drawsPlots)
    }

    /// The whole report, ending with a line break.
    public func render(_ report: Report) -> String {
        var parts = [underlined(report.title, with: "=")]
        parts += report.summary.compactMap(text)
        for section in report.sections {
            let blocks = section.blocks.compactMap(text)
            // A section of nothing but plots would leave a heading without a body.
            guard !blocks.isEmpty else { continue }
            parts.append(underlined(section.heading, with: "-"))
            parts += blocks
        }
        let foot = footText(report.foot)
        if !foot.isEmpty { parts.append(foot) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// One table with its caption, ending with a line break.
    public func render(_ table: Table) -> String { text(of: table) + "\n" }

    private func text(_ block: Report.Block) -> String? {
        switch block {
        case .paragraph(let text): TextLayout.wrapped(text, width: width)
        case .note(let text):
            coloured(TextLayout.wrapped("Note: \(text)", width: width, hangingIndent: 6), as: .faint)
        case .warning(let text):
            coloured(TextLayout.wrapped("WARNING: \(text)", width: width, hangingIndent: 9), as: .alarming)
        case .figures(let figures): text(of: figures)
        case .table(let table): text(of: table)
        case .plot(let plot): drawsPlots ? text(of: plot) : nil
        }
    }

    /// The figure that is shown first, if it is one of lines.
    private func text(of plot: Plot) -> String? {
        guard let figure = plot.figures.first(where: \.isPreferred) ?? plot.figures.first,
            let drawn = TextPlot(figure)
        else { return nil }
        let shown = zip(plot.choices, figure.options).map { "\($0): \($1)" }
        let title = ([plot.title] + shown).joined(separator: ", ")
        return ([coloured(TextLayout.wrapped(title, width: width), as: .strong)] + drawn.rows(width: width))
            .joined(separator: "\n")
    }

    private func text(of figures: [Report.HeadlineFigure]) -> String {
        let values = figures.map { TextLayout.printable($0.value) }
        let valueWidth = values.map(\.count).max() ?? 0
        return zip(values, figures).map { value, figure in
            TextLayout.wrapped(
                TextLayout.padded(value, to: valueWidth, rightAligned: true) + "  " + figure.label,
                width: width, hangingIndent: valueWidth + 2, keepsLeadingSpaces: true)
        }.joined(separator: "\n")
    }

    private func text(of table: Table) -> String {
        let caption = coloured(TextLayout.wrapped(table.caption, width: width), as: .strong)
        guard !table.rows.isEmpty else { return caption + "\n(none)" }
        return caption + "\n" + TextTable(table).lines(width: width).joined(separator: "\n")
    }

    private func footText(_ foot: Report.Foot) -> String {
        var lines = foot.provenance.map { TextLayout.wrapped($0, width: width) }
        if let seed = foot.seed { lines.append("Seed: \(seed)") }
        for (label, texts) in [("Versions", foot.versions), ("Inputs", foot.inputs)] where !texts.isEmpty {
            let list = texts.map { "\($0.name) \($0.text)" }.joined(separator: ", ")
            lines.append(TextLayout.wrapped("\(label): \(list)", width: width, hangingIndent: 2))
        }
        return coloured(lines.joined(separator: "\n"), as: .faint)
    }

    private func underlined(_ text: String, with character: Character) -> String {
        let line = TextLayout.printable(text)
        return coloured(line, as: .strong) + "\n" + String(repeating: character, count: line.count)
    }

    private enum Emphasis: String {
        case strong = "1"
        case faint = "2"
        case alarming = "1;31"
    }

    private func coloured(_ text: String, as emphasis: Emphasis) -> String {
        usesColour && !text.isEmpty ? "\u{1B}[\(emphasis.rawValue)m\(text)\u{1B}[0m" : text
    }
}
