import Quantities
import Vocabulary

/// A scenario on one screen: the plan in a sentence, what live load said, and the savings last, where a
/// terminal leaves the reader. Everything else is in the `ScenarioReport` it is taken from.
public struct ScenarioBrief: ReportContent {
    private let report: ScenarioReport

    /// The brief of a report.
    public init(_ report: ScenarioReport) { self.report = report }

    /// The scenario's own title.
    public var title: String { report.title }

    /// What was asked, what came of it in one sentence, and where the numbers come from.
    public var summary: [Report.Block] { report.opening }

    /// Plan, live checks, savings.
    public var sections: [Report.Section] {
        var sections: [Report.Section] = []
        if let plan = report.plan {
            sections.append(
                Report.Section(
                    heading: "Plan", blocks: [.paragraph(plan.statusSentence), .table(plan.capacityTable)]))
        }
        if let checks = report.profile.liveChecks {
            sections.append(
                Report.Section(heading: "Predicted and live", blocks: [.table(checks.summaryTable)]))
        }
        guard let replay = report.replay else { return sections }
        sections.append(
            Report.Section(
                heading: "Savings",
                blocks: [.table(replay.mainTable)] + replay.notes.map(Report.Block.note)
                    + [.table(replay.savingsTable)]))
        // Last, where a terminal leaves the reader.
        if let equal = replay.frontierTables {
            sections.append(
                Report.Section(
                    heading: "Savings at equal service",
                    blocks: equal.notes.map(Report.Block.note) + [.table(equal.savingsTable)]))
        }
        return sections
    }

    /// One row per policy of the replay.
    public var mainTable: Table { report.mainTable }

    /// Hosts, engines and the mix of sources.
    public var provenance: [String] { report.provenance }
}
