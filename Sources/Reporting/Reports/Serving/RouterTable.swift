import Vocabulary

/// Routers of one cluster side by side, with what could be won at best.
public struct RouterTable: TableDocument {
    private let comparison: RouterComparison

    public init(_ comparison: RouterComparison) { self.comparison = comparison }

    public var table: Table {
        let gain = (comparison.idealGain * 100).short()
        return Table(
            caption: "Routers; the most that can be won over turns in a run without end is \(gain) %",
            columns: [
                Table.Column("router", "router", .text), Table.Column("lengths", "lengths", .text),
                Table.Column("throughput", "all present (requests/s)", .plain),
                Table.Column("gain", "over turns", .fraction),
                Table.Column("attained", "within targets", .fraction),
                Table.Column("firstTokenP50", "first token, 50 %", .milliseconds),
                Table.Column("firstTokenP99", "first token, 99 %", .milliseconds),
                Table.Column("outputTokenP99", "output token, 99 %", .milliseconds),
            ],
            rows: zip(comparison.present, comparison.arriving).map { present, arriving in
                func time(_ seconds: Double?) -> Table.Cell {
                    seconds.map { .number(($0 * 1000).rounded(significantDigits: 4)) } ?? .missing
                }
                func share(_ value: Double?) -> Table.Cell { value.map { .number($0) } ?? .missing }
                return [
                    .text(present.router.rawValue), .text(Self.words(present.predicted)),
                    .number(present.throughput.rounded(significantDigits: 4)),
                    share(comparison.gain(present)), share(arriving.attained),
                    time(arriving.firstTokenP50), time(arriving.firstTokenP99),
                    time(arriving.outputTokenP99),
                ]
            })
    }

    private static func words(_ predicted: PredictedLengths?) -> String {
        switch predicted {
        case nil: "not asked for"
        case .known: "known"
        case .error(let sigma): "off by exp(\(sigma.short()) Z)"
        case .mean(let tokens): "mean, \(tokens)"
        }
    }
}
