import Quantities
import Vocabulary

/// The picture of a plan.
struct PlanPlot {
    let plan: Plan
    let demand: Demand
    let table: EfficiencyTable
    let headroom: Fraction

    /// Each model's capacity by server type in percent of its load; nil where nothing is asked for.
    var coverage: Plot? {
        let models = demand.models.filter { demand[$0] > .zero }
        let types = Set(plan.allocation.shares.map(\.serverType)).sorted()
        guard !models.isEmpty, !types.isEmpty else { return nil }
        let colours = ServerTypeColours(table, with: types)
        let traces = types.map { type -> JSONValue in
            let cells = models.map { model -> (share: Double, text: String)? in
                let count = plan.allocation[model, type]
                guard count > 0, let entry = table[model, type] else { return nil }
                let capacity = entry.throughput * Double(count)
                let text = "\(count.counted("server")), \(capacity.readable), \(entry.provenance.rawValue)"
                return (100 * (capacity / demand[model]), text)
            }
            return [
                "type": "bar", "orientation": "h", "name": .string(HTMLText.plotLabel(type.name)),
                "y": .strings(models.map { HTMLText.plotLabel($0.name) }),
                "x": .array(
                    cells.map { $0.map { .number($0.share.rounded(significantDigits: 5)) } ?? .null }),
                "text": .array(cells.map { $0.map { .string($0.text) } ?? .null }), "textposition": "none",
                "hovertemplate": "%{y}: %{text}<br>%{x:.1f} % of the load",
                "marker": ["color": .string(colours[type])],
            ]
        }
        func mark(_ percent: Double, _ dash: String) -> JSONValue {
            [
                "type": "line", "xref": "x", "yref": "paper", "x0": .number(percent), "x1": .number(percent),
                "y0": 0, "y1": 1,
                "line": ["color": Axis.themeColour("ink"), "width": 1.5, "dash": .string(dash)],
            ]
        }
        let required = 100 * (1 + headroom.value)
        var rows = Axis.names("", models.map { HTMLText.plotLabel($0.name) }).members
        rows["title"] = nil
        rows["autorange"] = "reversed"
        return Plot(
            title: "Capacity by server type",
            caption:
                "Throughput within the latency target in percent of each model's load. The solid line is the "
                + "load" + (headroom > .zero ? ", the dotted one the load with its headroom." : "."),
            choices: [],
            figures: [
                Plot.Figure(
                    traces: traces,
                    layout: [
                        "barmode": "stack", "xaxis": Axis.percentFromZero("capacity, % of the load"),
                        "yaxis": .object(rows), "bargap": 0.35,
                        "shapes": .array(
                            [mark(100, "solid")] + (headroom > .zero ? [mark(required, "dot")] : [])),
                    ], height: 130 + 42 * models.count)
            ])
    }
}
