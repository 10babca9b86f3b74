import Quantities
import Vocabulary

/// The two views of a window in one picture: how full the servers were as a fluid, and what share of the
/// queries was late or lost.
package struct RequestLevelPlot {
    let outcome: RequestLevelOutcome
    /// Of the policies.
    let colours: [String: String]

    package init(outcome: RequestLevelOutcome, colours: [String: String]) {
        self.outcome = outcome
        self.colours = colours
    }

    /// Points far beyond their capacity say no more than that.
    private static let fullest = 2.0

    /// A figure for each model, first that of the model with most queries late or lost; nil where no segment
    /// saw a query.
    package var plot: Plot? {
        var models: [ModelID] = []
        for result in outcome.results where !models.contains(result.model) { models.append(result.model) }
        let failures = models.map { model in
            outcome.results.reduce(0) { $0 + ($1.model == model ? $1.queries.failed : 0) }
        }
        let worst = failures.max().flatMap { failures.firstIndex(of: $0) }
        let figures = models.enumerated().compactMap { figure($1, isPreferred: $0 == worst) }
        guard !figures.isEmpty else { return nil }
        return Plot(
            title: "Late or lost queries against load over capacity",
            caption:
                "Each mark is a stretch of the window in which neither the load nor the servers of a policy "
                + "changed. Right of the upright line the fluid view calls it violated; above the level line "
                + "more queries are late or lost than the latency target forgives. Where the views agree, "
                + "marks lie below on the left and above on the right.",
            choices: ["model"], figures: figures)
    }

    private func figure(_ model: ModelID, isPreferred: Bool) -> Plot.Figure? {
        let results = outcome.results.filter { $0.model == model }
        guard let target = results.first?.target else { return nil }
        let traces = results.compactMap { result -> JSONValue? in
            let segments = result.segments.filter { $0.queries.arrived > 0 }
            guard !segments.isEmpty else { return nil }
            let shares = segments.map { 100 * Double($0.queries.failed) / Double($0.queries.arrived) }
            return [
                "type": "scatter", "mode": "markers", "name": .string(result.policy),
                "x": .numbers(segments.map { min($0.fullness, Self.fullest) }, significantDigits: 5),
                "y": .numbers(shares, significantDigits: 4),
                "text": .strings(
                    segments.map {
                        "\($0.duration.readableSpan) from \($0.start.readableSpan), "
                            + $0.queries.arrived.counted("query", plural: "queries")
                    }),
                "hovertemplate": "%{y:.3~f} % late or lost at %{x:.3~f} of capacity<br>%{text}",
                "marker": [
                    "size": 9, "opacity": 0.75,
                    "color": .string(colours[result.policy] ?? Palette.policy(0)),
                ],
            ]
        }
        guard !traces.isEmpty else { return nil }
        let forgiven = 100 * (1 - target.quantile.value)
        return Plot.Figure(
            options: [model.name], isPreferred: isPreferred, traces: traces,
            layout: [
                "xaxis": Axis.fromZero("load over capacity"),
                "yaxis": Axis.percentFromZero("queries late or lost"),
                "shapes": [
                    line(["x0": 1, "x1": 1, "y0": 0, "y1": 1, "yref": "paper"]),
                    line([
                        "x0": 0, "x1": 1, "xref": "paper", "y0": .number(forgiven), "y1": .number(forgiven),
                    ]),
                ],
            ])
    }

    private func line(_ ends: [String: JSONValue]) -> JSONValue {
        var shape = ends
        shape["type"] = "line"
        shape["line"] = ["color": .string(Palette.alarm), "width": 1.5, "dash": "dot"]
        return .object(shape)
    }
}
