import Quantities
import Vocabulary

/// A plan of pipelines: how their limits are split, what a simulation of all stages says, and the replicas.
public struct PipelinePlanReport: ReportContent {
    private let shared: SharedBoxReport
    private let plan: SharedBoxPlan
    private let splits: [PipelineSplit]
    private let reaches: [PipelineReach]
    private let reach: Double
    private let bound: Watts?
    private let planned: Int
    private let splitBound: Watts
    private let leftOut: [(model: ModelID, type: ServerTypeID)]

    /// - Parameters:
    ///   - shared: of the same plan.
    ///   - reaches: that were tried, in order.
    ///   - reach: that the plan has.
    ///   - bound: no plan draws less, however limits are split; nil where not even that is served.
    ///   - planned: splits that were planned.
    ///   - splitBound: no split within reach draws less.
    ///   - leftOut: pairs whose figures hold for one target alone.
    public init(
        _ shared: SharedBoxReport, plan: SharedBoxPlan, splits: [PipelineSplit], reaches: [PipelineReach],
        reach: Double, bound: Watts?, planned: Int, splitBound: Watts,
        leftOut: [(model: ModelID, type: ServerTypeID)]
    ) {
        self.shared = shared
        self.plan = plan
        self.splits = splits
        self.reaches = reaches
        self.reach = reach
        self.bound = bound
        self.planned = planned
        self.splitBound = splitBound
        self.leftOut = leftOut
    }

    public var title: String { "A plan of pipelines" }

    private var gap: Fraction? {
        guard let bound, plan.shortfall.isEmpty, plan.objective > .zero else { return nil }
        return Fraction(max(0, 1 - bound / plan.objective))
    }

    public var summary: [Report.Block] {
        var figures = [
            Report.HeadlineFigure(value: plan.objective.readable, label: "provisioned power, estimated")
        ]
        if let bound, let gap {
            figures.append(
                Report.HeadlineFigure(
                    value: bound.readable,
                    label: "lower bound, however limits are split; gap \(gap.readable)"))
        }
        if let least = splits.compactMap({ $0.trial?.attained }).min() {
            figures.append(
                Report.HeadlineFigure(value: least.readable, label: "of requests within targets, simulated"))
        }
        figures.append(Report.HeadlineFigure(value: "\(plan.boxCount)", label: "boxes"))
        var blocks: [Report.Block] = []
        for (model, missing) in plan.shortfall.sorted(by: { $0.key < $1.key }) {
            blocks.append(.warning("\(model): \(missing.readable) are not served."))
        }
        for split in splits {
            guard let trial = split.trial, !trial.holds else { continue }
            blocks.append(
                .warning(
                    "\(split.pipeline.id): simulated, \(trial.attained.readable) of requests keep the "
                        + "targets, \(trial.asked.readable) are asked for."))
        }
        return blocks + [.figures(figures)]
    }

    public var sections: [Report.Section] {
        splits.map(section) + [searched] + shared.sections
    }

    private func section(_ split: PipelineSplit) -> Report.Section {
        let target = split.pipeline.target
        var text =
            "\(split.load.readable) requests, headroom included; target \(target) from arrival to the last "
            + "stage's answer, of a language model its first token. "
        if let trial = split.trial {
            text +=
                "Simulated through all stages, \(trial.attained.readable) of "
                + "\(trial.requests.counted("request")) keep every limit"
                + (trial.latency.map { ", \(target.quantile) \($0)" } ?? "") + "."
        } else {
            text += "It was not simulated."
        }
        let table = Table(
            caption: "Stages of \(split.pipeline.id)",
            columns: [
                Table.Column("stage", "stage", .text), Table.Column("model", "model", .text),
                Table.Column("after", "after", .text), Table.Column("visits", "visits", .plain),
                Table.Column("load", "load", .rate),
                Table.Column("budgetMilliseconds", "budget", .milliseconds),
                Table.Column("quantile", "at", .text),
                Table.Column("simulatedMilliseconds", "simulated", .milliseconds),
                Table.Column("watts", "power", .power),
            ],
            rows: split.stages.map { stage in
                [
                    .text(stage.stage.name), .text(stage.stage.model.name),
                    .text(
                        stage.stage.after.map { split.pipeline.stages[$0].name }.joined(separator: ", ")),
                    .number(stage.stage.visits), .quantity(stage.load),
                    .number(stage.budget.seconds * 1000), .text("\(stage.quantile)"),
                    stage.simulated.map { .number($0.seconds * 1000) } ?? .missing,
                    .quantity(stage.watts),
                ]
            })
        return Report.Section(
            heading: "Pipeline \(split.pipeline.id)", blocks: [.paragraph(text), .table(table)])
    }

    private var searched: Report.Section {
        let table = Table(
            caption: "How far budgets may reach, over the limits",
            columns: [
                Table.Column("reach", "reach", .fraction), Table.Column("watts", "power", .power),
                Table.Column("attained", "within targets", .fraction),
                Table.Column("isConfirmed", "confirmed", .text),
            ],
            rows: reaches.map { one in
                [
                    .number(one.reach), .quantity(one.watts),
                    one.attained.map { .quantity($0) } ?? .missing, .text(one.isConfirmed ? "yes" : "no"),
                ]
            })
        return Report.Section(
            heading: "The search of splits",
            blocks: [
                .paragraph(
                    "Budgets are parts of a limit, and their sum along the longest way is the reach. Each "
                        + "stage keeps its budget at its quantile; the simulation says how many requests "
                        + "keep the whole limit. Of splits within a reach of \(Fraction(reach).readable), "
                        + "\(planned.counted("split")) of least power "
                        + "\(planned == 1 ? "was" : "were") planned; no other draws less than "
                        + "\(splitBound.readable)."), .table(table),
            ])
    }

    public var mainTable: Table { shared.mainTable }

    public var provenance: [String] {
        let pairs = leftOut.map { "\($0.model) on \($0.type)" }.joined(separator: ", ")
        return shared.provenance
            + ["Rates of stages are modelled: simulations of one replica under a budget."]
            + (leftOut.isEmpty
                ? []
                : ["Left out, as what is known of them holds for one target alone: \(pairs)."])
    }

    /// The members of a plan on shared boxes, with pipelines beside them; bound and gap hold for any split.
    public var json: String {
        var members = shared.members
        members["boundWatts"] = bound.map { .number($0.value) } ?? .null
        members["gap"] = gap.map { .number($0.value) } ?? .null
        if let gap, gap.value > 1e-6 { members["status"] = "feasible" }
        members["splits"] = [
            "reach": .number(reach), "planned": .integer(planned), "boundWatts": .number(splitBound.value),
            "tried": .array(
                reaches.map { one in
                    [
                        "reach": .number(one.reach), "watts": .number(one.watts.value),
                        "attained": one.attained.map { .number($0.value) } ?? .null,
                        "isConfirmed": .bool(one.isConfirmed),
                    ]
                }),
        ]
        members["pipelines"] = .array(splits.map(json))
        return StableJSON.document(of: members)
    }

    private func json(_ split: PipelineSplit) -> JSONValue {
        [
            "pipeline": .string(split.pipeline.id.name), "qps": .number(split.load.value),
            "limitSeconds": .number(split.pipeline.target.limit.seconds),
            "quantile": .number(split.pipeline.target.quantile.value),
            "attained": split.trial.map { .number($0.attained.value) } ?? .null,
            "requests": split.trial.map { .integer($0.requests) } ?? .null,
            "latencySeconds": split.trial?.latency.map { .number($0.seconds) } ?? .null,
            "stages": .array(
                split.stages.map { stage in
                    [
                        "stage": .string(stage.stage.name), "model": .string(stage.stage.model.name),
                        "demand": .string(stage.demandID.name), "visits": .number(stage.stage.visits),
                        "qps": .number(stage.load.value), "budgetSeconds": .number(stage.budget.seconds),
                        "quantile": .number(stage.quantile.value),
                        "simulatedSeconds": stage.simulated.map { .number($0.seconds) } ?? .null,
                        "watts": .number(stage.watts.value),
                    ]
                }),
        ]
    }
}
