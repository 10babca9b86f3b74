import Quantities
import Vocabulary

/// Pictures of forecasts, of servers that do not serve, and of money and carbon.
extension ReplayPlots {
    /// What each policy expected of each model, against what came; nil where nothing was forecast.
    var forecast: Plot? {
        var figures: [Plot.Figure] = []
        for (index, timeline) in outcome.timelines.enumerated() {
            let records = timeline.records
            guard models.contains(where: { records.series(.forecast, of: $0).hasKnown }) else { continue }
            for model in models {
                var truth = time.steps(
                    records.series(.load, of: model).orZero, name: "load",
                    line: ["color": Axis.themeColour("ink"), "width": 1.2])
                truth["hovertemplate"] = "%{y:,.4~r} queries/s"
                var expected = time.steps(
                    records.series(.forecast, of: model).orZero, name: "forecast",
                    line: ["color": .string(colour(ofPolicy: index)), "width": 1.6, "dash": "dot"])
                expected["hovertemplate"] = "%{y:,.4~r} queries/s"
                figures.append(
                    Plot.Figure(
                        options: [timeline.policy, model.name],
                        isPreferred: timeline.policy == outcome.subject,
                        traces: [.object(expected), .object(truth)],
                        layout: [
                            "xaxis": time.layout, "yaxis": Axis.fromZero("queries/s"),
                            "hovermode": "x unified",
                        ]))
            }
        }
        guard !figures.isEmpty else { return nil }
        return Plot(
            title: "Forecast against load",
            caption:
                "The forecast is the highest load expected until servers ordered at the next decision could "
                + "serve, before headroom." + rangeRemark,
            choices: ["policy", "model"], figures: figures)
    }

    /// Servers that start, drain, idle or have failed under the chosen policy; nil where none ever did.
    var phases: Plot? {
        let seconds = outcome.trace.interval.seconds
        let kinds: [(String, IntervalRecords.FleetFigure, String)] = [
            ("starting", .starting, Palette.model(1)), ("draining", .draining, Palette.model(2)),
            ("idle", .idle, Palette.model(7)), ("failed", .failed, Palette.alarm),
        ]
        let figures = outcome.timelines.compactMap { timeline -> Plot.Figure? in
            guard timeline.records.series(.startingEnergy).hasKnown else { return nil }
            let traces = kinds.compactMap { name, figure, colour -> JSONValue? in
                let values = timeline.records.series(figure).orZero.map { $0 / seconds }
                guard values.contains(where: { $0 > 0 }) else { return nil }
                var trace = time.steps(values, name: name, line: ["color": .string(colour), "width": 1.2])
                trace["hovertemplate"] = "%{y:,.3~r}"
                return .object(trace)
            }
            return Plot.Figure(
                options: [timeline.policy], isPreferred: timeline.policy == outcome.subject, traces: traces,
                layout: ["xaxis": time.layout, "yaxis": Axis.fromZero("servers"), "hovermode": "x unified"])
        }
        guard !figures.isEmpty else { return nil }
        return Plot(
            title: "Servers that do not serve",
            caption: "Mean over each interval. Starting servers boot or load their model." + rangeRemark,
            choices: ["policy"],
            figures: figures)
    }

    /// Money and carbon of each policy over the whole trace; nil without a tariff.
    func costs(_ tariff: EnergyTariff) -> Plot? {
        let start = outcome.trace.startUnixSeconds
        let kinds: [(String, String, (Timeline) -> Double?)] = [
            ("money", tariff.currency, { $0.cost(tariff, traceStart: start) }),
            ("carbon", "kg CO2e", { $0.carbonGrams(tariff, traceStart: start).map { $0 / 1000 } }),
        ]
        let figures = kinds.compactMap { name, unit, value -> Plot.Figure? in
            let values = outcome.timelines.compactMap(value)
            guard values.count == outcome.timelines.count else { return nil }
            let names = outcome.timelines.map(\.policy)
            var rows = Axis.names("", names).members
            rows["title"] = nil
            rows["autorange"] = "reversed"
            return Plot.Figure(
                options: [name],
                traces: [
                    [
                        "type": "bar", "orientation": "h", "x": .numbers(values),
                        "y": .strings(names.map(HTMLText.plotLabel)),
                        "hovertemplate": .string("%{x:,.4~r} \(HTMLText.plotLabel(unit))<extra></extra>"),
                        "marker": ["color": .strings(outcome.timelines.indices.map(colour(ofPolicy:)))],
                    ]
                ],
                layout: ["xaxis": Axis.fromZero("\(name), \(unit)"), "yaxis": .object(rows), "bargap": 0.3],
                height: 110 + 34 * outcome.timelines.count)
        }
        guard !figures.isEmpty else { return nil }
        return Plot(
            title: "Money and carbon over the trace",
            caption: "Of the energy drawn, at the price and the carbon intensity of its hour.",
            choices: ["as"],
            figures: figures)
    }
}
