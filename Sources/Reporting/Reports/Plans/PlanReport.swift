import Quantities
import Vocabulary

/// One plan: which servers run which model, what that costs, and how far it is from the proven bound.
public struct PlanReport: ReportContent {
    private let plan: Plan
    private let demand: Demand
    private let table: EfficiencyTable
    private let headroom: Fraction
    private let loadName: String
    private let goal: PlanGoal
    private let route: PlanRoute?
    private let sensitivities: [PlanSensitivity]

    /// A report on one plan.
    ///
    /// - Parameters:
    ///   - plan: The planner's answer.
    ///   - demand: The load that was to be served, without headroom.
    ///   - table: The efficiency entries the plan was made from.
    ///   - headroom: The over-provision rate R: the plan had to offer (1 + R) times the load.
    ///   - goal: What the plan minimises, and under which constraints.
    ///   - route: Which step of the planner settled it; nil to leave that out.
    ///   - sensitivities: What one more server of each type would be worth.
    ///   - loadName: What the load is called in a sentence, for example `the peak load of the trace`.
    public init(
        plan: Plan, demand: Demand, table: EfficiencyTable, headroom: Fraction = .zero,
        loadName: String = "the load", goal: PlanGoal = PlanGoal(), route: PlanRoute? = nil,
        sensitivities: [PlanSensitivity] = []
    ) {
        self.plan = plan
        self.demand = demand
        self.table = table
        self.headroom = headroom
        self.loadName = loadName
        self.goal = goal
        self.route = route
        self.sensitivities = sensitivities
    }

    /// The name of the document.
    public var title: String { "Provisioning plan" }

    /// The cost and its bound; first of all, where it applies, that the demand cannot be served.
    public var summary: [Report.Block] {
        var blocks: [Report.Block] = []
        if plan.status == .infeasible {
            let missing = plan.shortfalls.map { "\($0.model) lacks \($0.load.readable)" }
            let detail = missing.isEmpty ? "" : " " + missing.enumerated + "."
            blocks.append(
                .warning("Infeasible: this fleet cannot serve \(loadName).\(detail)"))
        }
        if !unknown.isEmpty {
            blocks.append(
                .warning(
                    "No figure is known of \(unknown.map(\.name).enumerated) on any server type: import one, "
                        + "measure, or leave the model out. The others are planned."))
        }
        blocks.append(
            .figures(
                [
                    Report.HeadlineFigure(
                        value: plan.objective.readable, label: "provisioned power, \(powerLabel)")
                ]
                    + (plan.valuation.map {
                        [Report.HeadlineFigure(value: Self.text($0.value, $0.unit), label: $0.name)]
                    } ?? []) + [
                        Report.HeadlineFigure(value: boundText, label: "proven lower bound"),
                        Report.HeadlineFigure(
                            value: plan.gap?.readableGap ?? "unknown", label: "gap to the bound"),
                        Report.HeadlineFigure(
                            value: Double(plan.allocation.serverCount).fixed(decimals: 0), label: "servers"),
                    ]))
        return blocks
    }

    /// Capacity against load for each model, and the allocations.
    public var sections: [Report.Section] {
        var blocks: [Report.Block] = [.paragraph(statusSentence)]
        let constraints = goal.constraints.descriptions
        if !constraints.isEmpty {
            blocks.append(.paragraph("Kept to: " + constraints.joined(separator: "; ") + "."))
        }
        blocks.append(.table(capacityTable))
        if !plan.shortfalls.isEmpty { blocks.append(.table(shortfallTable)) }
        if let plot = PlanPlot(plan: plan, demand: demand, table: table, headroom: headroom).coverage {
            blocks.append(.plot(plot))
        }
        blocks.append(.table(mainTable))
        if !sensitivities.isEmpty { blocks.append(.table(sensitivityTable)) }
        return [Report.Section(heading: "Plan", blocks: blocks)]
    }

    /// The allocations.
    public var mainTable: Table {
        Table(
            caption: "Allocations",
            columns: [
                Table.Column("model", "model", .text),
                Table.Column("server", "server type", .text),
                Table.Column("count", "servers", .count),
                Table.Column("qpsEach", "each", .rate),
                Table.Column("qps", "together", .rate),
                Table.Column("wattsEach", "power each", .power),
                Table.Column("watts", "power together", .power),
                Table.Column("provenance", "source", .tag),
                Table.Column("wattsProvenance", "watts", .tag),
                Table.Column("schedule", "schedule", .text),
            ],
            keyColumnCount: 2,
            rows: plan.allocation.shares.map { share in
                let entry = table[share.model, share.serverType]
                return [
                    .text(share.model.name), .text(share.serverType.name), .integer(share.count),
                    .quantity(entry?.throughput),
                    .quantity(entry.map { $0.throughput * Double(share.count) }),
                    .quantity(entry?.power), .quantity(entry.map { $0.power * Double(share.count) }),
                    entry.map { .text($0.provenance.rawValue) } ?? .missing,
                    entry.map { .text($0.powerProvenance.rawValue) } ?? .missing,
                    entry.map { .text($0.schedule.description) } ?? .missing,
                ]
            })
    }

    /// What the allocation offers each model against its load.
    public var capacityTable: Table {
        Table(
            caption: "Planned capacity against load",
            columns: [
                Table.Column("model", "model", .text),
                Table.Column("loadQps", "load", .rate),
                Table.Column("requiredQps", "required with headroom", .rate),
                Table.Column("capacityQps", "capacity", .rate),
                Table.Column("loadFraction", "load of capacity", .fraction),
                Table.Column("servers", "servers", .count),
                Table.Column("watts", "power", .power),
                Table.Column("provenance", "source", .tag),
                Table.Column("wattsProvenance", "watts", .tag),
            ],
            rows: models.map { model in
                let shares = plan.allocation.shares.filter { $0.model == model }
                let entries = shares.compactMap { table[model, $0.serverType] }
                let isKnown = entries.count == shares.count
                let counts = shares.map { Double($0.count) }
                let capacity = zip(entries, counts).map { $0.throughput * $1 }.total()
                let power = zip(entries, counts).map { $0.power * $1 }.total()
                let mix = ProvenanceMix(entries)
                return [
                    .text(model.name), .quantity(demand[model]),
                    .quantity(demand[model] * (1 + headroom.value)), .quantity(isKnown ? capacity : nil),
                    isKnown && capacity > .zero ? .number(demand[model] / capacity) : .missing,
                    .integer(shares.reduce(0) { $0 + $1.count }), .quantity(isKnown ? power : nil),
                    mix.count > 0 ? .text(mix.label) : .missing,
                    mix.count > 0 ? .text(mix.powerLabel) : .missing,
                ]
            })
    }

    /// The mix of sources behind the entries used.
    public var provenance: [String] {
        [
            ProvenanceMix(table, usedBy: [plan.allocation]).sentence(
                about: "efficiency entry used", plural: "efficiency entries used"),
            ProvenanceMix.glossary,
        ]
    }

    private var shortfallTable: Table {
        Table(
            caption: "Load that no server is left for",
            columns: [Table.Column("model", "model", .text), Table.Column("qps", "missing", .rate)],
            rows: plan.shortfalls.map { [.text($0.model.name), .quantity($0.load)] })
    }

    private var sensitivityTable: Table {
        let unit = goal.unit
        return Table(
            caption: "What one more server of a type would be worth (\(goal.name), \(unit))",
            columns: [
                Table.Column("server", "server type", .text),
                Table.Column("dualPrice", "price at the bound", .plain),
                Table.Column("saved", "saved when planned again", .plain),
                Table.Column("moneyPerYear", "energy money a year", .plain),
            ],
            rows: sensitivities.map { one in
                [
                    .text(one.serverType.name), .number(Self.rounded(one.dualPrice)),
                    one.saved.map { .number(Self.rounded($0)) } ?? .missing,
                    one.moneyPerYear.map { .number(Self.rounded($0)) } ?? .missing,
                ]
            })
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    private static func text(_ value: Double, _ unit: String) -> String {
        "\(rounded(value))" + (unit == "/h" ? " an hour" : " " + unit)
    }

    private var boundText: String {
        if let valuation = plan.valuation {
            return valuation.bound.map { Self.text($0, valuation.unit) } ?? "unknown"
        }
        return plan.bound?.readable ?? "unknown"
    }

    /// Models with load that no server type is known to serve or not to serve.
    private var unknown: [ModelID] {
        models.filter { model in
            let entries = table.entries.filter { $0.model == model }
            return demand[model] > .zero && !entries.isEmpty && entries.allSatisfy(\.isUnknown)
        }
    }

    private var models: [ModelID] {
        Set(demand.models).union(plan.allocation.shares.map(\.model)).sorted()
    }

    private var powerLabel: String {
        ProvenanceMix(table, usedBy: [plan.allocation]).powerLabel
    }

    var statusSentence: String {
        let servers = plan.allocation.serverCount.counted("server")
        let reserve = headroom > .zero ? " and \(headroom.readable) headroom" : ""
        let cost = "\(servers) with \(plan.objective.readable) of provisioned power"
        let quality =
            plan.gap.map { "; the proven bound allows at most \($0.readableGap) less" }
            ?? "; nothing is proven about it"
        let step = route.map { " " + $0.sentence } ?? ""
        return switch plan.status {
        case .optimal:
            "Optimal within the requested gap: \(cost) serve \(loadName)\(reserve)\(quality).\(step)"
        case .feasible: "Feasible: \(cost) serve \(loadName)\(reserve)\(quality).\(step)"
        case .infeasible:
            "Infeasible: the plan shown serves as much of \(loadName)\(reserve) as was found, with \(cost)."
        }
    }
}

extension PlanRoute {
    /// How a plan was settled, for people who need not know the planner's steps.
    var sentence: String {
        switch self {
        case .direct: "Settled without an integer program."
        case .uncontested: "Settled without branching: no server type is contested."
        case .remembered:
            "Settled without branching: the dual prices of an earlier plan bound it closely enough."
        case .priced: "Settled without branching: dual prices of the server types bound it closely enough."
        case .annealed:
            "Settled without branching: a choice among each model's nearly cheapest servers came close "
                + "enough to the bound."
        case .combined:
            "Settled without branching: all combinations of each model's nearly cheapest servers were "
                + "searched."
        case .branched: "Settled by branch and bound."
        case .shortfall: "The load that stays unserved was minimised."
        case .kept: "The planner failed; the plan in force was kept, which covers the load."
        case .greedy: "The planner failed; the greedy rule planned in its place."
        }
    }
}
