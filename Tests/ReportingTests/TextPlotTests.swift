import Reporting
import Testing

@Suite struct TextPlotTests {
    private let renderer = TextRenderer(TextStyle(width: 40, drawsPlots: true))

    private func figure(
        _ traces: [JSONValue], x: JSONValue = ["title": ["text": "rate"]], y: JSONValue = [:]
    ) -> Plot.Figure {
        Plot.Figure(traces: traces, layout: ["xaxis": x, "yaxis": y])
    }

    private func line(_ name: String, _ x: [Double], _ y: [Double]) -> JSONValue {
        ["type": "scatter", "name": .string(name), "x": .numbers(x), "y": .numbers(y)]
    }

    private func rendered(_ figures: [Plot.Figure], choices: [String] = []) -> String {
        let plot = Plot(title: "Curve", caption: "", choices: choices, figures: figures)
        return renderer.render(report(plot))
    }

    private func report(_ plot: Plot) -> Report {
        Report(
            title: "T", summary: [], sections: [Report.Section(heading: "S", blocks: [.plot(plot)])],
            mainTable: Table(caption: "", columns: [], keyColumnCount: 0, rows: []),
            foot: Report.Foot(provenance: [], seed: nil, versions: [], inputs: []))
    }

    @Test func aStraightLineRisesFromCornerToCorner() {
        let text = rendered([figure([line("tokens", [0, 10], [0, 28])])])
        let rows = text.split(separator: "\n").map(String.init)
        let drawn = rows.drop { $0 != "Curve" }.dropFirst()
        #expect(
            Array(drawn) == [
                "       28 +                            *",
                "          |                          ..",
                "          |                        ..",
                "          |                      ..",
                "          |                    ..",
                "          |                  ..",
                "          |                ..",
                "       14 +              ..",
                "          |            ..",
                "          |          ..",
                "          |        ..",
                "          |      ..",
                "          |    ..",
                "          |  ..",
                "        0 +*.",
                "          +-----------------------------",
                "           0             5       10 rate",
                "           * tokens",
            ], "\(text)")
    }

    @Test func logarithmicAxesPutEqualRatiosAtEqualDistances() {
        let text = rendered([figure([line("ms", [1, 2, 3], [1, 100, 10_000])], y: ["type": "log"])])
        let marks = text.split(separator: "\n").enumerated().filter { $0.element.contains("*") }.map(\.offset)
        // The last is the legend.
        #expect(marks.count == 4 && marks[1] - marks[0] == 7 && marks[2] - marks[1] == 7)
    }

    @Test func everyLineHasAMarkOfItsOwnAndGapsStayOpen() {
        let gapped = line("b", [0, 5, 10], [3, .nan, 3])
        let text = rendered([figure([line("a", [0, 10], [1, 1]), gapped])])
        #expect(text.contains("* a   o b"))
        let row = text.split(separator: "\n").first { $0.contains("o") && $0.contains("|") == false } ?? ""
        #expect(row.filter { $0 == "o" }.count == 2 && !row.contains("."), "\(text)")
    }

    @Test func theFigureThatIsPreferredIsDrawnWithItsOptions() {
        let first = Plot.Figure(options: ["a"], traces: [line("of a", [0, 1], [0, 1])], layout: [:])
        let second = Plot.Figure(
            options: ["b"], isPreferred: true, traces: [line("of b", [0, 1], [0, 1])], layout: [:])
        let text = rendered([first, second], choices: ["latency"])
        #expect(text.contains("Curve, latency: b") && text.contains("* of b") && !text.contains("of a"))
    }

    @Test(arguments: [
        ["type": "bar", "x": .numbers([1, 2]), "y": .numbers([1, 2])] as JSONValue,
        ["type": "scatter", "x": .strings(["a", "b"]), "y": .numbers([1, 2])],
        ["type": "scatter", "stackgroup": "one", "x": .numbers([1, 2]), "y": .numbers([1, 2])],
        ["type": "scatter", "x": .numbers([1]), "y": .numbers([1, 2])],
        ["type": "scatter", "x": .numbers([]), "y": .numbers([])],
    ])
    func whatCharactersCannotShowIsLeftOut(trace: JSONValue) {
        #expect(!rendered([figure([trace])]).contains("Curve"))
    }

    @Test func plotsAreDrawnOnlyWhereTheyAreAskedFor() {
        let plot = Plot(
            title: "Curve", caption: "", choices: [], figures: [figure([line("a", [0, 1], [0, 1])])])
        #expect(!TextRenderer().render(report(plot)).contains("Curve"))
        #expect(Rendering.text.withPlots.render(report(plot)) { "" }.contains("Curve"))
    }

    @Test func oneValueAloneIsInTheMiddle() {
        let text = rendered([figure([line("a", [5], [5])])])
        #expect(text.contains("* a") && text.contains("4.5") && text.contains("5.5"))
    }
}
