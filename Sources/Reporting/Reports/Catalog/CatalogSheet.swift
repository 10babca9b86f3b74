/// Everything the catalogue says of one thing, each figure with its sources.
public struct CatalogSheet: ReportContent {
    /// A document, or a file that says where its figures come from.
    public struct Source: Hashable, Sendable {
        public let citation: String
        /// nil where the citation alone leads there.
        public let url: String?

        public init(citation: String, url: String? = nil) {
            self.citation = citation
            self.url = url
        }
    }

    /// One figure.
    public struct Figure: Hashable, Sendable {
        public let name: String
        public let value: Table.Cell
        /// Empty where there is none.
        public let unit: String
        public let sources: [Source]

        public init(name: String, value: Table.Cell, unit: String = "", sources: [Source]) {
            self.name = name
            self.value = value
            self.unit = unit
            self.sources = sources
        }
    }

    public let title: String
    private let remarks: [String]
    private let figures: [Figure]

    /// - Parameter remarks: what to say of it besides its figures.
    public init(title: String, remarks: [String], figures: [Figure]) {
        self.title = title
        self.remarks = remarks
        self.figures = figures
    }

    public var summary: [Report.Block] { remarks.map(Report.Block.paragraph) }

    /// People read the sources once, below, by number.
    public var sections: [Report.Section] {
        var numbers: [Source: Int] = [:]
        var list: [String] = []
        let rows = figures.map { figure -> [Table.Cell] in
            let cited = figure.sources.map { source -> String in
                if let number = numbers[source] { return "\(number)" }
                let number = numbers.count + 1
                numbers[source] = number
                list.append("[\(number)] \(source.citation)" + (source.url.map { " <\($0)>" } ?? ""))
                return "\(number)"
            }
            return [
                .text(figure.name), figure.value, .text(figure.unit),
                .text(cited.isEmpty ? "" : "[\(cited.joined(separator: ", "))]"),
            ]
        }
        var blocks: [Report.Block] = [
            .table(
                Table(
                    caption: "Figures",
                    columns: [
                        Table.Column("figure", "figure", .text), Table.Column("value", "value", .plain),
                        Table.Column("unit", "unit", .text), Table.Column("source", "source", .text),
                    ], keyColumnCount: 4, rows: rows))
        ]
        blocks += list.map(Report.Block.paragraph)
        return [Report.Section(heading: "Figures and where they come from", blocks: blocks)]
    }

    /// Programs get the sources with each figure, one row for each of them.
    public var mainTable: Table {
        Table(
            caption: title,
            columns: [
                Table.Column("figure", "figure", .text), Table.Column("value", "value", .plain),
                Table.Column("unit", "unit", .text), Table.Column("source", "source", .text),
                Table.Column("url", "address", .text),
            ],
            rows: figures.flatMap { figure -> [[Table.Cell]] in
                let head: [Table.Cell] = [.text(figure.name), figure.value, .text(figure.unit)]
                guard !figure.sources.isEmpty else { return [head + [.missing, .missing]] }
                return figure.sources.map {
                    head + [.text($0.citation), $0.url.map(Table.Cell.text) ?? .missing]
                }
            })
    }

    public var provenance: [String] {
        [
            "Figures are what the sources publish; where a source begins with Assumption or Derived, it is "
                + "that. What is not published is left out."
        ]
    }
}
