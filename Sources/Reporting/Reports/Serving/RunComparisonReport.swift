import Vocabulary

/// How a simulated run compares with the measured one, and which constants were fitted to it.
public struct RunComparisonReport: ReportContent {
    private let cluster: ServingCluster
    private let source: String
    private let comparison: RunComparison
    private let fitted: StepConstants?

    /// - Parameters:
    ///   - source: the log.
    ///   - fitted: constants that were fitted to the very run; nil where the cluster's own were played.
    public init(
        cluster: ServingCluster, source: String, comparison: RunComparison, fitted: StepConstants? = nil
    ) {
        self.cluster = cluster
        self.source = source
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
        return [.paragraph(text)]
    }

    public var sections: [Report.Section] {
        [
            Report.Section(
                heading: "Errors", blocks: [.table(mainTable), .note(Self.reading), .plot(scatter)])
        ]
    }

    static let reading =
        "Errors are simulated over measured, less 1. Off is the mean over requests of the absolute "
        + "error. The anchor is the moment at which the engine queued a request: what clients add "
        + "before it is not in either figure."

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
