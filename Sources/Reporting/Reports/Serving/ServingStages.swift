import Vocabulary

/// What requests go through that walk stages: tables, where the time goes, and single requests on their way.
struct ServingStages {
    private let outcome: ServingOutcome
    private let cluster: ServingCluster

    init(_ outcome: ServingOutcome, cluster: ServingCluster) {
        self.outcome = outcome
        self.cluster = cluster
    }

    var blocks: [Report.Block] {
        var blocks: [Report.Block] = [.table(stageTable), .note(Self.reading), .plot(shares)]
        if !outcome.spans.isEmpty { blocks.append(.plot(timeline)) }
        if !outcome.stations.isEmpty { blocks += [.table(stationTable)] }
        return blocks
    }

    private static let reading =
        "A stage begins when all that it comes after are done. Time runs until its last copy is done; wait "
        + "is until an engine or a server takes it on, of each copy. A stage that runs again counts again."

    // MARK: Tables

    private var stageTable: Table {
        Table(
            caption: "Stages",
            columns: [
                Table.Column("pipeline", "classes", .text), Table.Column("stage", "stage", .text),
                Table.Column("kind", "work", .text), Table.Column("taken", "taken", .count),
                Table.Column("skipped", "skipped", .count),
                Table.Column("meanMilliseconds", "mean", .milliseconds),
                Table.Column("p50Milliseconds", "p50", .milliseconds),
                Table.Column("p99Milliseconds", "p99", .milliseconds),
                Table.Column("waitMeanMilliseconds", "mean wait", .milliseconds),
                Table.Column("timeFraction", "of all time", .fraction),
            ], keyColumnCount: 2,
            rows: outcome.stages.map { stage in
                [
                    .text(stage.pipeline), .text(stage.name), .text(stage.kind),
                    .integer(stage.time?.count ?? 0), .integer(stage.skipped),
                    cell(stage.time?.mean), cell(stage.time?.p50), cell(stage.time?.p99),
                    cell(stage.waiting?.mean),
                    .number(total > 0 ? Self.seconds(stage) / total : 0),
                ]
            })
    }

    private func cell(_ seconds: Double?) -> Table.Cell { seconds.map { .number($0 * 1000) } ?? .missing }

    /// Of all requests together.
    private static func seconds(_ stage: ServingOutcome.StageFigures) -> Double {
        Double(stage.time?.count ?? 0) * (stage.time?.mean ?? 0)
    }

    private var total: Double { outcome.stages.reduce(0) { $0 + Self.seconds($1) } }

    private var stationTable: Table {
        Table(
            caption: "Stations",
            columns: [
                Table.Column("station", "station", .text), Table.Column("servers", "servers", .count),
                Table.Column("served", "served", .count), Table.Column("meanBatch", "mean batch", .plain),
                Table.Column("busyFraction", "busy", .fraction),
                Table.Column("waitingMost", "most waiting", .count),
                Table.Column("source", "times from", .text),
            ],
            rows: outcome.stations.map { station in
                [
                    .text(station.name), .integer(station.servers), .integer(station.served),
                    station.meanBatch.map { .number($0.rounded(significantDigits: 3)) } ?? .missing,
                    .number(station.busyShare), .integer(station.waitingMost), .text(station.source),
                ]
            })
    }

    // MARK: Plots

    /// Seconds of a request by stage, waiting apart.
    private var shares: Plot {
        let figures = cluster.pipelines.map { pipeline -> Plot.Figure in
            let stages = outcome.stages.filter { $0.pipeline == pipeline.name }
            // Every request of the pipeline takes or skips its first stage, however often others run.
            let requests = Double(max(1, (stages.first?.time?.count ?? 0) + (stages.first?.skipped ?? 0)))
            let waits = stages.map { min(Self.waited($0), Self.seconds($0)) / requests }
            let works = zip(stages, waits).map { Self.seconds($0) / requests - $1 }
            let names = JSONValue.array(stages.map { .string($0.name) })
            return Plot.Figure(
                options: [pipeline.name],
                traces: [
                    Self.bar("waiting", names, waits, Palette.alarm),
                    Self.bar("at work", names, works, Palette.subject),
                ],
                layout: ["barmode": "stack", "yaxis": Axis.fromZero("seconds a request")])
        }
        return Plot(
            title: "Where the time goes",
            caption:
                "Mean seconds of a request by stage. Stages beside each other overlap, so that their sum may "
                + "be longer than the way.",
            choices: ["classes"], figures: figures)
    }

    /// Seconds of waiting of all requests; of copies, which wait side by side, the mean one.
    private static func waited(_ stage: ServingOutcome.StageFigures) -> Double {
        Double(stage.time?.count ?? 0) * (stage.waiting?.mean ?? 0)
    }

    private static func bar(
        _ name: String, _ x: JSONValue, _ y: [Double], _ colour: String
    ) -> JSONValue {
        [
            "type": "bar", "name": .string(name), "x": x, "y": .numbers(y, significantDigits: 5),
            "marker": ["color": .string(colour)],
        ]
    }

    /// Single requests, a row for each stage or copy.
    private var timeline: Plot {
        var names: [String] = []
        for span in outcome.spans where !names.contains(span.stage) { names.append(span.stage) }
        let requests = outcome.spans.reduce(into: [Int]()) {
            if !$0.contains($1.request) { $0.append($1.request) }
        }.prefix(Self.requestsShown)
        let shown = outcome.spans.filter { requests.contains($0.request) }
        func traces(_ part: (ServingOutcome.Span) -> (from: Double, to: Double), _ faint: Bool) -> [JSONValue]
        {
            names.enumerated().map { index, name in
                let own = shown.filter { $0.stage == name }
                return [
                    "type": "bar", "orientation": "h",
                    "name": .string(faint ? "\(name), waiting" : name),
                    "legendgroup": .string(name), "showlegend": .bool(!faint),
                    "y": .array(own.map { .string(Self.row($0)) }),
                    "base": .numbers(own.map { part($0).from }, significantDigits: 8),
                    "x": .numbers(own.map { part($0).to - part($0).from }, significantDigits: 6),
                    "marker": ["color": .string(Palette.model(index)), "opacity": faint ? 0.3 : 1],
                    "hovertemplate": .string(
                        "request %{y}: \(name)\(faint ? ", waiting" : "") %{x:.4~g} s<extra></extra>"),
                ]
            }
        }
        let rows = shown.reduce(into: [String: (request: Int, copy: Int)]()) {
            $0[Self.row($1)] = ($1.request, $1.copy)
        }.sorted { ($0.value.request, $0.value.copy) < ($1.value.request, $1.value.copy) }
        let waits = traces({ ($0.began, $0.scheduled) }, true)
        let works = traces({ ($0.scheduled, $0.ended) }, false)
        return Plot(
            title: "Single requests through their stages",
            caption:
                "The first requests after the warm-up, a row for each copy; pale while they wait. Drag to "
                + "zoom in.",
            choices: [],
            figures: [
                Plot.Figure(
                    traces: waits + works,
                    layout: [
                        "barmode": "overlay", "xaxis": ["title": ["text": "seconds"]],
                        "yaxis": [
                            "type": "category", "autorange": "reversed", "title": ["text": "request"],
                            "categoryorder": "array", "categoryarray": .array(rows.map { .string($0.key) }),
                        ],
                    ], height: 560)
            ])
    }

    private static let requestsShown = 24

    private static func row(_ span: ServingOutcome.Span) -> String {
        span.copy == 0 ? "\(span.request)" : "\(span.request), copy \(span.copy + 1)"
    }
}
