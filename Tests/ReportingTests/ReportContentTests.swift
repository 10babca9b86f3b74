import Foundation
import Quantities
import Reporting
import Testing
import Vocabulary

@Suite struct ReportContentTests {
    private let text = TextRenderer()

    @Test func anInfeasiblePlanSaysSoFirstAndNamesWhatIsMissing() {
        let content = PlanReport(
            plan: Fixtures.infeasiblePlan, demand: Demand(["rm1": QueriesPerSecond(2034)]),
            table: Fixtures.table)
        guard case .warning(let warning) = content.summary.first else {
            Issue.record("the summary does not start with a warning")
            return
        }
        #expect(
            warning == "Infeasible: this fleet cannot serve the load. rm1 lacks 1,234 queries/s.")
        let rendered = text.render(content.report(seed: nil))
        #expect(rendered.contains("WARNING: Infeasible"))
        #expect(rendered.contains("unknown  proven lower bound"))
        #expect(!rendered.contains("Optimal"))
    }

    @Test func aPlanShowsCapacityAgainstLoadPerModel() {
        let content = PlanReport(
            plan: Fixtures.optimalPlan,
            demand: Demand(["rm1": QueriesPerSecond(720), "ncf": QueriesPerSecond(1500)]),
            table: Fixtures.table, headroom: Fraction(0.1))
        let rows = content.capacityTable.rows
        // rm1: 2 x 400 + 100 = 900 queries/s on 2 x 500 + 200 W; ncf: 2000 queries/s on 360 W.
        #expect(rows.map { $0[0] } == [.text("ncf"), .text("rm1")])
        #expect(rows.map { $0[3] } == [.number(2000), .number(900)])
        #expect(rows.map { $0[4] } == [.number(0.75), .number(0.8)])
        #expect(rows.map { $0[6] } == [.number(360), .number(1200)])
        #expect(rows.map { $0[7] } == [.text("measured"), .text("measured + modelled")])
        guard case .number(let required) = rows[1][2] else {
            Issue.record("no requirement")
            return
        }
        #expect(abs(required - 792) < 1e-9)
        #expect(
            text.render(content.report(seed: nil)).contains("the proven bound allows at most 0.064 % less"))
    }

    @Test func anAllocationWithoutAnEntryShowsNoNumbers() {
        let content = PlanReport(
            plan: Fixtures.optimalPlan, demand: Demand(["rm1": QueriesPerSecond(1)]),
            table: EfficiencyTable([]))
        #expect(
            content.capacityTable.rows.allSatisfy {
                $0[3] == .missing && $0[4] == .missing && $0[6] == .missing
            })
        #expect(content.mainTable.rows.allSatisfy { $0[3] == .missing && $0[6] == .missing })
    }

    @Test func liveChecksAreHeldAgainstTheRateThatWasPredicted() throws {
        func check(_ offered: Double, tail: Double) -> (LoadRun, Verdict) {
            (
                Fixtures.measurement(
                    "rm1", purpose: .confirmation, offered: offered, completed: offered,
                    latencies: [(5, 90), (tail, 10)]),
                Verdict(doubts: tail > 25 ? [.stolenTime] : [])
            )
        }
        let checks = [check(250, tail: 400), check(150, tail: 15), check(200, tail: 18)]
        let measurement = checks[0].0
        let search = SearchOutcome(
            entry: nil, model: measurement.model, serverType: measurement.serverType,
            evaluations: [
                ScheduleEvaluation(
                    schedule: measurement.schedule, throughput: QueriesPerSecond(250), power: Watts(40),
                    provenance: .measured)
            ], path: [measurement.schedule])
        let content = ProfileReport(checks, targets: ["rm1": Fixtures.target], searches: [search])
        #expect(content.sections.map(\.heading) == ["Measurements", "Predicted and live"])
        let tables = content.sections[1].blocks.compactMap { block in
            if case .table(let table) = block { table } else { nil as Table? }
        }
        #expect(tables.map(\.rows.count) == [1, 3])
        func cells(_ table: Table, _ row: Int) -> [String: Table.Cell] {
            Dictionary(uniqueKeysWithValues: zip(table.columns.map(\.key), table.rows[row]))
        }
        let summary = cells(tables[0], 0)
        #expect(summary["predictedQps"] == .number(250))
        #expect(summary["liveQps"] == .number(200), "the highest rate that met the target")
        #expect(summary["tailLatencyMilliseconds"] == .number(18))
        #expect(summary["checks"] == .integer(3))
        guard case .number(let difference) = summary["relativeDifference"] else {
            Issue.record("no difference")
            return
        }
        #expect(abs(difference + 0.2) < 1e-12)
        let missed = try #require(
            (0..<3).map { cells(tables[1], $0) }.first { $0["offeredQps"] == .number(250) })
        #expect(missed["outcome"] == .text("undecided"), "a disturbed run decides nothing")
        #expect(missed["doubts"] == .text("stolen time"))
    }

    @Test func loadRunsAreOrderedAndDoubtsShown() throws {
        let runs = [("rm1", 4), ("ncf", 2), ("rm1", 2)].map { model, threads in
            Fixtures.measurement(
                ModelID(model), purpose: .cell, threads: threads, offered: 100, completed: 99,
                latencies: [(1, 50), (2, 45), (4, 5)])
        }
        let content = ProfileReport(
            zip(runs, [[], [.tooFewQueries], []]).map { ($0, Verdict(doubts: $1)) }, targets: [:])
        let table = content.mainTable
        #expect(table.rows.map { $0[0] } == [.text("ncf"), .text("rm1"), .text("rm1")])
        #expect(table.rows.map { $0[2] } == [.integer(2), .integer(2), .integer(4)])
        let keys = table.columns.map(\.key)
        let p50 = try #require(keys.firstIndex(of: "p50Milliseconds"))
        #expect(table.rows.allSatisfy { Array($0[p50...(p50 + 2)]) == [.number(1), .number(2), .number(4)] })
        let steal = try #require(keys.firstIndex(of: "stealFraction"))
        #expect(table.rows.allSatisfy { $0[steal] == .missing })
        let doubts = try #require(keys.firstIndex(of: "doubts"))
        #expect(table.rows.map { $0[doubts] } == [.text("too few queries"), .text(""), .text("")])
        #expect(text.render(content.report(seed: nil)).contains("1 run is doubtful"))
    }

    @Test func aSearchWithoutAnEntryIsNamed() {
        let failed = SearchOutcome(entry: nil, model: "rm2", serverType: "cpu", evaluations: [], path: [])
        let content = SearchReport(outcomes: [failed, Fixtures.search("a", "x")], entries: Fixtures.entries)
        #expect(
            text.render(content.report(seed: nil)).contains(
                "WARNING: No schedule meets the latency target for rm2 on cpu."))
    }

    @Test func theSurfaceHasACellPerEvaluationAndThePathOnTop() throws {
        let content = SearchReport(outcomes: [Fixtures.search("a", "x")], entries: [])
        let plots = content.sections.flatMap(\.blocks).compactMap { block -> Plot? in
            if case .plot(let plot) = block { plot } else { nil }
        }
        let surface = try #require(plots.first { $0.choices.count == 3 })
        let figure = try #require(surface.figures.first)
        #expect(figure.options == ["a", "x", "whole, O = 1"])
        guard case .object(let heatmap) = figure.traces[0], case .object(let path) = figure.traces[2] else {
            Issue.record("no heatmap or no path")
            return
        }
        #expect(heatmap["x"] == ["1", "2", "3"])
        #expect(heatmap["y"] == ["16", "32"])
        #expect(
            heatmap["z"] == [
                [.number(20), .number(40), .null], [.number(15), .null, .number(80)],
            ])
        #expect(path["x"] == ["1", "2", "3"])
        #expect(path["y"] == ["16", "16", "32"])
        let progress = try #require(plots.first { $0.choices == ["model"] })
        guard case .object(let line) = progress.figures[0].traces[0] else {
            Issue.record("no line")
            return
        }
        // 20, 20, 40 and 80 of 80 queries/s.
        #expect(line["y"] == [.number(25), .number(25), .number(50), .number(100)])
    }

    @Test func provenanceIsCountedInWords() {
        #expect(
            ProvenanceMix(Fixtures.entries).sentence(about: "entry", plural: "entries")
                == "Of 3 entries 2 are measured and 1 is modelled; the watts are estimated.")
        let metered = Fixtures.entry(
            "a", "b", qps: 1, watts: 1, provenance: .imported, powerProvenance: .metered)
        #expect(
            ProvenanceMix([metered]).sentence(about: "entry", plural: "entries")
                == "The entry is imported; the watts are metered.")
        #expect(
            ProvenanceMix(Fixtures.entries + [metered]).sentence(about: "entry", plural: "entries")
                == """
                Of 4 entries 2 are measured, 1 is imported and 1 is modelled; the watts are metered for \
                1 and
                """
                + " estimated for 3.")
        #expect(ProvenanceMix(Fixtures.entries + [metered]).powerLabel == "metered + estimated")
        #expect(
            ProvenanceMix([EfficiencyEntry]()).sentence(about: "entry", plural: "entries")
                == "There are no entries.")
    }

    @Test func serverHoursSayHowMuchRestsOnMeasurement() {
        let rendered = text.render(Fixtures.replayReport.report(seed: nil))
            .replacingOccurrences(of: "\n      ", with: " ")
        // hercules: six hours of modelled GPU servers and six of measured CPU servers.
        #expect(rendered.contains("50.0 % rest on measured and 50.0 % rest on modelled figures"))
        #expect(rendered.contains("more often than static"))
    }

    @Test func theGenericJSONHoldsEveryTableAtFullPrecision() throws {
        let json = JSONRenderer().render(Fixtures.replayReport.report(seed: .max))
        let root = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let foot = try #require(root["foot"] as? [String: Any])
        #expect((foot["seed"] as? NSNumber)?.uint64Value == .max)
        let sections = try #require(root["sections"] as? [[String: Any]])
        let blocks = sections.flatMap { $0["blocks"] as? [[String: Any]] ?? [] }
        let tables = blocks.compactMap { $0["table"] as? [String: Any] }
        #expect(tables.count == 4)
        #expect((tables.first?["rows"] as? [Any])?.count == 1)
        #expect(json.contains("\"powerMeanFraction\" : \(1 - 1020.0 / 2160)"))
    }
}
