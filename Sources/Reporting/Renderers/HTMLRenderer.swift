/// One self-contained HTML file: the style sheet, plotly.js and all data are inside, and its content security
/// policy forbids every request to the outside, so it reads the same offline, in an attachment and years
/// later.
public struct HTMLRenderer: Sendable {
    private static let icon =
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAMAAAAoLQ9TAAAABlBMVEUAAAAvb+2qqFG/AAAA"
        + "AXRSTlMAQObYZgAAABxJREFUeNpjYCABMAIBJQKMUECkACMSoJoAAQAALNoAZXc65EwAAAAASUVORK5CYII="

    private static let policy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"

    /// How every file of this renderer begins.
    public static let beginning = """
        <!DOCTYPE html>
        <html lang="en-GB">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy"
        """

    private let plotlyScript: String

    /// A renderer that draws with the given library.
    ///
    /// - Parameter plotlyScript: The source text of plotly.js 4 or later, minified or not.
    public init(plotlyScript: String) { self.plotlyScript = HTMLText.escapedScript(plotlyScript) }

    /// The whole file. O(size of the report and of plotly.js).
    public func render(_ report: Report) -> String {
        var page = Page()
        let summary = report.summary.map { page.html(of: $0) }.joined(separator: "\n")
        let sections = report.sections.enumerated().map { index, section in
            let body = section.blocks.map { page.html(of: $0) }.joined(separator: "\n")
            let heading = HTMLText.escaped(section.heading)
            return """
                <section id="section-\(index + 1)" aria-labelledby="heading-\(index + 1)">
                <h2 id="heading-\(index + 1)">\(heading)</h2>
                \(body)
                </section>
                """
        }
        let title = HTMLText.escaped(report.title)
        return """
            \(Self.beginning) content="\(Self.policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <link rel="icon" href="\(Self.icon)">
            <style>
            \(HTMLStyle.sheet)
            </style>
            </head>
            <body>
            <header>
            <h1>\(title)</h1>
            \(summary)
            </header>
            \(Self.navigation(report.sections))
            <main>
            \(sections.joined(separator: "\n"))
            </main>
            \(Self.footer(report.foot))
            \(page.hasPlots ? scripts(page) : "")
            </body>
            </html>

            """
    }

    private func scripts(_ page: Page) -> String {
        let data = HTMLText.escapedJSON(page.data.compactText)
        return """
            <noscript><p class="warning">The plots of this report need JavaScript; the tables do \
            not.</p></noscript>
            <script type="application/json" id="report-data">\(data)</script>
            <script>
            \(plotlyScript)
            </script>
            <script>
            \(HTMLScript.program)
            </script>
            """
    }

    private static func navigation(_ sections: [Report.Section]) -> String {
        guard sections.count > 2 else { return "" }
        let items = sections.enumerated().map { index, section in
            "<li><a href=\"#section-\(index + 1)\">\(HTMLText.escaped(section.heading))</a></li>"
        }
        return "<nav aria-label=\"Sections\"><ul>\n\(items.joined(separator: "\n"))\n</ul></nav>"
    }

    private static func footer(_ foot: Report.Foot) -> String {
        let sentences = foot.provenance.map { "<p>\(HTMLText.escaped($0))</p>" }
        var facts: [(String, String)] = foot.seed.map { [("Seed", String($0))] } ?? []
        facts += foot.versions.map { ($0.name, $0.text) }
        facts += foot.inputs.map { ($0.name, $0.text) }
        let list = facts.map { "<dt>\(HTMLText.escaped($0.0))</dt><dd>\(HTMLText.escaped($0.1))</dd>" }
        return """
            <footer>
            <h2>Where these numbers come from</h2>
            \(sentences.joined(separator: "\n"))
            <dl>
            \(list.joined(separator: "\n"))
            </dl>
            </footer>
            """
    }
}
