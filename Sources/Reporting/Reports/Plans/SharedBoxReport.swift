import Quantities
import Vocabulary

/// Engines of language models on boxes that they share, beside whole boxes of one model each.
public struct SharedBoxReport: ReportContent {
    private let plan: SharedBoxPlan
    private let demand: Demand
    private let headroom: Fraction
    private let whole: Plan?

    /// - Parameters:
    ///   - demand: without headroom.
    ///   - whole: what whole boxes of one model each come to; nil where they do not serve the load.
    public init(_ plan: SharedBoxPlan, demand: Demand, headroom: Fraction, whole: Plan?) {
        self.plan = plan
        self.demand = demand
        self.headroom = headroom
        self.whole = whole
    }

    public var title: String { "Engines on shared boxes" }

    private var saved: Fraction? {
        guard let whole, plan.shortfall.isEmpty, whole.objective > .zero else { return nil }
        return Fraction(1 - plan.objective / whole.objective)
    }

    public var summary: [Report.Block] {
        var figures = [
            Report.HeadlineFigure(value: plan.objective.readable, label: "provisioned power, estimated"),
            Report.HeadlineFigure(value: plan.bound.readable, label: "proven lower bound"),
            Report.HeadlineFigure(value: "\(plan.boxCount)", label: "boxes"),
        ]
        if let saved {
            figures.append(
                Report.HeadlineFigure(value: saved.readable, label: "saved over whole boxes of one model"))
        }
        var blocks: [Report.Block] = []
        for (model, missing) in plan.shortfall.sorted(by: { $0.key < $1.key }) {
            blocks.append(.warning("\(model): \(missing.readable) are not served."))
        }
        return blocks + [.figures(figures)]
    }

    public var sections: [Report.Section] {
        let whole =
            self.whole.map {
                "Whole boxes of one model each take \($0.objective.readable) on "
                    + "\($0.allocation.serverCount.counted("box", plural: "boxes"))."
            } ?? "Whole boxes of one model each do not serve the load."
        return [
            Report.Section(
                heading: "Plan",
                blocks: [
                    .paragraph(
                        "Engines share boxes, which power up as a whole; the load with "
                            + "\(headroom.readable) headroom is served within the targets. Settled by: "
                            + "\(plan.step). \(whole)"), .table(mainTable), .table(boxTable),
                ])
        ]
    }

    public var mainTable: Table {
        Table(
            caption: "Engines, with what routers weigh them by",
            columns: [
                Table.Column("model", "model", .text), Table.Column("server", "box", .text),
                Table.Column("engines", "engines", .count), Table.Column("load", "load", .rate),
                Table.Column("capacity", "capacity", .rate), Table.Column("weight", "weight", .fraction),
                Table.Column("schedule", "engine", .text),
            ],
            rows: plan.shares.map { share in
                let all = plan.shares.filter { $0.model == share.model }.reduce(0) { $0 + $1.load.value }
                return [
                    .text(share.model.name), .text(share.serverType.name), .integer(share.engines),
                    .quantity(share.load), .quantity(share.capacity),
                    .number(all > 0 ? share.load.value / all : 0), .text(share.rules.description),
                ]
            })
    }

    private var boxTable: Table {
        Table(
            caption: "Boxes",
            columns: [
                Table.Column("server", "box", .text), Table.Column("count", "powered", .count),
                Table.Column("accelerators", "accelerators", .count), Table.Column("taken", "taken", .count),
            ],
            rows: plan.boxes.map {
                [
                    .text($0.serverType.name), .integer($0.count), .integer($0.count * $0.accelerators),
                    .integer($0.taken),
                ]
            })
    }

    public var provenance: [String] {
        ["Rates and watts are modelled; of each model, box and degree, the best that the search evaluated."]
    }

    /// The contract's keys of a plan, with engines beside them.
    public var json: String {
        StableJSON.document(
            of: [
                "status": .string(
                    !plan.shortfall.isEmpty
                        ? "infeasible" : plan.gap.value <= 1e-6 ? "optimal" : "feasible"),
                "objectiveWatts": .number(plan.objective.value), "boundWatts": .number(plan.bound.value),
                "gap": .number(plan.gap.value),
                "allocations": .array(
                    plan.shares.map {
                        [
                            "model": .string($0.model.name), "server": .string($0.serverType.name),
                            "count": .integer($0.engines), "accelerators": .integer($0.rules.devices),
                            "qps": .number($0.capacity.value), "load": .number($0.load.value),
                            "engine": .string($0.rules.description),
                        ]
                    }),
                "boxes": .array(
                    plan.boxes.map {
                        [
                            "server": .string($0.serverType.name), "count": .integer($0.count),
                            "accelerators": .integer($0.accelerators), "taken": .integer($0.taken),
                        ]
                    }),
                "shortfall": .array(
                    plan.shortfall.sorted { $0.key < $1.key }.map {
                        ["model": .string($0.key.name), "qps": .number($0.value.value)]
                    }),
                "wholeBoxesWatts": whole.map { .number($0.objective.value) } ?? .null,
            ])
    }
}
