import Quantities
import Vocabulary

/// What the search for schedules found: the efficiency table, and how the best schedules were reached.
public struct SearchReport: ReportContent {
    private let outcomes: [SearchOutcome]
    private let entries: [EfficiencyEntry]
    private let reasons: [Infeasibility]
    private let rivals: [RivalSearch]
    private let frontier: [FrontierPoint]
    private let stepTimes: [String]

    /// A report on searches and the efficiency entries in force.
    ///
    /// - Parameters:
    ///   - outcomes: The searches to draw; may be fewer than the entries where some were kept from earlier.
    ///   - entries: The efficiency table.
    ///   - reasons: Why pairs without an entry have none.
    ///   - rivals: What every method that was tried found for the same problems.
    ///   - frontier: What pairs do under several latency targets and power budgets.
    ///   - scenario: What the entries are of, which says what step times of language models rest on; nil
    ///     says nothing of it.
    public init(
        outcomes: [SearchOutcome], entries: [EfficiencyEntry], reasons: [Infeasibility] = [],
        rivals: [RivalSearch] = [], frontier: [FrontierPoint] = [], scenario: Scenario? = nil
    ) {
        stepTimes = scenario.map { StepTimesNote($0.models, on: $0.serverTypes, entries).sentences } ?? []
        self.reasons = reasons
        self.frontier = frontier
        self.rivals = rivals
        self.outcomes = outcomes.sorted { ($0.model, $0.serverType) < ($1.model, $1.serverType) }
        self.entries = entries.sorted { ($0.model, $0.serverType) < ($1.model, $1.serverType) }
    }

    /// The name of the document.
    public var title: String { "Schedules and efficiency" }

    /// How large the table is, and where its entries come from.
    public var summary: [Report.Block] {
        let models = Set(entries.map(\.model)).count
        let types = Set(entries.map(\.serverType)).count
        guard !entries.isEmpty else { return [.paragraph("The efficiency table is empty.")] }
        return [
            .paragraph(
                "The best schedule found for \(models.counted("model")) on "
                    + "\(types.counted("server type")): "
                    + "\(entries.count.counted("entry", plural: "entries")). "
                    + mix.sentence(about: "entry", plural: "entries"))
        ]
    }

    /// The efficiency table, the surfaces that were searched and how fast.
    public var sections: [Report.Section] {
        var blocks: [Report.Block] = [
            .paragraph(
                "Latency-bounded throughput is the highest rate of Poisson arrivals at which the tail "
                    + "latency meets its target and the power its budget. M: inference threads, O: operator "
                    + "workers in each, D: items in a batch.")
        ]
        blocks += misses
        blocks.append(.table(mainTable))
        if let checks = EntryChecksTable(entries, outcomes).table { blocks.append(.table(checks)) }
        blocks += ImportedFiguresTable(outcomes).blocks
        let plots = SearchPlots(outcomes: outcomes, entries: entries, rivals: rivals)
        let frontier = FrontierPlot(points: frontier).plot
        blocks += [plots.efficiency, plots.surface, plots.progress, plots.methods, frontier].compactMap {
            $0.map(Report.Block.plot)
        }
        return [Report.Section(heading: "Efficiency", blocks: blocks)]
    }

    /// The efficiency table.
    public var mainTable: Table {
        Table(
            caption: "Efficiency table: the best schedule of each model on each server type",
            columns: [
                Table.Column("model", "model", .text),
                Table.Column("server", "server type", .text),
                Table.Column("qps", "throughput", .rate),
                Table.Column("watts", "power", .power),
                Table.Column("queriesPerJoule", "efficiency", .queriesPerJoule),
                Table.Column("partition", "partition", .text),
                Table.Column("threads", "M", .count),
                Table.Column("workers", "O", .count),
                Table.Column("batch", "D", .count),
                Table.Column("sparseThreads", "sparse M", .count),
                Table.Column("sparseWorkers", "sparse O", .count),
                Table.Column("hotFraction", "hot rows", .fraction),
                Table.Column("evaluations", "tried", .count),
                Table.Column("spaceSize", "of", .count),
                Table.Column("provenance", "source", .tag),
                Table.Column("wattsProvenance", "watts", .tag),
                Table.Column("latencyTarget", "latency target", .text),
                Table.Column("powerBudgetWatts", "power budget", .power),
                Table.Column("method", "method", .text),
            ],
            keyColumnCount: 2,
            rows: entries.map { entry in
                let pair: [Table.Cell] = [
                    .text(entry.model.name), .text(entry.serverType.name), .quantity(entry.throughput),
                    .quantity(entry.power), .number(entry.queriesPerJoule),
                ]
                let rest: [Table.Cell] = [
                    .quantity(entry.schedule.threadSchedule?.hotFraction), .integer(entry.evaluations),
                    .integer(entry.spaceSize), .text(entry.provenance.rawValue),
                    .text(entry.powerProvenance.rawValue), .text(entry.target.description),
                    .quantity(entry.powerBudget), .text(entry.method),
                ]
                return pair + entry.schedule.cells + entry.schedule.sparseCells + rest
            })
    }

    /// The mix of sources.
    public var provenance: [String] {
        [mix.sentence(about: "efficiency entry", plural: "efficiency entries")] + stepTimes
            + [ProvenanceMix.glossary]
    }

    private var mix: ProvenanceMix { ProvenanceMix(entries) }

    /// The pairs for which no schedule meets the constraints.
    private var misses: [Report.Block] {
        let open = outcomes.filter { !$0.stop.isFinal }.map { "\($0.model) on \($0.serverType)" }
        let unfinished: [Report.Block] =
            open.isEmpty
            ? []
            : [
                .note(
                    "Searched in part: \(open.enumerated). What is shown is the best so far; the same "
                        + "command goes on from there.")
            ]
        let missed = outcomes.filter { $0.entry == nil && $0.stop.isFinal }.map {
            "\($0.model) on \($0.serverType)"
        }
        guard !missed.isEmpty else { return unfinished }
        let warning = Report.Block.warning("No schedule meets the latency target for \(missed.enumerated).")
        return unfinished + [warning] + (reasons.isEmpty ? [] : [.table(InfeasibilityTable.table(reasons))])
    }
}
