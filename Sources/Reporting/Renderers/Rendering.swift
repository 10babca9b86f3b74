/// How text is laid out for whoever reads it.
public struct TextStyle: Hashable, Sendable {
    /// The longest line, in characters.
    public var width: Int
    /// Whether headings, warnings and remarks carry ANSI colours.
    public var usesColour: Bool
    /// Whether figures of lines are drawn with characters.
    public var drawsPlots: Bool

    /// What logs and files are written in, unless something else is asked for.
    public init(width: Int = 100, usesColour: Bool = false, drawsPlots: Bool = false) {
        self.width = width
        self.usesColour = usesColour
        self.drawsPlots = drawsPlots
    }
}

/// The form a result is written in.
public enum Rendering: Hashable, Sendable {
    case lines(TextStyle)
    case json, csv

    /// Text in the standard layout.
    public static let text = Rendering.lines(TextStyle())

    /// A report in this form; as CSV its main table.
    /// - Parameter json: the JSON of this kind of report, where the keys of one are a contract.
    public func render(_ report: Report, json: () -> String) -> String {
        switch self {
        case .lines(let style): TextRenderer(style).render(report)
        case .json: json()
        case .csv: CSVRenderer().render(report)
        }
    }

    /// A table in this form.
    public func render(_ table: Table) -> String {
        switch self {
        case .lines(let style): TextRenderer(style).render(table)
        case .json: JSONRenderer().render(table)
        case .csv: CSVRenderer().render(table)
        }
    }

    /// The same with figures of lines drawn with characters where it is text.
    public var withPlots: Rendering {
        guard case .lines(var style) = self else { return self }
        style.drawsPlots = true
        return .lines(style)
    }

    /// Whether people read it.
    public var isText: Bool { if case .lines = self { true } else { false } }
}
