import Quantities
import Vocabulary

/// Which servers to buy and which to retire, and what that saves.
public struct FleetSizingReport: ReportContent {
    private let sizing: FleetSizing
    private let years: Double
    private let growth: Fraction

    /// - Parameters:
    ///   - years: the horizon over which purchases have to pay.
    ///   - growth: of loads, from one year to the next.
    public init(_ sizing: FleetSizing, years: Double, growth: Fraction) {
        self.sizing = sizing
        self.years = years
        self.growth = growth
    }

    public var title: String { "Fleet sizing" }

    public var summary: [Report.Block] {
        let saved = sizing.current.total - sizing.proposed.total
        var blocks: [Report.Block] = []
        if sizing.proposed.unservedIntervals > 0 {
            blocks.append(
                .warning(
                    "No fleet was found that serves every interval: \(sizing.proposed.unservedIntervals) "
                        + "stay short."
                ))
        }
        blocks.append(
            .figures([
                Report.HeadlineFigure(
                    value: saved.fixed(decimals: 0),
                    label: "saved over the horizon, in the prices' currency"),
                Report.HeadlineFigure(
                    value: sizing.proposed.total.fixed(decimals: 0), label: "cost of the proposed fleet"),
                Report.HeadlineFigure(
                    value: sizing.bound.map { $0.fixed(decimals: 0) } ?? "unknown",
                    label: "lower bound for the loads looked at"),
                Report.HeadlineFigure(value: payback, label: "until the change has paid for itself"),
            ]))
        return blocks
    }

    private var payback: String {
        switch sizing.payback {
        case .atOnce: "at once"
        case .years(let years): "\(years.fixed(decimals: 1)) years"
        case .notWithinHorizon: "not within the horizon"
        case .notComparable: "not comparable"
        }
    }

    public var sections: [Report.Section] {
        [
            Report.Section(
                heading: "Fleet",
                blocks: [.paragraph(assumptions), .table(costTable), .table(mainTable)])
        ]
    }

    private var assumptions: String {
        let growing =
            growth == .zero
            ? "" : ", with loads that change by \(growth.readable) from one year to the next"
        return
            "The trace is taken to repeat for \(years) years\(growing); ownership is buying and keeping less "
            + "resale, energy what the plans of all intervals draw. The change has paid for itself when what "
            + "is saved in keeping and energy makes up for what is bought; that is not comparable where the "
            + "fleet as it is leaves intervals short."
    }

    private var costTable: Table {
        Table(
            caption: "Over the horizon",
            columns: [
                Table.Column("fleet", "fleet", .text), Table.Column("servers", "servers", .count),
                Table.Column("ownership", "ownership", .count), Table.Column("energy", "energy", .count),
                Table.Column("total", "total", .count),
                Table.Column("meanWatts", "mean provisioned power", .power),
                Table.Column("unservedIntervals", "intervals short", .count),
            ],
            rows: [("as it is", sizing.current), ("proposed", sizing.proposed)].map { name, cost in
                [
                    .text(name), .integer(cost.fleet.serverCount), .number(cost.ownership.rounded()),
                    .number(cost.energy.rounded()), .number(cost.total.rounded()),
                    .quantity(cost.meanPower), .integer(cost.unservedIntervals),
                ]
            })
    }

    public var mainTable: Table {
        let types = Set(sizing.current.fleet.serverTypes).union(sizing.proposed.fleet.serverTypes).sorted()
        return Table(
            caption: "What to buy and what to retire",
            columns: [
                Table.Column("server", "server type", .text), Table.Column("current", "now", .count),
                Table.Column("proposed", "proposed", .count), Table.Column("buy", "buy", .count),
                Table.Column("retire", "retire", .count), Table.Column("capital", "capital", .count),
                Table.Column("keeping", "keeping", .count),
                Table.Column("energyNow", "energy now", .count),
                Table.Column("energyProposed", "energy proposed", .count),
            ], keyColumnCount: 1,
            rows: types.map { type in
                let now = sizing.current.fleet.counts[type] ?? 0
                let then = sizing.proposed.fleet.counts[type] ?? 0
                return [
                    .text(type.name), .integer(now), .integer(then), .integer(max(0, then - now)),
                    .integer(max(0, now - then)), amount(sizing.proposed, type, \.capital),
                    amount(sizing.proposed, type, \.keeping), amount(sizing.current, type, \.energy),
                    amount(sizing.proposed, type, \.energy),
                ]
            })
    }

    private func amount(
        _ cost: FleetCost, _ type: ServerTypeID, _ part: (FleetTypeCost) -> Double
    ) -> Table.Cell {
        cost.types.first { $0.serverType == type }.map { .number(part($0).rounded()) } ?? .missing
    }

    public var provenance: [String] { [ProvenanceMix.glossary] }
}
