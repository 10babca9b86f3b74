import Quantities
import Vocabulary

/// Ways to choose variants, played against one trace: power beside accuracy and service.
public struct VariantReplayReport: ReportContent {
    private let outcome: VariantReplay
    private let table: EfficiencyTable
    private let plan: VariantPlanReport?
    private let mappings: [EdgeResult]

    /// - Parameters:
    ///   - plan: for the peak of the trace; nil for none.
    ///   - mappings: where the layers of variants run, of those of which that is known.
    public init(
        outcome: VariantReplay, table: EfficiencyTable, plan: VariantPlanReport? = nil,
        mappings: [EdgeResult] = []
    ) {
        self.mappings = mappings
        self.outcome = outcome
        self.table = table
        self.plan = plan
    }

    public var title: String { "Replay with variants: \(outcome.trace.name)" }

    public var summary: [Report.Block] {
        guard let best = outcome.timelines.first(where: { $0.policy == "fixed-best" }),
            let own = outcome.timelines.first(where: { $0.policy == "variants" }), best.drawnEnergy > .zero
        else { return [] }
        let saved = 1 - own.drawnEnergy / best.drawnEnergy
        func accuracy(_ policy: String) -> String {
            outcome.services.filter { $0.policy == policy }
                .map { $0.meanAccuracy.map(VariantPlanReport.percent) ?? "unknown" }.joined(separator: ", ")
        }
        return [
            .figures([
                Report.HeadlineFigure(
                    value: "\((saved * 100).short()) %",
                    label: "drawn energy saved against fixed-best, with accuracy \(accuracy("variants")) in "
                        + "place of \(accuracy("fixed-best"))"),
                Report.HeadlineFigure(
                    value: own.meanDrawnPower.readable, label: "mean drawn power with variants"),
            ])
        ]
    }

    public var sections: [Report.Section] {
        var blocks: [Report.Block] = [
            .table(mainTable), .note(Self.reading), .plot(accuracyPlot), .plot(powerPlot),
        ]
        blocks += VariantDoubts(outcome.tasks).notes.map(Report.Block.note)
        var sections = [Report.Section(heading: "Replay", blocks: blocks)]
        sections.append(
            Report.Section(
                heading: "Front", blocks: [.plot(VariantFront(outcome.tasks, table, mappings).plot)]))
        sections += plan?.sections ?? []
        if !mappings.isEmpty {
            sections.append(
                Report.Section(
                    heading: "Where layers run", blocks: [.plot(EdgeMappingPlot(mappings).plot)]))
        }
        return sections
    }

    private static let reading =
        "Accuracy is of the queries that were answered. Below floor is the share of them in intervals "
        + "whose mean "
        + "was below the floor; violated is the share of intervals in which the load exceeded what all "
        + "servers "
        + "of the task's variants answer; unserved is the share of queries beyond that."

    public var mainTable: Table {
        let rows = outcome.timelines.flatMap { timeline in
            outcome.services.filter { $0.policy == timeline.policy }.map { service -> [Table.Cell] in
                [
                    .text(timeline.policy), .text(service.task.name),
                    service.meanAccuracy.map { .number($0.value) } ?? .missing,
                    service.belowFloor.map { .number($0.value) } ?? .missing,
                    .number(service.violated.value), .number(service.unserved.value),
                    .quantity(timeline.meanDrawnPower), .quantity(timeline.drawnEnergy),
                    .quantity(timeline.meanProvisionedPower), .number(timeline.meanServers),
                ]
            }
        }
        return Table(
            caption: "Policies",
            columns: [
                Table.Column("policy", "policy", .text), Table.Column("task", "task", .text),
                Table.Column("meanAccuracyFraction", "accuracy", .fraction),
                Table.Column("belowFloorFraction", "below floor", .fraction),
                Table.Column("violatedFraction", "violated", .fraction),
                Table.Column("unservedFraction", "unserved", .fraction),
                Table.Column("meanDrawnWatts", "drawn", .power),
                Table.Column("drawnEnergyJoules", "drawn energy", .energy),
                Table.Column("meanProvisionedWatts", "provisioned", .power),
                Table.Column("meanServers", "servers", .plain),
            ], keyColumnCount: 2, rows: rows)
    }

    private func trace(_ policy: Int, _ values: [Double]) -> JSONValue {
        let hours = outcome.trace.interval.seconds / 3600
        return [
            "type": "scatter", "mode": "lines", "name": .string(outcome.timelines[policy].policy),
            "x": .numbers(values.indices.map { Double($0) * hours }, significantDigits: 6),
            "y": .numbers(values, significantDigits: 5),
            "line": [
                "color": .string(
                    outcome.timelines[policy].policy == "variants"
                        ? Palette.subject : Palette.policy(policy)), "width": 1.5,
            ],
        ]
    }

    private var accuracyPlot: Plot {
        Plot(
            title: "Mean accuracy of what was answered", caption: "Interval by interval, in percent.",
            choices: ["task"],
            figures: outcome.tasks.map { task in
                Plot.Figure(
                    options: [task.id.name],
                    traces: outcome.timelines.indices.map { index in
                        trace(
                            index,
                            task.answers(in: outcome.timelines[index]).map { ($0.accuracy ?? .nan) * 100 })
                    },
                    layout: [
                        "xaxis": Axis.fromZero("hours"), "yaxis": ["title": ["text": "accuracy (%)"]],
                    ])
            })
    }

    private var powerPlot: Plot {
        Plot(
            title: "Drawn power", caption: "Interval by interval.", choices: [],
            figures: [
                Plot.Figure(
                    traces: outcome.timelines.indices.map { index in
                        trace(index, outcome.timelines[index].records.series(.drawnPower).known)
                    },
                    layout: ["xaxis": Axis.fromZero("hours"), "yaxis": Axis.fromZero("drawn (W)")])
            ])
    }

    public var provenance: [String] {
        VariantDoubts(outcome.tasks).sources
            + ["Throughputs and watts: \(ProvenanceMix(table.entries).powerLabel)."]
    }
}
