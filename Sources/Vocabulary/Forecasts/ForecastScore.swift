import Quantities

/// One forecast and what came of it.
public struct ForecastPoint: Hashable, Codable, Sendable {
    public let interval: Int
    public let load: QueriesPerSecond
    /// The forecast itself.
    public let point: QueriesPerSecond
    /// The forecast with headroom R: the load that servers would be set aside for.
    public let upper: QueriesPerSecond

    public init(interval: Int, load: QueriesPerSecond, point: QueriesPerSecond, upper: QueriesPerSecond) {
        self.interval = interval
        self.load = load
        self.point = point
        self.upper = upper
    }
}

/// How well a forecaster did on one series. Shares are of the sum of all loads; nil where that is zero.
public struct ForecastScore: Hashable, Codable, Sendable {
    public let model: ModelID
    public let forecaster: String
    /// How many intervals ahead.
    public let horizon: Int
    /// Intervals that were scored.
    public let intervals: Int
    /// The quantile that R aims at.
    public let quantile: Quantile
    /// Sum of absolute errors over the sum of loads (WAPE).
    public let weightedError: Fraction?
    /// Mean of absolute errors over the load, where the load is not zero (MAPE).
    public let meanAbsoluteRelativeError: Fraction?
    /// Sum of forecast less load over the sum of loads.
    public let bias: Fraction?
    /// Pinball loss of the forecast with headroom at the quantile, over the sum of loads (Koenker and Bassett
    /// 1978).
    public let pinballLoss: Fraction?
    /// Share of intervals whose load did not exceed the forecast with headroom; aims at the quantile.
    public let coverage: Fraction?
    /// What the headroom set aside beyond the load, and what it missed.
    public let spare: Fraction?
    public let missed: Fraction?
    public let points: [ForecastPoint]

    public init(
        model: ModelID, forecaster: String, horizon: Int, intervals: Int, quantile: Quantile,
        weightedError: Fraction?, meanAbsoluteRelativeError: Fraction?, bias: Fraction?,
        pinballLoss: Fraction?,
        coverage: Fraction?, spare: Fraction?, missed: Fraction?, points: [ForecastPoint]
    ) {
        self.model = model
        self.forecaster = forecaster
        self.horizon = horizon
        self.intervals = intervals
        self.quantile = quantile
        self.weightedError = weightedError
        self.meanAbsoluteRelativeError = meanAbsoluteRelativeError
        self.bias = bias
        self.pinballLoss = pinballLoss
        self.coverage = coverage
        self.spare = spare
        self.missed = missed
        self.points = points
    }
}
