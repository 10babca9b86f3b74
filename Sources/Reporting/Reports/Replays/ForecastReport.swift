import Quantities
import Vocabulary

/// How well forecasters foresaw the loads of a trace, side by side.
public struct ForecastReport: ReportContent {
    private let trace: Trace
    private let scores: [ForecastScore]

    /// - Parameter scores: of every forecaster on every load, forecasters together.
    public init(trace: Trace, scores: [ForecastScore]) {
        self.trace = trace
        self.scores = scores
    }

    /// The name of the document.
    public var title: String { "Forecasts of \(trace.name)" }

    /// What was tried, and who came closest to what was aimed at.
    public var summary: [Report.Block] {
        let names = ForecastRanking(scores).names
        let span =
            "\(trace.models.map(\.name).enumerated) over \(trace.span.readableSpan) in intervals of "
            + "\(trace.interval.readableSpan), forecast by \(names.enumerated), each forecast made before "
            + "the load was seen."
        return [.paragraph([span, best].compactMap { $0 }.joined(separator: " "))]
    }

    private var best: String? {
        ForecastRanking(scores).best.map { name, loss in
            "Without knowing the future, \(name) has the least pinball loss: \(loss.readable) of the load."
        }
    }

    /// The scores.
    public var sections: [Report.Section] {
        [Report.Section(heading: "Scores", blocks: [.table(mainTable), .note(Self.reading)])]
    }

    static let reading =
        "The error is the sum of absolute errors over the sum of loads; the relative error is the mean of "
        + "errors over their own load. Headroom R is learnt from each forecaster's own errors. Coverage is "
        + "the share of intervals whose load the forecast with headroom covered, spare what it set aside "
        + "beyond the load. The pinball loss weighs both: less is better."

    /// One row for each forecaster and load.
    public var mainTable: Table {
        Table(
            caption: "Forecasts and the headroom on them",
            columns: [
                Table.Column("forecaster", "forecaster", .text),
                Table.Column("model", "load", .text),
                Table.Column("horizonIntervals", "ahead", .count),
                Table.Column("weightedErrorFraction", "error", .fraction),
                Table.Column("relativeErrorFraction", "relative error", .fraction),
                Table.Column("biasFraction", "bias", .fraction),
                Table.Column("targetCoverageFraction", "aimed at", .fraction),
                Table.Column("coverageFraction", "covered", .fraction),
                Table.Column("spareFraction", "spare", .fraction),
                Table.Column("missedFraction", "missed", .gap),
                Table.Column("pinballLossFraction", "pinball loss", .gap),
            ],
            keyColumnCount: 2,
            rows: scores.map { score in
                [
                    .text(score.forecaster), .text(score.model.name), .integer(score.horizon),
                    .quantity(score.weightedError), .quantity(score.meanAbsoluteRelativeError),
                    .quantity(score.bias), .quantity(score.quantile), .quantity(score.coverage),
                    .quantity(score.spare), .quantity(score.missed), .quantity(score.pinballLoss),
                ]
            })
    }

    /// Nothing here was measured by the tool.
    public var provenance: [String] { ["The loads are the trace's own; nothing was drawn at random."] }
}

/// Forecasters by their pinball loss.
struct ForecastRanking {
    /// In the order they were scored.
    let names: [String]
    /// The least mean loss over all loads of those that do not know the future.
    let best: (name: String, loss: Fraction)?

    init(_ scores: [ForecastScore]) {
        names = scores.map(\.forecaster).reduce(into: []) { names, name in
            if !names.contains(name) { names.append(name) }
        }
        let candidates = names.filter { $0 != "oracle" }.map { name in
            let losses = scores.filter { $0.forecaster == name }.compactMap(\.pinballLoss?.value)
            return (name: name, loss: Fraction(losses.reduce(0, +) / Double(max(losses.count, 1))))
        }
        best = candidates.count < 2 ? nil : candidates.min { $0.loss < $1.loss }
    }
}
