import Quantities
import Vocabulary

/// Replicas of several models on boxes that they share, beside whole boxes of one model each.
public struct SharedBoxReport: ReportContent {
    private let plan: SharedBoxPlan
    private let demand: Demand
    private let headroom: Fraction
    private let checks: [SharedBoxPlan.Check]
    private let lowered: [ModelID: Double]
    private let whole: Plan?
    private let untold: SharedBoxPlan?
    private let link: SharedBoxPlan.Link?

    /// - Parameters:
    ///   - demand: without headroom.
    ///   - checks: what simulations say of language models.
    ///   - lowered: what rates of models were multiplied by, because those were not confirmed.
    ///   - whole: what whole boxes of one model each come to; nil where they do not serve the load.
    ///   - untold: what engines come to that all answer every class of requests, where classes were told
    ///     apart.
    ///   - link: what joins engines that do a part of each request; nil where none do.
    public init(
        _ plan: SharedBoxPlan, demand: Demand, headroom: Fraction, checks: [SharedBoxPlan.Check],
        lowered: [ModelID: Double], whole: Plan?, untold: SharedBoxPlan? = nil,
        link: SharedBoxPlan.Link? = nil
    ) {
        self.link = link
        self.untold = untold
        self.checks = checks
        self.lowered = lowered
        self.plan = plan
        self.demand = demand
        self.headroom = headroom
        self.whole = whole
    }

    public var title: String { "Replicas on shared boxes" }

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
        for check in checks where !check.holds {
            blocks.append(
                .warning(
                    "\(check.model): simulated, \(check.attained.readable) of requests keep the targets, "
                        + "\(check.asked.readable) are asked for."))
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
                        "Models share boxes, which power up as a whole; the load with "
                            + "\(headroom.readable) headroom is served within the targets. Settled by: "
                            + "\(plan.step). \(whole)\(beside)\(joined)"), .table(mainTable),
                    .table(boxTable),
                ])
        ] + (checks.isEmpty ? [] : [checked])
    }

    /// What engines of every class come to.
    private var beside: String {
        guard let untold else { return "" }
        let them = "Engines that all answer every class of requests"
        guard untold.shortfall.isEmpty else { return " \(them) do not serve the load." }
        let figure = "take \(untold.objective.readable) on \(untold.boxCount.counted("box", plural: "boxes"))"
        return plan == untold
            ? " \(them) \(figure), which no confirmed plan by class undercuts: this is theirs."
            : " \(them) \(figure)."
    }

    /// How much of what joins engines is used.
    private var joined: String {
        guard let link else { return "" }
        let load = link.load(in: plan).value
        func gigabytes(_ value: Double) -> String { "\((value / 1e9).short()) GB/s" }
        return " Keys and values take \(gigabytes(load)) of the \(gigabytes(link.capacity.value)) that join "
            + "engines, \(Fraction(load / link.capacity.value).readable); plans take at most "
            + "\(Fraction(SharedBoxPlan.Link.useMax).readable)."
    }

    private var checked: Report.Section {
        let words = lowered.sorted { $0.key < $1.key }.map { model, factor in
            "Rates of \(model) were lowered by \(Fraction(1 - factor).readable): the simulation of all its "
                + "engines did not confirm them. "
        }
        let table = Table(
            caption: "Checked by simulation, at the planned load",
            columns: [
                Table.Column("model", "model", .text), Table.Column("requests", "requests", .count),
                Table.Column("attained", "within targets", .fraction),
                Table.Column("asked", "asked", .fraction),
                Table.Column("firstTokenMilliseconds", "first token", .milliseconds),
                Table.Column("outputTokenMilliseconds", "output token", .milliseconds),
                Table.Column("quantile", "at", .text),
            ],
            rows: checks.map { check in
                [
                    .text(check.model.name), .integer(check.requests), .quantity(check.attained),
                    .quantity(check.asked), check.firstToken.map { .number($0 * 1000) } ?? .missing,
                    check.outputToken.map { .number($0 * 1000) } ?? .missing,
                    .text("\(Quantile(check.asked.value))"),
                ]
            })
        return Report.Section(
            heading: "Simulation of the whole",
            blocks: [
                .paragraph(
                    words.joined() + "Engines were rated alone; here all of a model serve its planned load "
                        + "together, by the weights above."), .table(table),
            ])
    }

    public var mainTable: Table {
        Table(
            caption: "Replicas, with what routers weigh them by",
            columns: [
                Table.Column("model", "model", .text), Table.Column("server", "box", .text),
                Table.Column("replicas", "replicas", .count), Table.Column("parts", "parts each", .text),
                Table.Column("load", "load", .rate),
                Table.Column("capacity", "capacity", .rate), Table.Column("weight", "weight", .fraction),
                Table.Column("schedule", "schedule", .text),
            ] + (tellsClasses ? [Table.Column("classes", "requests", .text)] : []),
            rows: plan.shares.map { share in
                // Routers choose among engines that take new requests, and again among those that generate.
                let all = plan.shares.filter { $0.model == share.model && $0.generates == share.generates }
                    .reduce(0) { $0 + $1.load.value }
                return [
                    .text(share.model.name), .text(share.serverType.name), .integer(share.replicas),
                    .text(parts(of: share)), .quantity(share.load), .quantity(share.capacity),
                    .number(all > 0 ? share.load.value / all : 0), .text(share.schedule.description),
                ] + (tellsClasses ? [.text(classes(of: share))] : [])
            })
    }

    private var tellsClasses: Bool { plan.shares.contains { !$0.classes.isEmpty } }

    /// For example `short 12.5/s, long 3/s`.
    private func classes(of share: SharedBoxPlan.Share) -> String {
        guard !share.classes.isEmpty else { return "all" }
        return share.classes.map { "\($0.name) \($0.load.value.short())/s" }.joined(separator: ", ")
    }

    private var boxTable: Table {
        Table(
            caption: "Boxes",
            columns: [
                Table.Column("server", "box", .text), Table.Column("count", "powered", .count),
                Table.Column("parts", "parts", .count), Table.Column("taken", "taken", .count),
                Table.Column("kind", "of", .text),
            ],
            rows: plan.boxes.map {
                [
                    .text($0.serverType.name), .integer($0.count), .integer($0.count * $0.parts),
                    .integer($0.taken), .text($0.accelerators > 0 ? "accelerators" : "cores"),
                ]
            })
    }

    /// For example `2 of 8`.
    private func parts(of share: SharedBoxPlan.Share) -> String {
        let box = plan.boxes.first { $0.serverType == share.serverType }
        return box.map { "\(share.parts) of \($0.parts)" } ?? "\(share.parts)"
    }

    public var provenance: [String] {
        var lines = [
            "Watts are estimated on each box's power curve; of each model, box and size of a share, the best "
                + "schedule that a search evaluated."
        ]
        if plan.shares.contains(where: { $0.schedule.threadSchedule != nil && isPart($0) }) {
            lines.append(
                "A share of a box is modelled as a smaller box with its share of cores, memory, bandwidth "
                    + "and accelerators; what neighbours do to one another's caches is not measured.")
        }
        if tellsClasses {
            lines.append(
                "Engines that answer several classes are rated at the model's own mix; at other mixes the "
                    + "time of each class is added up. The simulation plays the planned mixes.")
        }
        return lines
    }

    private func isPart(_ share: SharedBoxPlan.Share) -> Bool {
        plan.boxes.contains { $0.serverType == share.serverType && share.parts < $0.parts }
    }

    /// The contract's keys of a plan, with engines beside them.
    public var json: String { StableJSON.document(of: members) }

    /// The document's members.
    var members: [String: JSONValue] {
        [
            "status": .string(
                !plan.shortfall.isEmpty
                    ? "infeasible" : plan.gap.value <= 1e-6 ? "optimal" : "feasible"),
            "objectiveWatts": .number(plan.objective.value), "boundWatts": .number(plan.bound.value),
            "gap": .number(plan.gap.value),
            "allocations": .array(
                plan.shares.map {
                    [
                        "model": .string($0.model.name), "server": .string($0.serverType.name),
                        "count": .integer($0.replicas), "parts": .integer($0.parts),
                        "qps": .number($0.capacity.value), "load": .number($0.load.value),
                        "schedule": .string($0.schedule.description),
                        "classes": .object(
                            Dictionary(
                                $0.classes.map { ($0.name, JSONValue.number($0.load.value)) },
                                uniquingKeysWith: { first, _ in first })),
                    ]
                }),
            "boxes": .array(
                plan.boxes.map {
                    [
                        "server": .string($0.serverType.name), "count": .integer($0.count),
                        "accelerators": .integer($0.accelerators), "parts": .integer($0.parts),
                        "taken": .integer($0.taken),
                    ]
                }),
            "shortfall": .array(
                plan.shortfall.sorted { $0.key < $1.key }.map {
                    ["model": .string($0.key.name), "qps": .number($0.value.value)]
                }),
            "checks": .array(
                checks.map {
                    [
                        "model": .string($0.model.name), "requests": .integer($0.requests),
                        "attained": .number($0.attained.value), "asked": .number($0.asked.value),
                        "firstTokenSeconds": $0.firstToken.map { .number($0) } ?? .null,
                        "outputTokenSeconds": $0.outputToken.map { .number($0) } ?? .null,
                        "rateFactor": .number(lowered[$0.model] ?? 1),
                    ]
                }),
            "wholeBoxesWatts": whole.map { .number($0.objective.value) } ?? .null,
            "everyClassWatts": untold.map { .number($0.objective.value) } ?? .null,
            "linkBytesPerSecond": link.map { .number($0.load(in: plan).value) } ?? .null,
        ]
    }
}

extension SharedBoxPlan.Share {
    /// Whether it takes requests whose prompts others have read.
    fileprivate var generates: Bool { schedule.engineRules?.role == .decode }
}
