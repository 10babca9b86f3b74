import Quantities
import Vocabulary

/// How far the curves through each source's figures miss a point that is left out.
public struct CurveErrorsDocument: TableDocument {
    private let errors: [CurveErrors]

    public init(_ errors: [CurveErrors]) { self.errors = errors }

    public var table: Table {
        Table(
            caption: "Monotone curves through imported figures, each inner point left out in turn",
            columns: [
                Table.Column("source", "source", .text), Table.Column("curve", "curve", .text),
                Table.Column("curves", "curves", .plain), Table.Column("points", "points", .plain),
                Table.Column("leftOut", "left out", .plain),
                Table.Column("errorMedianFraction", "median error", .fraction),
                Table.Column("errorP90Fraction", "p90 error", .fraction),
                Table.Column("residualMedianFraction", "median residual", .fraction),
            ], keyColumnCount: 2,
            rows: errors.map { one in
                [
                    .text(one.source), .text(one.curve.rawValue), .integer(one.curves), .integer(one.points),
                    .integer(one.leftOut), .quantity(one.errorMedian), .quantity(one.errorP90),
                    .quantity(one.residualMedian),
                ]
            })
    }
}

/// What the curves of one kind say at a place.
public struct CurveReadingsDocument: TableDocument {
    private let curve: FittedCurve
    private let place: Double
    private let readings: [CurveReading]
    private let curvesLeftOut: Int

    /// - Parameters:
    ///   - place: where the curves were read, in the unit of what they run over.
    ///   - curvesLeftOut: those whose points do not reach the place.
    public init(_ readings: [CurveReading], of curve: FittedCurve, at place: Double, curvesLeftOut: Int) {
        self.readings = readings
        self.curve = curve
        self.place = place
        self.curvesLeftOut = curvesLeftOut
    }

    public var table: Table {
        let left =
            curvesLeftOut == 0 ? "" : "; \(curvesLeftOut) curves do not reach there and are left out"
        return Table(
            caption: "\(curve.rawValue), at \(place)\(left)",
            columns: CurveFigures.columns + [
                Table.Column("from", "from", .plain), Table.Column("to", "to", .plain),
                Table.Column("value", "value", .plain), Table.Column("unit", "unit", .text),
                Table.Column("basis", "basis", .tag),
                Table.Column("errorMedianFraction", "curve's error", .fraction),
            ], keyColumnCount: 4,
            rows: readings.map { one in
                one.figures.cells + [
                    .number(one.lower), .number(one.upper),
                    .number(one.value.rounded(significantDigits: 4)), .text(curve.unit),
                    .text(one.isInside ? "between points" : "held at the end"),
                    .quantity(one.figures.errorMedian),
                ]
            })
    }
}

/// The highest rates of output tokens that keep to both targets of language models.
public struct TokenRatesDocument: TableDocument {
    private let rates: [TokenRate]
    private let firstToken: Nanoseconds
    private let outputToken: Nanoseconds

    /// - Parameters:
    ///   - firstToken: the limit of the time to the first token.
    ///   - outputToken: the limit of the time per output token.
    public init(_ rates: [TokenRate], firstToken: Nanoseconds, outputToken: Nanoseconds) {
        self.rates = rates
        self.firstToken = firstToken
        self.outputToken = outputToken
    }

    public var table: Table {
        Table(
            caption: "Output tokens/s with \(firstToken) to the first token and \(outputToken) for each",
            columns: CurveFigures.columns + [
                Table.Column("tokensPerSecond", "tokens/s", .plain),
                Table.Column("concurrentQueries", "in flight", .plain),
                Table.Column("limit", "limited by", .tag),
                Table.Column("errorMedianFraction", "curve's error", .fraction),
            ], keyColumnCount: 4,
            rows: rates.map { rate in
                rate.figures.cells + [
                    .number(rate.tokensPerSecond.rounded(significantDigits: 4)),
                    .number(
                        rate.limit.isReadOffCurve
                            ? rate.concurrency.rounded(significantDigits: 4) : rate.concurrency),
                    .text(rate.limit.words), .quantity(rate.figures.errorMedian),
                ]
            })
    }
}

extension CurveFigures {
    fileprivate static var columns: [Table.Column] {
        [
            Table.Column("model", "model", .text), Table.Column("server", "server", .text),
            Table.Column("devices", "devices", .plain), Table.Column("parallelism", "parallelism", .text),
            Table.Column("precision", "precision", .text), Table.Column("framework", "framework", .text),
            Table.Column("inputTokens", "in", .plain), Table.Column("outputTokens", "out", .plain),
            Table.Column("points", "points", .plain),
        ]
    }

    /// What the figures share, and how many they are.
    fileprivate var cells: [Table.Cell] {
        [
            .text(first.model), .text(first.server), first.devices.map { .integer($0) } ?? .missing,
            first.parallelism.map { .text($0) } ?? .missing, first.precision.map { .text($0) } ?? .missing,
            first.framework.map { .text($0) } ?? .missing, first.inputTokens.map { .number($0) } ?? .missing,
            first.outputTokens.map { .number($0) } ?? .missing, .integer(count),
        ]
    }
}

extension TokenRate.Limit {
    /// Whether the place is one that the curves gave rather than a figure's own.
    fileprivate var isReadOffCurve: Bool {
        if case .missedAtTheLeastLoad = self { false } else { true }
    }

    fileprivate var words: String {
        switch self {
        case .target(let target): target.words
        case .missedAtTheLeastLoad(let target): "\(target.words) at the least load"
        case .mostMeasured: "the most measured"
        }
    }
}

extension TokenRate.Target {
    fileprivate var words: String {
        switch self {
        case .firstToken: "first token"
        case .outputToken: "output token"
        }
    }
}
