import Vocabulary

/// How a simulated run compares with the measured one, and which constants were fitted to it.
public struct RunComparisonReport: ReportContent {
    private let cluster: ServingCluster
    private let source: String
    private let log: RequestLog
    private let comparison: RunComparison
    private let fitted: StepConstants?
    private let client: ClientOverhead?

    /// - Parameters:
    ///   - source: the log's file.
    ///   - log: what was read of it.
    ///   - fitted: constants that were fitted to the very run; nil where the cluster's own were played.
    ///   - client: what was fitted to lie before the engines' queue; nil where nothing was.
    public init(
        cluster: ServingCluster, source: String, log: RequestLog, comparison: RunComparison,
        fitted: StepConstants? = nil, client: ClientOverhead? = nil
    ) {
        self.cluster = cluster
        self.source = source
        self.log = log
        self.client = client
        self.comparison = comparison
        self.fitted = fitted
    }

    public var title: String { "\(cluster.modelNames.enumerated) on \(cluster.name) against \(source)" }

    public var summary: [Report.Block] {
        var text =
            "\(comparison.requests.counted("measured request")) played again, with "
            + "\(comparison.preemptions.counted("preemption")). End to end, requests are off by "
            + "\(Self.percent(comparison.endToEnd.absoluteError)) in the mean."
        if let fitted {
            text +=
                " Fitted: MFU \(fitted.arithmetic.short()), MBU \(fitted.bandwidth.short()), host "
                + "\((fitted.hostSeconds * 1000).short()) ms a step. Errors are of the run that was fitted."
        }
        if let client { text += " Before the queue: \((client.beforeSeconds * 1000).short()) ms." }
        var blocks: [Report.Block] = [.paragraph(text)]
        if let fitted, max(fitted.arithmetic, fitted.bandwidth) > 1 {
            blocks.append(
                .warning(
                    "Fitted constants lie above the data sheet's peaks, which no device exceeds: the run had "
                        + "other rules or another number of blocks than the engine that was fitted, or the "
                        + "sheet is wrong. Say the rules and blocks that the engine reported."))
        }
        if log.failed > 0 {
            blocks.append(
                .warning(
                    "\(log.failed.counted("request")) of the log failed or were cut off and are not played: "
                        + "what they asked of the engines is missing."))
        }
        if log.anchor == .client, client == nil, cluster.client == nil {
            blocks.append(
                .warning(
                    "Measured times count from the client and simulated ones from the engine's queue: the "
                        + "cluster has no key client. What lies between is in the errors."))
        }
        return blocks
    }

    public var sections: [Report.Section] {
        [
            Report.Section(
                heading: "Errors",
                blocks: [.table(mainTable), .note(Self.reading + anchorNote), .plot(scatter)])
        ]
    }

    static let reading =
        "Errors are simulated over measured, less 1. Off is the mean over requests of the absolute "
        + "error. "

    private var anchorNote: String {
        guard log.anchor == .client else {
            return "The anchor is the moment at which the engine queued a request: what clients add before "
                + "it is not in either figure."
        }
        guard let added = client ?? cluster.client else { return "The anchor is the client's sending." }
        return "The anchor is the client's sending: simulated times hold "
            + "\((added.beforeSeconds * 1000).short()) ms before the queue, "
            + "\((added.perTokenSeconds * 1000).short()) ms at each token and "
            + "\((added.afterSeconds * 1000).short()) ms at the end."
    }

    public var mainTable: Table {
        var rows: [[Table.Cell]] = []
        func add(_ name: String, _ latency: RunComparison.Latency?) {
            guard let latency else { return }
            rows.append([
                .text(name), .number(latency.mean.measured * 1000), .number(latency.mean.simulated * 1000),
                .number(latency.mean.error), .number(latency.p99.measured * 1000),
                .number(latency.p99.simulated * 1000), .number(latency.p99.error),
                .number(latency.absoluteError),
            ])
        }
        add("first token", comparison.firstToken)
        add("output token", comparison.outputToken)
        add("end to end", comparison.endToEnd)
        return Table(
            caption: "Measured and simulated",
            columns: [
                Table.Column("latency", "latency", .text),
                Table.Column("measuredMeanMilliseconds", "measured mean", .milliseconds),
                Table.Column("simulatedMeanMilliseconds", "simulated mean", .milliseconds),
                Table.Column("meanErrorFraction", "error", .fraction),
                Table.Column("measuredP99Milliseconds", "measured p99", .milliseconds),
                Table.Column("simulatedP99Milliseconds", "simulated p99", .milliseconds),
                Table.Column("p99ErrorFraction", "error p99", .fraction),
                Table.Column("absoluteErrorFraction", "off", .fraction),
            ], rows: rows)
    }

    private var scatter: Plot {
        let figures = [
            ("end to end", comparison.endToEndPairs), ("first token", comparison.firstTokenPairs),
        ].map { name, pairs in
            let most = pairs.map { max($0.measured, $0.simulated) }.max() ?? 1
            return Plot.Figure(
                options: [name],
                traces: [
                    [
                        "type": "scatter", "mode": "markers", "name": "requests",
                        "x": .numbers(pairs.map(\.measured), significantDigits: 6),
                        "y": .numbers(pairs.map(\.simulated), significantDigits: 6),
                        "marker": ["color": .string(Palette.subject), "size": 6, "opacity": 0.6],
                    ],
                    [
                        "type": "scatter", "mode": "lines", "name": "equal",
                        "x": .numbers([0, most], significantDigits: 6),
                        "y": .numbers([0, most], significantDigits: 6),
                        "line": ["color": .string(Palette.alarm), "dash": "dot", "width": 1.5],
                    ],
                ],
                layout: [
                    "xaxis": Axis.fromZero("measured (s)"), "yaxis": Axis.fromZero("simulated (s)"),
                ])
        }
        return Plot(
            title: "Request by request",
            caption: "Each mark is a request; on the line it took as long as measured.",
            choices: ["latency"], figures: figures)
    }

    public var provenance: [String] {
        ["Measured times: \(source). Simulated: \(cluster.name), every step by the engines' own rules."]
    }

    private static func percent(_ share: Double) -> String { "\((share * 100).short()) %" }
}
