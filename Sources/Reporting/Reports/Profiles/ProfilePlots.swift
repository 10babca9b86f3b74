import Quantities
import Vocabulary

/// The pictures of a profile.
struct ProfilePlots {
    let runs: [ProfileReport.Run]
    let targets: [ModelID: LatencyTarget]

    /// Round latencies in ms for a logarithmic axis, which by itself would label only the powers of ten in
    /// full.
    private static let ticks = JSONValue.array(
        [0.01, 0.1, 1, 10, 100, 1_000, 10_000].flatMap { decade in
            [1, 2, 5].map { .number(($0 * decade).rounded(significantDigits: 1)) }
        })

    /// Latency percentiles against completed load, one figure per model; nil without open-loop runs.
    var latencyAgainstLoad: Plot? {
        let open = runs.filter {
            $0.measurement.pattern == .openPoisson && !$0.measurement.latencies.bins.isEmpty
        }
        let figures = Set(open.map(\.measurement.model)).sorted().map { model in
            figure(of: model, runs: open.filter { $0.measurement.model == model })
        }
        guard !figures.isEmpty else { return nil }
        return Plot(
            title: "Latency against load",
            caption:
                "Every open-loop run, from a query's scheduled arrival to the end of its last piece. Each "
                + "point is one schedule at one load; runs of the same schedule are joined. Hollow points "
                + "are doubtful.",
            choices: ["model"], figures: figures)
    }

    private func figure(of model: ModelID, runs: [ProfileReport.Run]) -> Plot.Figure {
        let loadMax = runs.map(\.measurement.completedRate.value).max() ?? 0
        var traces = zip([0.5, 0.95, 0.99], Palette.quantiles).map { order, colour in
            trace(of: runs, order: order, colour: colour)
        }
        if let target = targets[model] {
            traces.append([
                "type": "scatter", "mode": "lines", "name": .string("target, \(target)"),
                "x": [0, .number(loadMax)],
                "y": [.number(target.limit.milliseconds), .number(target.limit.milliseconds)],
                "line": ["color": .string(Palette.alarm), "dash": "dash", "width": 1.5],
                "hoverinfo": "name",
            ])
        }
        return Plot.Figure(
            options: [model.name], traces: traces,
            layout: [
                "xaxis": Axis.fromZero("completed load, queries/s"),
                "yaxis": ["title": ["text": "latency, ms"], "type": "log", "tickvals": Self.ticks],
            ])
    }

    private func trace(of runs: [ProfileReport.Run], order: Double, colour: String) -> JSONValue {
        var loads: [JSONValue] = []
        var latencies: [JSONValue] = []
        var texts: [JSONValue] = []
        var symbols: [JSONValue] = []
        var last: Schedule?
        for run in runs {
            if let last, last != run.measurement.schedule {
                // A gap: a line between two schedules would suggest loads that neither was run at.
                loads.append(.null)
                latencies.append(.null)
                texts.append(.null)
                symbols.append("circle")
            }
            last = run.measurement.schedule
            loads.append(.number(run.measurement.completedRate.value.rounded(significantDigits: 5)))
            latencies.append(
                run.latency(order).map { .number($0.milliseconds.rounded(significantDigits: 5)) } ?? .null)
            let doubts = run.verdict.isValid ? "" : " (\(run.verdict.explanation))"
            texts.append(
                .string("\(run.measurement.schedule), \(run.measurement.provenance.rawValue)\(doubts)"))
            symbols.append(run.verdict.isValid ? "circle" : "circle-open")
        }
        return [
            "type": "scatter", "mode": "lines+markers", "name": .string(Quantile(order).description),
            "x": .array(loads), "y": .array(latencies), "text": .array(texts), "connectgaps": false,
            "hovertemplate": "%{y:.4~r} ms at %{x:,.4~r} queries/s<br>%{text}",
            "line": ["color": .string(colour), "width": 1],
            "marker": ["color": .string(colour), "size": 8, "symbol": .array(symbols)],
        ]
    }
}
