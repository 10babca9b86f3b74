import Quantities
import Vocabulary

/// Replays one series through a forecaster, always forecasting before looking (rolling origin), and scores
/// it.
public struct ForecastBacktest: Sendable {
    /// How R follows from the forecaster's own errors.
    public let rule: OverProvisionRule
    /// How fast R's violation probability adapts, and how large R may be.
    public let adaptation: Fraction
    public let overProvisionMax: Fraction?
    /// How many intervals ahead the forecast is compared with the load.
    public let horizon: Int
    /// Intervals at the start that are learnt from and not scored.
    public let warmUp: Int

    /// - Precondition: the horizon is at least 1, and the warm-up not negative.
    public init(
        rule: OverProvisionRule, adaptation: Fraction = .zero, overProvisionMax: Fraction? = nil,
        horizon: Int,
        warmUp: Int
    ) {
        precondition(horizon >= 1 && warmUp >= 0)
        self.rule = rule
        self.adaptation = adaptation
        self.overProvisionMax = overProvisionMax
        self.horizon = horizon
        self.warmUp = warmUp
    }

    /// The score of a forecaster on a series, with every forecast made. O(intervals x cost of a forecast).
    public func score(
        _ forecaster: any Forecaster, on series: [QueriesPerSecond], model: ModelID
    ) -> ForecastScore {
        var forecaster = forecaster
        var estimate = OverProvisionEstimate(rule: rule, adaptation: adaptation, maximum: overProvisionMax)
        // Forecasts by the interval they are for, made `horizon` intervals before it.
        var pending: [(point: Double, upper: Double)] = []
        var tally = ForecastTally(quantile: rule.quantile.value)
        var points: [ForecastPoint] = []
        points.reserveCapacity(series.count)
        // As in a replay, the first load is known before the first interval.
        forecaster.observe(series.first?.value ?? 0)
        for (index, load) in series.enumerated() {
            let point = forecaster.forecast(steps: horizon)[horizon - 1]
            pending.append((point, point * (1 + estimate.rate.value)))
            if index >= horizon - 1 {
                let made = pending[index - (horizon - 1)]
                points.append(
                    ForecastPoint(
                        interval: index, load: load, point: QueriesPerSecond(made.point),
                        upper: QueriesPerSecond(made.upper)))
                if index >= warmUp { tally.add(load: load.value, point: made.point, upper: made.upper) }
                estimate.learn(load: load.value, forecast: made.point)
            }
            forecaster.observe(load.value)
        }
        return tally.score(model: model, forecaster: forecaster.name, horizon: horizon, points: points)
    }
}

/// Sums from which the scores follow.
private struct ForecastTally {
    let quantile: Double
    private var count = 0
    private var loads = 0.0
    private var absolute = 0.0
    private var signed = 0.0
    private var relative = 0.0
    private var relativeCount = 0
    private var pinball = 0.0
    private var covered = 0
    private var spare = 0.0
    private var missed = 0.0

    init(quantile: Double) { self.quantile = quantile }

    mutating func add(load: Double, point: Double, upper: Double) {
        count += 1
        loads += load
        absolute += abs(load - point)
        signed += point - load
        if load > 0 {
            relative += abs(load - point) / load
            relativeCount += 1
        }
        let miss = load - upper
        pinball += miss * (miss < 0 ? quantile - 1 : quantile)
        if load <= upper * (1 + Coverage.tolerance) { covered += 1 }
        spare += max(0, -miss)
        missed += max(0, miss)
    }

    func score(model: ModelID, forecaster: String, horizon: Int, points: [ForecastPoint]) -> ForecastScore {
        func share(_ part: Double, of whole: Double) -> Fraction? { whole > 0 ? Fraction(part / whole) : nil }
        return ForecastScore(
            model: model, forecaster: forecaster, horizon: horizon, intervals: count,
            quantile: Quantile(quantile), weightedError: share(absolute, of: loads),
            meanAbsoluteRelativeError: share(relative, of: Double(relativeCount)),
            bias: share(signed, of: loads),
            pinballLoss: share(pinball, of: loads), coverage: share(Double(covered), of: Double(count)),
            spare: share(spare, of: loads), missed: share(missed, of: loads), points: points)
    }
}
