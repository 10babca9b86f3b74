import Vocabulary

/// Pictures of how a cluster serves a language model.
struct ServingPlots {
    private let outcome: ServingOutcome
    private let rated: [RatedServing]
    private let cluster: ServingCluster

    init(_ outcome: ServingOutcome, rated: [RatedServing], cluster: ServingCluster) {
        self.outcome = outcome
        self.rated = rated
        self.cluster = cluster
    }

    // MARK: Over rates

    var overRates: [Report.Block] {
        guard rated.count > 1 else { return [] }
        let rates = rated.map(\.load.value)
        let (over, unit) =
            rated[0].load.isClosed ? ("clients", "clients") : ("the rate", "conversations/s")
        var good = [
            line(
                "tokens/s / 100", rates, rated.map { $0.outcome.outputTokensPerSecond / 100 },
                Palette.model(0))
        ]
        if rated.contains(where: { $0.outcome.goodput != nil }) {
            good.append(line("goodput", rates, rated.map { $0.outcome.goodput ?? .nan }, Palette.subject))
        }
        let latencies = [
            ("TTFT p50", rated.map { $0.outcome.all.firstToken?.p50 }),
            ("TTFT p99", rated.map { $0.outcome.all.firstToken?.p99 }),
            ("TPOT p50", rated.map { $0.outcome.all.outputToken?.p50 }),
            ("TPOT p99", rated.map { $0.outcome.all.outputToken?.p99 }),
        ]
        let traces = latencies.enumerated().map { index, latency in
            line(latency.0, rates, latency.1.map { ($0 ?? .nan) * 1000 }, Palette.model(index))
        }
        return [
            .plot(
                Plot(
                    title: "Goodput and throughput over \(over)",
                    caption:
                        "Goodput counts requests that meet every target. Throughput no longer rises where "
                        + "the cluster is saturated.",
                    choices: [],
                    figures: [
                        Plot.Figure(
                            traces: good,
                            layout: [
                                "xaxis": Axis.fromZero(unit),
                                "yaxis": Axis.fromZero("requests/s"),
                            ])
                    ])),
            .plot(
                Plot(
                    title: "Latency over \(over)",
                    caption:
                        "Near saturation a step time that is 3 % off moves the time to the first token by "
                        + "10 to 30 %.",
                    choices: [],
                    figures: [
                        Plot.Figure(
                            traces: traces,
                            layout: [
                                "xaxis": Axis.fromZero(unit),
                                "yaxis": ["title": ["text": "ms"], "type": "log"],
                            ])
                    ])),
        ]
    }

    private func line(_ name: String, _ x: [Double], _ y: [Double], _ colour: String) -> JSONValue {
        [
            "type": "scatter", "mode": "lines+markers", "name": .string(name),
            "x": .numbers(x, significantDigits: 5), "y": .numbers(y, significantDigits: 5),
            "line": ["color": .string(colour)],
        ]
    }

    // MARK: Latencies

    var latencies: [Report.Block] {
        let all = outcome.all
        let kinds: [(String, ServingOutcome.Latency?)] = [
            ("first token", all.firstToken), ("output token", all.outputToken), ("gap", outcome.gaps),
            ("end to end", all.endToEnd), ("queue", all.queue),
        ]
        let figures = kinds.compactMap { name, latency -> Plot.Figure? in
            guard let latency else { return nil }
            var traces = [curve("all", latency, Palette.subject)]
            for (index, part) in outcome.classes.enumerated() {
                guard let own = Self.latency(name, of: part) else { continue }
                traces.append(curve(part.name, own, Palette.model(index)))
            }
            return Plot.Figure(
                options: [name], traces: traces,
                layout: [
                    "xaxis": ["title": ["text": "ms"], "type": "log"],
                    "yaxis": Axis.percentFromZero("requests"),
                ])
        }
        var blocks: [Report.Block] = []
        if !figures.isEmpty {
            blocks.append(
                .plot(
                    Plot(
                        title: "Distributions of latencies",
                        caption:
                            "The share of requests that took no longer. Of gaps: of gaps between tokens.",
                        choices: ["latency"], figures: figures)))
        }
        if !outcome.passages.isEmpty { blocks.append(.plot(passages)) }
        return blocks
    }

    private static func latency(
        _ name: String, of part: ServingOutcome.ClassFigures
    ) -> ServingOutcome.Latency? {
        switch name {
        case "first token": part.firstToken
        case "output token": part.outputToken
        case "end to end": part.endToEnd
        case "queue": part.queue
        default: nil
        }
    }

    private func curve(_ name: String, _ latency: ServingOutcome.Latency, _ colour: String) -> JSONValue {
        [
            "type": "scatter", "mode": "lines", "name": .string(name),
            "x": .numbers(latency.quantiles.map { $0 * 1000 }, significantDigits: 5),
            "y": .numbers(ServingOutcome.Latency.shares.map { $0 * 100 }, significantDigits: 4),
            "line": ["color": .string(colour), "shape": "hv"],
        ]
    }

    /// Single requests on their way.
    private var passages: Plot {
        let stages: [(String, String, (ServingOutcome.Passage) -> ClosedRange<Double>)] = [
            ("waiting", Palette.alarm, { $0.arrival...max($0.arrival, $0.scheduled) }),
            ("reading", Palette.model(1), { $0.scheduled...max($0.scheduled, $0.firstToken) }),
            ("generating", Palette.subject, { $0.firstToken...max($0.firstToken, $0.lastToken) }),
        ]
        let traces = stages.map { name, colour, span -> JSONValue in
            [
                "type": "bar", "orientation": "h", "name": .string(name),
                "y": .numbers(outcome.passages.map { Double($0.id) }, significantDigits: 9),
                "base": .numbers(outcome.passages.map { span($0).lowerBound }, significantDigits: 8),
                "x": .numbers(
                    outcome.passages.map { span($0).upperBound - span($0).lowerBound }, significantDigits: 6),
                "marker": ["color": .string(colour)],
                "hovertemplate": .string("request %{y}: \(name) %{x:.4~g} s<extra></extra>"),
            ]
        }
        return Plot(
            title: "Single requests through their stages",
            caption:
                "The first requests that were answered after the warm-up. Reading includes steps of "
                + "others and reading again after a preemption.",
            choices: [],
            figures: [
                Plot.Figure(
                    traces: traces,
                    layout: [
                        "barmode": "overlay", "xaxis": ["title": ["text": "seconds"]],
                        "yaxis": ["title": ["text": "request"], "autorange": "reversed"],
                    ], height: 480)
            ])
    }

    // MARK: Engines

    var engines: [Report.Block] {
        guard outcome.samples.count > 1 else { return [] }
        let times = outcome.samples.map(\.time)
        let counts = [
            steps("running", times, outcome.samples.map { Double($0.running) }, Palette.subject),
            steps("waiting", times, outcome.samples.map { Double($0.waiting) }, Palette.alarm),
        ]
        let used = [
            steps("in use", times, outcome.samples.map { $0.usedShare * 100 }, Palette.model(2))
        ]
        func figure(_ name: String, _ traces: [JSONValue], _ axis: JSONValue) -> Plot.Figure {
            Plot.Figure(
                options: [name], traces: traces, layout: ["xaxis": Axis.fromZero("seconds"), "yaxis": axis])
        }
        return [
            .plot(
                Plot(
                    title: "The cluster over time",
                    caption:
                        "Requests that run and wait, of all engines; memory for keys and values in use, mean "
                        + "over engines.",
                    choices: ["what"],
                    figures: [
                        figure("requests", counts, Axis.fromZero("requests")),
                        figure("memory", used, Axis.percentFromZero("blocks in use")),
                    ]))
        ]
    }

    private func steps(_ name: String, _ x: [Double], _ y: [Double], _ colour: String) -> JSONValue {
        [
            "type": "scatter", "mode": "lines", "name": .string(name),
            "x": .numbers(x, significantDigits: 7), "y": .numbers(y, significantDigits: 5),
            "line": ["color": .string(colour), "shape": "hv", "width": 1.5],
        ]
    }
}
