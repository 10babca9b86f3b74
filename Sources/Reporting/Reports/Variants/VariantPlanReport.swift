import Quantities
import Vocabulary

/// A plan whose loads are split over variants: who answers how much, what the floors cost, and the servers.
public struct VariantPlanReport: ReportContent {
    let outcome: VariantPlan
    let tasks: [ServedTask]
    let table: EfficiencyTable
    let goal: PlanGoal
    let headroom: Fraction
    /// Power at other floors, ascending; empty where that was not asked for.
    let curve: [FloorPoint]

    public init(
        outcome: VariantPlan, tasks: [ServedTask], table: EfficiencyTable, goal: PlanGoal,
        headroom: Fraction, curve: [FloorPoint] = []
    ) {
        self.outcome = outcome
        self.tasks = tasks
        self.table = table
        self.goal = goal
        self.headroom = headroom
        self.curve = curve
    }

    private var plan: Plan { outcome.plan }

    public var title: String { "Plan with variants" }

    public var summary: [Report.Block] {
        var blocks: [Report.Block] = []
        if plan.status == .infeasible {
            let missing = plan.shortfalls.map { "\($0.model) lacks \($0.load.readable)" }
            blocks.append(
                .warning(
                    "Infeasible: this fleet cannot serve the load within its floors. "
                        + missing.enumerated + "."))
        }
        var figures = [
            Report.HeadlineFigure(value: plan.objective.readable, label: "provisioned power"),
            Report.HeadlineFigure(
                value: plan.gap?.readableGap ?? "unknown", label: "gap to the proven bound"),
            Report.HeadlineFigure(
                value: Double(plan.allocation.serverCount).fixed(decimals: 0), label: "servers"),
        ]
        for split in outcome.splits where isTask(split.task) {
            figures.append(
                Report.HeadlineFigure(
                    value: split.meanAccuracy.map(Self.percent) ?? "unknown",
                    label: "mean accuracy of \(split.task)"))
        }
        blocks.append(.figures(figures))
        return blocks
    }

    public var sections: [Report.Section] {
        var blocks: [Report.Block] = [.paragraph(sentence), .table(sharesTable), .note(Self.reading)]
        let doubts = VariantDoubts(tasks).notes
        blocks += doubts.map(Report.Block.note)
        blocks.append(.table(mainTable))
        var sections = [Report.Section(heading: "Plan", blocks: blocks)]
        if !curve.isEmpty {
            sections.append(
                Report.Section(
                    heading: "Power against the floor",
                    blocks: [.plot(FloorPlot(curve: curve).plot), .table(FloorPlot(curve: curve).table)]))
        }
        sections.append(
            Report.Section(heading: "Variants", blocks: [.table(VariantTable(tasks, table).table)]))
        return sections
    }

    private static let reading =
        "Each query goes to the most accurate variant that has room. The floor's price is what one more "
        + "point "
        + "of mean accuracy costs at the margin, from the relaxation."

    private var sentence: String {
        let found =
            switch plan.status {
            case .optimal: "The plan is optimal within the gap asked for."
            case .feasible:
                "The plan serves the load; the proof of the bound stops short of the gap asked for."
            case .infeasible:
                "As little as possible stays unserved, then accuracy is highest, then the cost least."
            }
        return "The load has \(Self.percent(headroom)) headroom on top. " + found
    }

    private func isTask(_ name: ModelID) -> Bool { tasks.contains { $0.id == name } }

    static func percent(_ share: Fraction) -> String { "\((share.value * 100).short()) %" }

    /// The allocations.
    public var mainTable: Table {
        Table(
            caption: "Allocations",
            columns: [
                Table.Column("model", "variant", .text),
                Table.Column("server", "server type", .text),
                Table.Column("count", "servers", .count),
                Table.Column("qpsEach", "each", .rate),
                Table.Column("qps", "together", .rate),
                Table.Column("watts", "power together", .power),
                Table.Column("provenance", "source", .tag),
            ],
            keyColumnCount: 2,
            rows: plan.allocation.shares.map { share in
                let entry = table[share.model, share.serverType]
                return [
                    .text(share.model.name), .text(share.serverType.name), .integer(share.count),
                    .quantity(entry?.throughput),
                    .quantity(entry.map { $0.throughput * Double(share.count) }),
                    .quantity(entry.map { $0.power * Double(share.count) }),
                    entry.map { .text($0.provenance.rawValue) } ?? .missing,
                ]
            })
    }

    /// Who answers how much of each load.
    public var sharesTable: Table {
        let rows = outcome.splits.flatMap { split in
            split.shares.map { share -> [Table.Cell] in
                let part = split.load.value > 0 ? share.load.value / split.load.value : 0
                let isKnown = isTask(split.task)
                return [
                    .text(split.task.name), .text(share.model.name), .quantity(share.load), .number(part),
                    isKnown ? .number(share.accuracy.value) : .missing,
                    isKnown ? split.meanAccuracy.map { .number($0.value) } ?? .missing : .missing,
                    split.meanFloor.map { .number($0.value) } ?? .missing,
                    split.costOfPoint.map { .number($0) } ?? .missing,
                ]
            }
        }
        return Table(
            caption: "Who answers",
            columns: [
                Table.Column("task", "task", .text), Table.Column("model", "variant", .text),
                Table.Column("qps", "load", .rate), Table.Column("loadFraction", "share", .fraction),
                Table.Column("accuracyFraction", "accuracy", .fraction),
                Table.Column("meanAccuracyFraction", "mean accuracy", .fraction),
                Table.Column("floorFraction", "floor", .fraction),
                Table.Column("costOfPoint", "\(goal.unit) a point", .plain),
            ], keyColumnCount: 2, rows: rows)
    }

    public var provenance: [String] { VariantDoubts(tasks).sources }
}

/// What there is to say of accuracies beside their values.
struct VariantDoubts {
    private let tasks: [ServedTask]

    init(_ tasks: [ServedTask]) { self.tasks = tasks }

    /// Neighbours whose intervals overlap are not ranked by their data.
    var notes: [String] {
        tasks.flatMap { task in
            zip(task.variants, task.variants.dropFirst()).filter { !$0.accuracy.differs(from: $1.accuracy) }
                .map {
                    "\($0.model) and \($1.model) lie within each other's interval: their data do not rank "
                        + "them."
                }
        }
    }

    var sources: [String] {
        Set(
            tasks.flatMap(\.variants).map {
                "Accuracies \($0.accuracy.provenance.rawValue), \($0.accuracy.precision.rawValue): "
                    + "\($0.accuracy.dataSet), \($0.accuracy.split), n = \($0.accuracy.samples)."
            }
        ).sorted()
    }
}

/// Accuracy and efficiency of every variant on every server type.
struct VariantTable {
    private let tasks: [ServedTask]
    private let entries: EfficiencyTable

    init(_ tasks: [ServedTask], _ entries: EfficiencyTable) {
        self.tasks = tasks
        self.entries = entries
    }

    var table: Table {
        let rows = tasks.flatMap { task in
            task.variants.flatMap { variant -> [[Table.Cell]] in
                let accuracy = variant.accuracy
                return entries.entries.filter { $0.model == variant.model }.map { entry in
                    [
                        .text(task.id.name), .text(variant.model.name), .text(entry.serverType.name),
                        .number(accuracy.value.value), .number(accuracy.low.value),
                        .number(accuracy.high.value), .integer(accuracy.samples),
                        .text(accuracy.provenance.rawValue), .text(accuracy.precision.rawValue),
                        .quantity(entry.throughput), .quantity(entry.power),
                        .number(entry.throughput > .zero ? entry.queriesPerJoule : 0),
                        .text(entry.provenance.rawValue),
                    ]
                }
            }
        }
        return Table(
            caption: "What each variant is worth on each server",
            columns: [
                Table.Column("task", "task", .text), Table.Column("model", "variant", .text),
                Table.Column("server", "server type", .text),
                Table.Column("accuracyFraction", "accuracy", .fraction),
                Table.Column("lowFraction", "low", .fraction),
                Table.Column("highFraction", "high", .fraction),
                Table.Column("samples", "samples", .count),
                Table.Column("accuracyProvenance", "accuracy from", .tag),
                Table.Column("precision", "precision", .tag), Table.Column("qps", "throughput", .rate),
                Table.Column("watts", "power", .power),
                Table.Column("queriesPerJoule", "efficiency", .queriesPerJoule),
                Table.Column("provenance", "source", .tag),
            ], keyColumnCount: 3, rows: rows)
    }
}

/// Power at floors on the mean accuracy.
struct FloorPlot {
    let curve: [FloorPoint]

    var plot: Plot {
        let known = curve.filter { $0.watts != nil }
        let floors = known.map { $0.floor.value * 100 }
        let watts: JSONValue = [
            "type": "scatter", "mode": "lines+markers", "name": "plan",
            "x": .numbers(floors, significantDigits: 6),
            "y": .numbers(known.map { $0.watts?.value ?? .nan }, significantDigits: 6),
            "line": ["color": .string(Palette.subject)],
        ]
        let bounds: JSONValue = [
            "type": "scatter", "mode": "lines", "name": "bound",
            "x": .numbers(floors, significantDigits: 6),
            "y": .numbers(known.map { $0.bound ?? .nan }, significantDigits: 6),
            "line": ["color": .string(Palette.policy(0)), "dash": "dot"],
        ]
        return Plot(
            title: "Power against the floor on mean accuracy",
            caption:
                "The plan at each floor, and what none costs less than. Between two variants the line of "
                + "their mixtures is straight but for whole servers.",
            choices: [],
            figures: [
                Plot.Figure(
                    traces: [bounds, watts],
                    layout: [
                        "xaxis": ["title": ["text": "floor (%)"]], "yaxis": Axis.fromZero("provisioned (W)"),
                    ])
            ])
    }

    var table: Table {
        Table(
            caption: "Power at each floor",
            columns: [
                Table.Column("floorFraction", "floor", .fraction), Table.Column("watts", "power", .power),
                Table.Column("bound", "bound", .plain),
                Table.Column("meanAccuracyFraction", "mean accuracy", .fraction),
            ],
            rows: curve.map { point in
                [
                    .number(point.floor.value), .quantity(point.watts),
                    point.bound.map { .number($0) } ?? .missing,
                    point.meanAccuracy.map { .number($0.value) } ?? .missing,
                ]
            })
    }
}
