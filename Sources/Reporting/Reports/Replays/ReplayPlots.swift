import Quantities
import Vocabulary

/// The pictures of a replay, all over the same time axis but the energy bars.
struct ReplayPlots {
    let outcome: ReplayOutcome
    let time: TimeAxis
    let models: [ModelID]
    private let table: EfficiencyTable
    /// Where the throughputs and watts behind all policies come from.
    private let mix: ProvenanceMix

    init(outcome: ReplayOutcome, table: EfficiencyTable, mix: ProvenanceMix) {
        self.outcome = outcome
        self.table = table
        self.mix = mix
        time = TimeAxis(outcome.trace)
        models = outcome.trace.models
    }

    /// The load of each model, absolute or as a share of its own peak.
    var load: Plot {
        let series = models.map { model in outcome.trace.loads[model, default: []].map(\.value) }
        func figure(_ option: String, _ axis: JSONValue, _ unit: String, _ scale: ([Double]) -> Double)
            -> Plot.Figure
        {
            let traces = zip(models, series).enumerated().map { index, pair in
                let factor = scale(pair.1)
                var trace = time.steps(
                    pair.1.map { $0 * factor }, name: pair.0.name,
                    line: ["color": .string(Palette.model(index)), "width": 1.7])
                trace["hovertemplate"] = .string("%{y:,.4~r} \(unit)")
                return JSONValue.object(trace)
            }
            return Plot.Figure(
                options: [option], traces: traces,
                layout: ["xaxis": time.layout, "yaxis": axis, "hovermode": "x unified"])
        }
        return Plot(
            title: "Load per model", caption: "The trace that was replayed." + rangeRemark, choices: ["as"],
            figures: [
                figure("queries/s", Axis.fromZero("load, queries/s"), "queries/s") { _ in 1 },
                figure("share of own peak", Axis.percentFromZero("load, % of the model's peak"), "%") {
                    ($0.max() ?? 0) > 0 ? 100 / ($0.max() ?? 1) : 0
                },
            ])
    }

    /// Power of the whole fleet under each policy.
    var power: Plot {
        func figure(_ option: String, _ watts: IntervalRecords.FleetFigure) -> Plot.Figure {
            let all = outcome.timelines.map { $0.records.series(watts).orZero }
            // The largest number decides on the unit.
            let format = ColumnFormat(kind: .power, numbers: all.map { $0.max() ?? 0 })
            let unit = format.headUnit ?? ""
            let traces = outcome.timelines.enumerated().map { index, timeline in
                let isSubject = timeline.policy == outcome.subject
                var trace = time.steps(
                    all[index].map { format.scaled($0) }, name: timeline.policy,
                    line: ["color": .string(colour(ofPolicy: index)), "width": isSubject ? 2.8 : 1.5])
                trace["hovertemplate"] = .string("%{y:,.4~r} \(unit)")
                return JSONValue.object(trace)
            }
            return Plot.Figure(
                options: [option], isPreferred: option == "provisioned", traces: traces,
                layout: [
                    "xaxis": time.layout, "yaxis": Axis.fromZero("\(option) power, \(unit)"),
                    "hovermode": "x unified",
                ], height: 420)
        }
        return Plot(
            title: "Power per policy",
            caption: "Provisioned: what the plan sets aside. Drawn: what the servers take at their load. "
                + wattsRemark + rangeRemark,
            choices: ["power"],
            figures: [figure("provisioned", .provisionedPower), figure("drawn", .drawnPower)])
    }

    /// Servers of each type under the chosen policy, stacked.
    var servers: Plot {
        let types = Set(
            outcome.timelines.flatMap { $0.records.allocations.usedPairs.map(\.serverType) }
        ).sorted()
        let colours = ServerTypeColours(table, with: types)
        let figures = outcome.timelines.map { timeline in
            let traces = types.compactMap { type -> JSONValue? in
                let values = timeline.records.servers(of: type)
                guard values.contains(where: { $0 > 0 }) else { return nil }
                let colour = colours[type]
                var trace = time.steps(
                    values, name: type.name, line: ["color": .string(colour), "width": 0], summary: .mean)
                trace["stackgroup"] = "servers"
                trace["fillcolor"] = .string(colour)
                trace["hovertemplate"] = "%{y:,.0f}"
                return .object(trace)
            }
            return Plot.Figure(
                options: [timeline.policy], isPreferred: timeline.policy == outcome.subject, traces: traces,
                layout: [
                    "xaxis": time.layout, "yaxis": Axis.fromZero("servers"), "hovermode": "x unified",
                ], height: 420)
        }
        return Plot(
            title: "Servers by type", caption: "Servers that the policy provisions, all models together.",
            choices: ["policy"], figures: figures)
    }

    /// Load and capacity of the chosen model under the chosen policy.
    var capacity: Plot {
        let figures = outcome.timelines.enumerated().flatMap { index, timeline in
            models.map { model in capacityFigure(of: model, under: timeline, colour: colour(ofPolicy: index))
            }
        }
        return Plot(
            title: "Capacity against load",
            caption:
                "Capacity is the throughput within the latency target that the serving servers offer. Marks "
                + "show intervals whose load exceeded it. \(thinningRemark)\(throughputRemark)",
            choices: ["policy", "model"], figures: figures)
    }

    /// When each model's load exceeded its capacity, a lane per policy and model.
    var violations: Plot {
        let lanes = Double(models.count + 1)
        func height(_ policy: Int, _ model: Int) -> Double { -(Double(policy) * lanes + Double(model)) }
        let traces = models.enumerated().map { modelIndex, model -> JSONValue in
            var x: [JSONValue] = []
            var y: [JSONValue] = []
            var text: [JSONValue] = []
            for (policyIndex, timeline) in outcome.timelines.enumerated() {
                let (load, capacity) = (
                    timeline.records.series(.load, of: model), timeline.records.series(.capacity, of: model)
                )
                for index in time.marks(timeline.records.violatedIntervals(of: model)) {
                    x.append(time.instant(index))
                    y.append(.number(height(policyIndex, modelIndex)))
                    text.append(
                        .string(
                            "\(HTMLText.plotLabel("\(timeline.policy), \(model)")): load "
                                + "\(QueriesPerSecond(load[index] ?? 0).readable), capacity "
                                + QueriesPerSecond(capacity[index] ?? 0).readable))
                }
            }
            return [
                "type": "scatter", "mode": "markers", "name": .string(HTMLText.plotLabel(model.name)),
                "x": .array(x), "y": .array(y), "text": .array(text),
                "hovertemplate": "%{x}<br>%{text}<extra></extra>",
                "marker": [
                    "symbol": "line-ns-open", "size": 9,
                    "line": ["width": 2, "color": .string(Palette.model(modelIndex))],
                    "color": .string(Palette.model(modelIndex)),
                ],
            ]
        }
        let centre = Double(models.count - 1) / 2
        let policies = outcome.timelines.indices
        var timeLayout = time.layout.members
        timeLayout["range"] = .array([time.instant(0), time.instant(outcome.trace.intervalCount)])
        return Plot(
            title: "Where the violations fall",
            caption:
                "One mark per interval in which a model's load exceeded its capacity; a policy without marks "
                + "has none.",
            choices: [],
            figures: [
                Plot.Figure(
                    traces: traces,
                    layout: [
                        "xaxis": .object(timeLayout), "hovermode": "closest",
                        "yaxis": [
                            "tickvals": .array(policies.map { .number(height($0, 0) - centre) }),
                            "ticktext": .strings(outcome.timelines.map { HTMLText.plotLabel($0.policy) }),
                            "range": [.number(height(policies.count - 1, models.count) - 0.2), 1.2],
                            "zeroline": false, "showgrid": false,
                        ],
                        "shapes": .array(policies.dropFirst().map { divider(at: height($0, -1)) }),
                    ], height: 110 + policies.count * (18 + 9 * models.count))
            ])
    }

    /// Energy of each policy over the whole trace.
    var energy: Plot {
        let timelines = outcome.timelines
        let format = ColumnFormat(kind: .energy, numbers: timelines.map(\.provisionedEnergy.value))
        let unit = format.headUnit ?? ""
        let names = timelines.map { HTMLText.plotLabel($0.policy) }
        func bars(_ name: String, _ energies: [Joules], pattern: String) -> JSONValue {
            [
                "type": "bar", "orientation": "h", "name": .string(name), "y": .strings(names),
                "x": .numbers(energies.map { format.scaled($0.value) }),
                "text": .strings(energies.map { format.text(of: .number($0.value)) ?? "" }),
                "textposition": "outside", "cliponaxis": false,
                "hovertemplate": .string("%{y}: %{text} \(unit)"),
                "marker": [
                    "color": .strings(timelines.indices.map(colour)), "pattern": ["shape": .string(pattern)],
                ],
            ]
        }
        var rows = Axis.names("", names).members
        rows["title"] = nil
        rows["autorange"] = "reversed"
        // Room for the number at the end of the longest bar, on a narrow screen too.
        let longest = timelines.flatMap { [$0.provisionedEnergy, $0.drawnEnergy] }.max() ?? .zero
        var energies = Axis.fromZero("energy, \(unit)").members
        energies["range"] = [0, .number((1.2 * format.scaled(longest.value)).rounded(significantDigits: 3))]
        return Plot(
            title: "Energy over the trace",
            caption:
                "Plain bars: the integral of provisioned power. Hatched bars: the integral of drawn power. "
                + wattsRemark,
            choices: [],
            figures: [
                Plot.Figure(
                    traces: [
                        bars("provisioned", timelines.map(\.provisionedEnergy), pattern: ""),
                        bars("drawn", timelines.map(\.drawnEnergy), pattern: "/"),
                    ],
                    layout: [
                        "xaxis": .object(energies), "yaxis": .object(rows), "barmode": "group",
                        "bargap": 0.3,
                    ], height: 110 + 52 * timelines.count)
            ])
    }

    private var wattsRemark: String { mix.count == 0 ? "" : "The watts are \(mix.drawnLabel)." }
    /// What a point stands for in a long trace.
    private var thinningRemark: String {
        time.stride == 1
            ? ""
            : "Each point covers \(time.stride) intervals, with the highest load and the least capacity. "
    }
    /// How a line through a long trace is drawn.
    var rangeRemark: String {
        time.stride == 1
            ? "" : " Of every \(time.stride) intervals the lowest and the highest are drawn."
    }
    private var throughputRemark: String { mix.count == 0 ? "" : "The throughputs are \(mix.label)." }

    private func capacityFigure(of model: ModelID, under timeline: Timeline, colour: String) -> Plot.Figure {
        var capacity = time.steps(
            timeline.records.series(.capacity, of: model).orZero, name: "capacity",
            line: ["color": .string(colour), "width": 2], summary: .least)
        capacity["hovertemplate"] = "%{y:,.4~r} queries/s"
        let loads = timeline.records.series(.load, of: model)
        var load = time.steps(
            loads.orZero, name: "load",
            line: ["color": Axis.themeColour("ink"), "width": 1.2], summary: .most)
        load["hovertemplate"] = "%{y:,.4~r} queries/s"
        let violated = time.marks(timeline.records.violatedIntervals(of: model))
        let marks: JSONValue = [
            "type": "scatter", "mode": "markers", "name": "violation",
            "x": .array(violated.map(time.instant)),
            "y": .numbers(violated.map { loads[$0] ?? 0 }),
            "hovertemplate": "load exceeds capacity",
            "marker": ["color": .string(Palette.alarm), "size": 7, "symbol": "x"],
        ]
        return Plot.Figure(
            options: [timeline.policy, model.name], isPreferred: timeline.policy == outcome.subject,
            traces: [.object(capacity), .object(load), marks],
            layout: [
                "xaxis": time.layout, "yaxis": Axis.fromZero("queries/s"), "hovermode": "x unified",
            ])
    }

    private func divider(at height: Double) -> JSONValue {
        [
            "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": .number(height),
            "y1": .number(height), "line": ["color": Axis.themeColour("line"), "width": 1],
        ]
    }

    func colour(ofPolicy index: Int) -> String { outcome.colour(ofPolicy: index) }
}

extension IntervalRecords {
    /// The servers of a type in every interval, all models together. O(intervals + changes * pairs).
    func servers(of type: ServerTypeID) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(count)
        let positions = allocations.pairs.indices.filter { allocations.pairs[$0].serverType == type }
        allocations.forEachStretch(until: Int64(count)) { stretch, counts in
            let servers = positions.reduce(0) { $0 + Int(counts[$1]) }
            values.append(contentsOf: repeatElement(Double(servers), count: stretch.count))
        }
        return values
    }

    /// The intervals in which a model's load exceeded its capacity.
    func violatedIntervals(of model: ModelID) -> [Int] {
        var (index, found) = (0, [Int]())
        series(.isViolated, of: model).forEach { isViolated in
            if isViolated == 1 { found.append(index) }
            index += 1
        }
        return found
    }
}

extension ReplayOutcome {
    /// The subject has a colour of its own; the others are counted without it.
    func colour(ofPolicy index: Int) -> String {
        let subject = timelines.firstIndex { $0.policy == self.subject }
        guard let subject else { return Palette.policy(index) }
        return index == subject ? Palette.subject : Palette.policy(index < subject ? index : index - 1)
    }

    /// The same by name.
    var policyColours: [String: String] {
        Dictionary(
            timelines.enumerated().map { ($1.policy, colour(ofPolicy: $0)) },
            uniquingKeysWith: { first, _ in first })
    }
}
