import Quantities
import Vocabulary

/// What each pair can do under several latency targets and power budgets.
public struct FrontierReport: ReportContent {
    private let points: [FrontierPoint]
    private let reasons: [Infeasibility]

    /// - Parameters:
    ///   - points: those of one pair stand together.
    ///   - reasons: why points without an entry have none.
    public init(points: [FrontierPoint], reasons: [Infeasibility] = []) {
        self.points = points
        self.reasons = reasons
    }

    public var title: String { "Throughput against latency target and power budget" }

    public var summary: [Report.Block] {
        let served = points.filter { $0.outcome.entry != nil }.count
        return [
            .paragraph(
                "\(points.count.counted("search", plural: "searches")), \(served) with a feasible schedule. "
                    + "The searches of one pair share their simulations: a schedule is simulated once at "
                    + "each rate, whatever is asked of it. "
                    + mix.sentence(about: "entry", plural: "entries"))
        ]
    }

    public var sections: [Report.Section] {
        var blocks: [Report.Block] = [.table(mainTable)]
        if !reasons.isEmpty { blocks.append(.table(InfeasibilityTable.table(reasons))) }
        if let plot = FrontierPlot(points: points).plot { blocks.append(.plot(plot)) }
        return [Report.Section(heading: "Frontier", blocks: blocks)]
    }

    public var mainTable: Table {
        Table(
            caption: "The best schedule of each pair under each target and budget",
            columns: [
                Table.Column("model", "model", .text), Table.Column("server", "server type", .text),
                Table.Column("latencyTarget", "latency target", .text),
                Table.Column("powerBudgetWatts", "power budget", .power),
                Table.Column("qps", "throughput", .rate), Table.Column("watts", "power", .power),
                Table.Column("queriesPerJoule", "efficiency", .queriesPerJoule),
                Table.Column("schedule", "schedule", .text), Table.Column("evaluations", "tried", .count),
                Table.Column("spaceSize", "of", .count), Table.Column("provenance", "source", .tag),
            ],
            keyColumnCount: 4,
            rows: points.map { point in
                let entry = point.outcome.entry
                return [
                    .text(point.outcome.model.name), .text(point.outcome.serverType.name),
                    .text(point.target.description), .quantity(point.powerBudget),
                    .quantity(entry?.throughput), .quantity(entry?.power),
                    entry.map { .number($0.queriesPerJoule) } ?? .missing,
                    .text(entry?.schedule.description ?? "none feasible"),
                    .integer(point.outcome.evaluations.count),
                    (entry?.spaceSize ?? point.spaceSize).map { .integer($0) } ?? .missing,
                    entry.map { .text($0.provenance.rawValue) } ?? .missing,
                ]
            })
    }

    public var provenance: [String] {
        [mix.sentence(about: "entry", plural: "entries"), ProvenanceMix.glossary]
    }

    private var mix: ProvenanceMix { ProvenanceMix(points.compactMap(\.outcome.entry)) }
}

/// Throughput against watts, one line for each latency target, for each pair.
struct FrontierPlot {
    let points: [FrontierPoint]

    /// nil without feasible points.
    var plot: Plot? {
        var pairs: [(model: ModelID, type: ServerTypeID)] = []
        for point in points
        where !pairs.contains(where: {
            $0.model == point.outcome.model && $0.type == point.outcome.serverType
        }) {
            pairs.append((point.outcome.model, point.outcome.serverType))
        }
        let figures = pairs.compactMap { pair -> Plot.Figure? in
            let own = points.filter { $0.outcome.model == pair.model && $0.outcome.serverType == pair.type }
            var targets: [LatencyTarget] = []
            for point in own where !targets.contains(point.target) { targets.append(point.target) }
            let traces = targets.compactMap { trace(own, $0) }
            guard !traces.isEmpty else { return nil }
            return Plot.Figure(
                options: [pair.model.name, pair.type.name], traces: traces,
                layout: [
                    // From where servers draw power at all, or all schedules would lie on one another.
                    "xaxis": ["title": ["text": "power, W"]],
                    "yaxis": ["title": ["text": "throughput, queries/s"], "rangemode": "tozero"],
                ])
        }
        guard !figures.isEmpty else { return nil }
        return Plot(
            title: "The frontier of throughput against power",
            caption:
                "Large marks: the best schedule under each budget. Small marks: every schedule that the "
                + "searches evaluated and that none of the others beats in both throughput and power.",
            choices: ["model", "server type"], figures: figures)
    }

    private func trace(_ own: [FrontierPoint], _ target: LatencyTarget) -> JSONValue? {
        let searched = own.filter { $0.target == target }
        let best = searched.compactMap(\.outcome.entry).map {
            ($0.power.value, $0.throughput.value, $0.schedule)
        }
        let tried = searched.flatMap(\.outcome.evaluations).filter { $0.throughput > .zero }
            .map { ($0.power.value, $0.throughput.value, $0.schedule) }
        var frontier: [(Double, Double, Schedule)] = []
        for point in (tried + best).sorted(by: { ($0.0, -$0.1) < ($1.0, -$1.1) })
        where point.1 > (frontier.last?.1 ?? 0) {
            frontier.append(point)
        }
        guard !frontier.isEmpty else { return nil }
        let chosen = Set(best.map(\.2))
        return [
            "type": "scatter", "mode": "lines+markers", "name": .string(target.description),
            "x": .numbers(frontier.map(\.0), significantDigits: 5),
            "y": .numbers(frontier.map(\.1), significantDigits: 5),
            "text": .strings(frontier.map { $0.2.description }),
            "hovertemplate": "%{y:,.4r} queries/s at %{x:,.4r} W<br>%{text}",
            "line": ["shape": "hv", "width": 2],
            "marker": ["size": .array(frontier.map { chosen.contains($0.2) ? 11 : 5 })],
        ]
    }
}
