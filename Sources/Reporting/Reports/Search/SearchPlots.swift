import Quantities
import Vocabulary

/// The pictures of a search: which pairs are efficient, the surface that was climbed, and how fast it was
/// climbed.
struct SearchPlots {
    /// The schedules of one pair that share a partition and O: one sheet of the surface.
    private struct Sheet: Hashable, Comparable {
        let partition: ThreadSchedule.Partition
        let workers: Int

        var title: String { "\(partition.rawValue), O = \(workers)" }

        init(_ schedule: ThreadSchedule) {
            partition = schedule.partition
            workers = schedule.workers
        }

        func contains(_ schedule: Schedule) -> Bool { schedule.threadSchedule.map(Sheet.init) == self }

        static func < (left: Sheet, right: Sheet) -> Bool {
            (left.partition.rawValue, left.workers) < (right.partition.rawValue, right.workers)
        }
    }

    let outcomes: [SearchOutcome]
    let entries: [EfficiencyEntry]
    /// What other methods found for the same problems.
    var rivals: [RivalSearch] = []

    /// Queries per joule of each pair, as a share of the model's best type; nil without entries.
    var efficiency: Plot? {
        let models = Set(entries.map(\.model)).sorted()
        let types = Set(entries.map(\.serverType)).sorted()
        guard models.count > 0, types.count > 1 else { return nil }
        let table = EfficiencyTable(entries)
        let best = models.map { model in types.compactMap { table[model, $0]?.queriesPerJoule }.max() ?? 0 }
        let cells = types.map { type in models.map { table[$0, type] } }
        let shares = cells.map { row in
            JSONValue.array(
                zip(row, best).map { entry, best in
                    guard let entry, best > 0 else { return .null }
                    return .number((100 * entry.queriesPerJoule / best).rounded(significantDigits: 4))
                })
        }
        let hovers = cells.map { row in
            JSONValue.strings(
                row.map { entry in
                    guard let entry else { return "no entry" }
                    let efficiency = ColumnFormat(kind: .queriesPerJoule, numbers: [entry.queriesPerJoule])
                    return [
                        (efficiency.text(of: .number(entry.queriesPerJoule)) ?? "") + " queries/J",
                        entry.throughput.readable,
                        entry.power.readable + " (\(entry.powerProvenance.rawValue))",
                        entry.schedule.description, entry.provenance.rawValue,
                    ].joined(separator: "<br>")
                })
        }
        let trace: JSONValue = [
            "type": "heatmap", "x": labels(models.map(\.name)), "y": labels(types.map(\.name)),
            "z": .array(shares),
            "text": .array(hovers), "texttemplate": "%{z:.0f}",
            "hovertemplate": "%{y}, %{x}<br>%{text}<extra></extra>",
            "colorscale": Palette.sequential, "zmin": 0, "zmax": 100, "xgap": 2, "ygap": 2,
            "showscale": false,
        ]
        var rows = Axis.names("", types.map { HTMLText.plotLabel($0.name) }).members
        rows["autorange"] = "reversed"
        rows["title"] = nil
        return Plot(
            title: "Efficiency by server type",
            caption:
                "Queries per joule at the latency-bounded throughput, in percent of the model's best server "
                + "type.",
            choices: [],
            figures: [
                Plot.Figure(
                    traces: [trace],
                    layout: [
                        "xaxis": Axis.names("model", models.map { HTMLText.plotLabel($0.name) }),
                        "yaxis": .object(rows),
                    ], height: 120 + 28 * types.count)
            ])
    }

    /// Throughput over M and D with the path of the search, one figure per pair and sheet; nil without
    /// searches.
    var surface: Plot? {
        let figures = outcomes.flatMap(sheets)
        guard !figures.isEmpty else { return nil }
        return Plot(
            title: "Throughput over threads and batch, and the path of the search",
            caption:
                "Latency-bounded throughput of every schedule that was evaluated, in queries/s; empty cells "
                + "were never tried. Where a sparse group or hot rows vary too, a cell shows the best of "
                + "them. The line joins the accepted steps; the star is the best schedule.",
            choices: ["model", "server type", "partition and workers"], figures: figures)
    }

    /// The best throughput so far over the number of evaluations; nil without searches.
    var progress: Plot? {
        let colours = ServerTypeColours(EfficiencyTable(entries), with: outcomes.map(\.serverType))
        let models = Set(outcomes.map(\.model)).sorted()
        let figures = models.compactMap { model -> Plot.Figure? in
            let traces = outcomes.filter { $0.model == model }.compactMap { outcome -> JSONValue? in
                guard let last = outcome.bestSoFar.last, last > 0 else { return nil }
                return Self.bestSoFar(
                    of: outcome, relativeTo: last, name: HTMLText.plotLabel(outcome.serverType.name),
                    line: ["shape": "hv", "width": 2, "color": .string(colours[outcome.serverType])])
            }
            guard !traces.isEmpty else { return nil }
            return Plot.Figure(
                options: [model.name], traces: traces,
                layout: [
                    "xaxis": ["title": ["text": "schedules evaluated"], "rangemode": "tozero"],
                    "yaxis": Axis.percentFromZero("best so far, % of the best found"),
                    "hovermode": "x unified",
                ])
        }
        guard !figures.isEmpty else { return nil }
        return Plot(
            title: "How fast the search got there",
            caption:
                "The best throughput after each evaluation, in percent of the best that the search found.",
            choices: ["model"], figures: figures)
    }

    /// The best so far of every method that has searched a pair, over its evaluations; nil unless some pair
    /// has several.
    var methods: Plot? {
        let figures = outcomes.compactMap { outcome -> Plot.Figure? in
            let own = rivals.filter {
                $0.outcome.model == outcome.model && $0.outcome.serverType == outcome.serverType
            }
            guard own.count > 1 else { return nil }
            let highest = own.compactMap { $0.outcome.bestSoFar.last }.max() ?? 0
            guard highest > 0 else { return nil }
            let traces = own.map { rival in
                Self.bestSoFar(
                    of: rival.outcome, relativeTo: highest, name: rival.method,
                    line: ["shape": "hv", "width": 2])
            }
            return Plot.Figure(
                options: [outcome.model.name, outcome.serverType.name], traces: traces,
                layout: [
                    "xaxis": ["title": ["text": "schedules evaluated"], "type": "log"],
                    "yaxis": Axis.percentFromZero("best so far, % of the best"),
                    "hovermode": "x unified",
                ])
        }
        guard !figures.isEmpty else { return nil }
        return Plot(
            title: "The methods side by side",
            caption:
                "The best throughput after each evaluation, for every method that has searched the pair.",
            choices: ["model", "server type"], figures: figures)
    }

    /// A step for each evaluation, in percent of a throughput.
    private static func bestSoFar(
        of outcome: SearchOutcome, relativeTo reference: Double, name: String, line: JSONValue
    ) -> JSONValue {
        [
            "type": "scatter", "mode": "lines", "x0": 1, "dx": 1, "name": .string(name),
            "y": .numbers(outcome.bestSoFar.map { 100 * $0 / reference }, significantDigits: 4),
            "text": .strings(outcome.bestSoFar.map { QueriesPerSecond($0).readable }),
            "hovertemplate": "%{y:.1f} %: %{text}", "line": line,
        ]
    }

    private func labels(_ names: [String]) -> JSONValue { .strings(names.map(HTMLText.plotLabel)) }

    private func sheets(of outcome: SearchOutcome) -> [Plot.Figure] {
        let schedules = outcome.evaluations.compactMap(\.schedule.threadSchedule)
        let best = outcome.entry?.schedule
        let sheets = Set(schedules.map(Sheet.init)).sorted()
        let batches = Set(schedules.map(\.batch)).sorted()
        let highest = outcome.evaluations.map(\.throughput.value).max() ?? 0
        return sheets.map { sheet in
            let evaluations = outcome.evaluations.filter { sheet.contains($0.schedule) }
            // Every M in the range has its column, so that a step of one looks like a step of one.
            let own = evaluations.map(\.schedule.columns)
            let threadsMax = own.map(\.threads).max() ?? 1
            let threads = threadsMax <= 64 ? Array(1...threadsMax) : Set(own.map(\.threads)).sorted()
            let byCell = Dictionary(
                zip(own, evaluations).map { ([$0.threads, $0.batch], $1.throughput.value) },
                uniquingKeysWith: max)
            let rates = batches.map { batch in
                JSONValue.array(
                    threads.map {
                        byCell[[$0, batch]].map { .number($0.rounded(significantDigits: 4)) } ?? .null
                    })
            }
            let sources = Set(evaluations.map(\.provenance))
            let provenance = Provenance.allCases.filter(sources.contains).map(\.rawValue).joined(
                separator: " or ")
            var heatmap: [String: JSONValue] = [
                "type": "heatmap", "x": .strings(threads.map(String.init)),
                "y": .strings(batches.map(String.init)),
                "z": .array(rates), "zmin": 0, "zmax": .number(highest), "xgap": 1, "ygap": 1,
                "hoverongaps": false,
                "colorscale": Palette.sequential,
                "hovertemplate": .string(
                    "M = %{x}, D = %{y}<br>%{z:,.4r} queries/s, \(provenance)<extra></extra>"),
                "colorbar": ["title": ["text": "queries/s"], "thickness": 12, "outlinewidth": 0],
            ]
            if threads.count <= 12 { heatmap["texttemplate"] = "%{z:.3~s}" }
            var traces = [JSONValue.object(heatmap)] + path(of: outcome, on: sheet)
            if let best, sheet.contains(best) { traces.append(star(at: best)) }
            return Plot.Figure(
                options: [outcome.model.name, outcome.serverType.name, sheet.title],
                isPreferred: best.map(sheet.contains) ?? false, traces: traces,
                layout: [
                    "xaxis": Axis.wholeNumbers("M, inference threads", threads),
                    "yaxis": Axis.wholeNumbers("D, items in a batch", batches), "showlegend": false,
                ])
        }
    }

    /// The accepted steps that lie on a sheet, in pieces where the path left it between.
    private func path(of outcome: SearchOutcome, on sheet: Sheet) -> [JSONValue] {
        var x: [JSONValue] = []
        var y: [JSONValue] = []
        var text: [JSONValue] = []
        let throughputs = Dictionary(
            outcome.evaluations.map { ($0.schedule, $0.throughput) }, uniquingKeysWith: { _, last in last })
        for (index, schedule) in outcome.path.enumerated() {
            if sheet.contains(schedule) {
                x.append(.string("\(schedule.columns.threads)"))
                y.append(.string("\(schedule.columns.batch)"))
                let rate = throughputs[schedule].map { "<br>\($0.readable)" } ?? ""
                text.append(.string("step \(index + 1) of \(outcome.path.count): \(schedule)\(rate)"))
            } else if x.last != nil, x.last != .null {
                x.append(.null)
                y.append(.null)
                text.append(.null)
            }
        }
        guard !x.isEmpty else { return [] }
        func line(_ colour: String, width: Int, marker: Int) -> JSONValue {
            [
                "type": "scatter", "mode": "lines+markers", "x": .array(x), "y": .array(y),
                "text": .array(text),
                "hovertemplate": "%{text}<extra></extra>", "connectgaps": false,
                "line": ["color": .string(colour), "width": .integer(width)],
                "marker": ["color": .string(colour), "size": .integer(marker)],
            ]
        }
        // A dark line inside a light one reads on any ground.
        return [line("#ffffff", width: 5, marker: 11), line("#d9480f", width: 2, marker: 7)]
    }

    private func star(at schedule: Schedule) -> JSONValue {
        [
            "type": "scatter", "mode": "markers", "x": [.string("\(schedule.columns.threads)")],
            "y": [.string("\(schedule.columns.batch)")],
            "hovertemplate": .string("best: \(schedule)<extra></extra>"),
            "marker": [
                "symbol": "star", "size": 18, "color": "#ffc531", "line": ["color": "#5c3d00", "width": 1.5],
            ],
        ]
    }
}

extension SearchOutcome {
    /// The best throughput after each evaluation, in queries/s.
    fileprivate var bestSoFar: [Double] {
        var best = 0.0
        return evaluations.map {
            best = max(best, $0.throughput.value)
            return best
        }
    }
}

extension JSONValue {
    /// The members of an object; none for anything else.
    var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }
}
