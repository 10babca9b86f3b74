import Quantities
import Vocabulary

/// Which servers to buy and which to retire, and what that saves.
public struct FleetSizingReport: ReportContent {
    private let sizing: FleetSizing
    private let years: Double

    /// - Parameter years: the horizon over which purchases have to pay.
    public init(_ sizing: FleetSizing, years: Double) {
        self.sizing = sizing
        self.years = years
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
            ]))
        return blocks
    }

    public var sections: [Report.Section] {
        [
            Report.Section(
                heading: "Fleet",
                blocks: [.paragraph(assumptions), .table(costTable), .table(mainTable)])
        ]
    }

    private var assumptions: String {
        "The trace is taken to repeat for \(years) years; ownership is buying and keeping less resale, "
            + "energy what the plans of all intervals draw."
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
                Table.Column("retire", "retire", .count),
            ], keyColumnCount: 1,
            rows: types.map { type in
                let now = sizing.current.fleet.counts[type] ?? 0
                let then = sizing.proposed.fleet.counts[type] ?? 0
                return [
                    .text(type.name), .integer(now), .integer(then), .integer(max(0, then - now)),
                    .integer(max(0, now - then)),
                ]
            })
    }

    public var provenance: [String] { [ProvenanceMix.glossary] }
}
