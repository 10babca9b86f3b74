import Quantities
import Reporting
import Testing
import Vocabulary

@Suite struct StudyReportTests {
    private static let study = Study(
        id: "s", title: "A map", scenario: "small",
        axes: [
            StudyAxis(name: "load", labels: ["1", "2", "3"]),
            StudyAxis(name: "fleet", labels: ["few", "many"]),
            StudyAxis(name: "spread", labels: ["1"]),
        ])

    /// - Parameter saved: by violated pairs against greedy; nil where nothing brackets the level.
    private static func outcome(_ saved: Double?) -> StudyOutcome {
        func saving(_ measure: EqualServiceSaving.Measure, _ saved: Double?) -> EqualServiceSaving {
            EqualServiceSaving(
                policy: "hercules", baseline: "greedy", measure: measure, level: Fraction(0.01),
                drawnEnergy: saved.map {
                    .init(fraction: Fraction($0), low: Fraction($0 - 0.001), high: Fraction($0 + 0.001))
                }, provisionedEnergy: nil, cost: nil, baselineRange: 0...0.02)
        }
        return StudyOutcome(
            subject: "hercules",
            policies: ["greedy", "hercules"].map {
                StudyOutcome.PolicyResult(
                    name: $0, drawnPower: Watts(1000), provisionedPower: Watts(1500),
                    violated: Fraction(0.01),
                    unserved: Fraction(0.001), changes: 3, cost: nil)
            }, savings: [saving(.violation, saved), saving(.unserved, nil)], currency: nil,
            provenances: [.modelled], powerProvenances: [.estimated])
    }

    private static func cells(_ saved: [Double?]) -> [StudyCellResult] {
        saved.enumerated().map { StudyCellResult(position: $0, state: .done, outcome: outcome($1)) }
    }

    private static func text(_ saved: [Double?]) -> String {
        StudyReport(study, cells: cells(saved), showsCells: true).summary.compactMap { block in
            if case .paragraph(let text) = block { text } else { nil }
        }.joined(separator: "\n")
    }

    /// Cells in order: load 1 few, load 1 many, load 2 few, ...
    @Test func findingsAreComputedFromTheCells() {
        let text = Self.text([0, 0.004, 0.01, -0.002, 0.06, 0.012])
        #expect(
            text.contains(
                "Against greedy, at equal shares of violated pairs, hercules saves 1.4 % of drawn energy in "
                    + "the mean over 6 of 6 cells (-0.2 % to 6.0 %): at least 0.5 % in 3 (in 3 with an "
                    + "interval above zero), less either way in 3, and in none does it lose as much."),
            "\(text)")
        #expect(text.contains("Along load the mean is 0.2 % at 1, 0.4 % at 2 and 3.6 % at 3."))
        #expect(text.contains("Along fleet the mean is 2.3 % at few and 0.5 % at many."))
        #expect(text.contains("It pays most at load 3, fleet few, spread 1: 6.0 %."))
        #expect(text.contains("greedy is as good wherever load is 1."))
    }

    @Test func aLossIsCalledOneAndNothingIsMadeUpWhereNothingIsComparable() {
        #expect(Self.text([-0.02, -0.03, 0, 0, 0, 0]).contains("hercules loses 0.8 % of drawn energy"))
        #expect(Self.text([-0.02, -0.03, 0, 0, 0, 0]).contains("and it loses as much in 2."))
        let none = Self.text([nil, nil, nil, nil, nil, nil])
        #expect(none.contains("in none of 6 cells do settings of both bracket a common share"))
        #expect(!none.contains("It pays most"))
    }

    @Test func whatIsNotDoneIsSaid() {
        var cells = Self.cells([0.01, 0.02, 0.01, 0.01, 0.01, nil])
        cells[4] = StudyCellResult(position: 4, state: .waiting)
        cells[5] = StudyCellResult(position: 5, state: .failed, error: "it rained")
        let report = StudyReport(Self.study, cells: cells, showsCells: false).report(seed: 1)
        let text = Rendering.lines(TextStyle(width: 400)).render(report) { "" }
        #expect(text.contains("4 of 6 cells are done, 1 failed."))
        #expect(text.contains("it rained") && text.contains("over 4 of 4 cells"))
        let json = StudyJSON(Self.study, cells: cells).text
        #expect(json.contains("\"state\" : \"failed\"") || json.contains("\"state\":\"failed\""))
    }

    @Test func mapsHaveOneAxisAcrossAndOneUpAndAChoiceForTheRest() throws {
        let report = StudyReport(
            Self.study, cells: Self.cells([0, 0.01, 0.02, 0.03, nil, 0.05]), showsCells: true
        ).report(seed: 1)
        let plots = report.sections.flatMap(\.blocks).compactMap { block -> Plot? in
            if case .plot(let plot) = block { plot } else { nil }
        }
        let plot = try #require(plots.first)
        #expect(plot.choices == ["against", "what", "where equal", "spread"])
        #expect(plot.figures.count == 2)
        let trace = plot.figures[0].traces[0].compactText
        #expect(trace.contains("\"z\":[[0,2,null],[1,3,5]]"), "\(trace)")
        #expect(trace.contains("settings of both bracket no common level at 1.000 %"))
        let tables = report.sections.flatMap(\.blocks).compactMap { block -> Table? in
            if case .table(let table) = block { table } else { nil }
        }
        let map = try #require(tables.first)
        #expect(map.columns.map(\.title) == ["fleet", "spread", "load 1", "load 2", "load 3"])
        #expect(map.rows[0] == [.text("few"), .text("1"), .number(0), .number(0.02), .missing])
        #expect(Set(tables.map(\.caption)).count == tables.count)
    }
}
