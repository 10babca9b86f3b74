import Quantities
import Reporting
import Testing
import Vocabulary

@Suite struct ScenarioReportTests {
    private func content(plan: Plan) -> ScenarioReport {
        let run = Fixtures.measurement(
            "rm1", purpose: .cell, offered: 100, completed: 99, latencies: [(1, 50), (2, 50)])
        return ScenarioReport(
            scenario: Fixtures.scenario(), measurements: [(run, Verdict(doubts: []))],
            searches: [Fixtures.search("rm1", "cpu")],
            table: Fixtures.table, plan: plan, demand: Fixtures.trace.peakDemand, replay: Fixtures.replay,
            includesDecisionTime: false)
    }

    @Test func theSummarySaysWhatWasAskedWhatCameOfItAndWhatItRestsOn() {
        let report = content(plan: Fixtures.optimalPlan).report(seed: 5)
        let paragraphs = report.summary.compactMap { block -> String? in
            if case .paragraph(let text) = block { text } else { nil }
        }
        #expect(
            paragraphs == [
                """
                2 models (ncf and rm1) on 24 servers of 2 types, with the load of four-hours over 4 \
                hours in
                """
                    + " intervals of 1 hour.",
                """
                hercules provisions 52.8 % less mean power and 37.0 % less peak power than static. A \
                model's load
                """
                    + " exceeds its capacity in 12.5 % of all (interval, model) pairs (static: 0.0 %).",
                "Of 3 efficiency entries 2 are measured and 1 is modelled; the watts are estimated.",
            ])
        #expect(report.title == "A small scenario")
        #expect(
            report.sections.map(\.heading) == [
                "Savings", "Power over time", "Violations", "Decisions", "Plan", "Efficiency", "Measurements",
            ])
        #expect(report.mainTable.columns.first?.key == "policy")
        #expect(report.foot.provenance.first?.contains("session (Example CPU, 4 cores, Debian 12)") == true)
    }

    @Test func captionsAndPlotTitlesAreUniqueSoThatReadersCanReferToThem() {
        let blocks = content(plan: Fixtures.optimalPlan).sections.flatMap(\.blocks)
        let names = blocks.compactMap { block -> String? in
            switch block {
            case .table(let table): table.caption
            case .plot(let plot): plot.title
            default: nil
            }
        }
        #expect(Set(names).count == names.count)
        #expect(names.count >= 14)
    }

    @Test func aPlanThatCannotServeIsSaidAtTheTop() {
        let infeasible = content(plan: Fixtures.infeasiblePlan)
        #expect(
            infeasible.summary.contains(
                .warning(
                    """
                    Infeasible: this fleet cannot serve the peak load of the trace. rm1 lacks 1,234 \
                    queries/s.
                    """
                )))
        let feasible = content(plan: Fixtures.optimalPlan)
        let warnings = feasible.summary.filter { if case .warning = $0 { true } else { false } }
        #expect(warnings.isEmpty)
    }
}
