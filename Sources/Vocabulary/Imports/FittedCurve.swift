import Quantities

/// What is fitted against what through imported figures. Throughput, watts and latency all rise.
public enum FittedCurve: String, CaseIterable, Hashable, Sendable {
    case throughputOverConcurrency = "throughput over concurrency"
    case throughputOverBatch = "throughput over batch"
    case latencyOverLoad = "latency over throughput"
    case wattsOverUtilisation = "watts over utilisation"
    case wattsOverThroughput = "watts over throughput"

    /// As it is chosen on the command line.
    public var name: String { rawValue.replacing(" ", with: "-") }

    /// Of the values on the curve.
    public var unit: String {
        switch self {
        case .throughputOverConcurrency, .throughputOverBatch: "per second"
        case .latencyOverLoad: "s"
        case .wattsOverUtilisation, .wattsOverThroughput: "W"
        }
    }
}

/// How far the curves of one kind through one source's figures can be trusted between their points.
public struct CurveErrors: Hashable, Sendable {
    public let source: String
    public let curve: FittedCurve
    /// How many curves there are.
    public let curves: Int
    /// Points on all of them.
    public let points: Int
    /// Points that were left out in turn and asked of the others.
    public let leftOut: Int
    /// Misses of the points left out, as shares of what was found there; nil where none could be left out.
    public let errorMedian: Fraction?
    public let errorP90: Fraction?
    /// The median over curves of the residual as a share of the curve's mean.
    public let residualMedian: Fraction?

    public init(
        source: String, curve: FittedCurve, curves: Int, points: Int, leftOut: Int, errorMedian: Fraction?,
        errorP90: Fraction?, residualMedian: Fraction?
    ) {
        self.source = source
        self.curve = curve
        self.curves = curves
        self.points = points
        self.leftOut = leftOut
        self.errorMedian = errorMedian
        self.errorP90 = errorP90
        self.residualMedian = residualMedian
    }
}

/// The figures that one curve runs through: they differ in nothing but the place and the value.
public struct CurveFigures: Hashable, Sendable {
    /// The first of them, which says what they share.
    public let first: ImportedFigure
    /// How many there are.
    public let count: Int
    /// The median miss of a point left out, as a share of what was found there; nil where none can be.
    public let errorMedian: Fraction?

    public init(first: ImportedFigure, count: Int, errorMedian: Fraction?) {
        self.first = first
        self.count = count
        self.errorMedian = errorMedian
    }
}

/// What one curve says at a place.
public struct CurveReading: Hashable, Sendable {
    public let figures: CurveFigures
    /// The places between which the curve has points.
    public let lower: Double
    public let upper: Double
    /// In the unit of the curve.
    public let value: Double
    /// Whether the place lies between points; else the curve's end answered.
    public let isInside: Bool

    public init(figures: CurveFigures, lower: Double, upper: Double, value: Double, isInside: Bool) {
        self.figures = figures
        self.lower = lower
        self.upper = upper
        self.value = value
        self.isInside = isInside
    }
}

/// The highest rate of output tokens that keeps to both targets of a language model.
public struct TokenRate: Hashable, Sendable {
    /// A target that a higher rate would break.
    public enum Target: Hashable, Sendable {
        case firstToken, outputToken
    }

    /// What the rate is limited by.
    public enum Limit: Hashable, Sendable {
        case target(Target)
        /// The target is missed even at the least load measured, so that the rate is zero.
        case missedAtTheLeastLoad(Target)
        /// Both targets hold at the most that was measured: the rate is a lower bound.
        case mostMeasured
    }

    public let figures: CurveFigures
    public let tokensPerSecond: Double
    /// Requests in flight at that rate.
    public let concurrency: Double
    public let limit: Limit

    public init(figures: CurveFigures, tokensPerSecond: Double, concurrency: Double, limit: Limit) {
        self.figures = figures
        self.tokensPerSecond = tokensPerSecond
        self.concurrency = concurrency
        self.limit = limit
    }
}
