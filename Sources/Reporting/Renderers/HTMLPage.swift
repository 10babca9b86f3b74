/// The body of a page as it grows: the markup of each block, and the data of the plots met so far.
struct Page {
    private var pool = ArrayPool()
    private var plots: [JSONValue] = []

    var hasPlots: Bool { !plots.isEmpty }

    /// What the page's program draws from.
    var data: JSONValue { ["arrays": .array(pool.arrays), "plots": .array(plots)] }

    mutating func html(of block: Report.Block) -> String {
        switch block {
        case .paragraph(let text): "<p>\(HTMLText.escaped(text))</p>"
        case .note(let text): "<p class=\"remark\">\(HTMLText.escaped(text))</p>"
        case .warning(let text): "<p class=\"warning\" role=\"alert\">\(HTMLText.escaped(text))</p>"
        case .figures(let figures): Self.html(of: figures)
        case .table(let table): HTMLTable(table).html
        case .plot(let plot): html(of: plot)
        }
    }

    private static func html(of figures: [Report.HeadlineFigure]) -> String {
        let items = figures.map {
            """
            <div><dt>\(HTMLText.escaped($0.label))</dt>\
            <dd>\(HTMLText.escaped(HTMLTable.typeset($0.value)))</dd></div>
            """
        }
        return "<dl class=\"headlines\">\n\(items.joined(separator: "\n"))\n</dl>"
    }

    private mutating func html(of plot: Plot) -> String {
        let title = HTMLText.escaped(plot.title)
        guard !plot.figures.isEmpty else {
            return "<figure class=\"card\"><h3>\(title)</h3><p>Nothing to draw.</p></figure>"
        }
        let figures = plot.figures.map { figure -> JSONValue in
            [
                "options": .strings(figure.options),
                "isPreferred": .bool(figure.isPreferred),
                "traces": pool.pooled(.array(figure.traces)),
                "layout": pool.pooled(.object(figure.layout)),
                "height": .integer(figure.height),
            ]
        }
        let index = plots.count
        plots.append(["choices": .strings(plot.choices), "figures": .array(figures)])
        return """
            <figure class="card" data-plot="\(index)">
            <div class="bar"><h3>\(title)</h3><div class="choices"></div></div>
            <div class="plot" role="img" aria-label="\(title)"></div>
            <figcaption>\(HTMLText.escaped(plot.caption))</figcaption>
            </figure>
            """
    }
}
