import Quantities

/// Predicts one model's load from the loads it has seen, one value for each interval of the trace.
///
/// A forecaster is a value: copying it copies what it has learnt, and the same observations give the same
/// forecasts.
public protocol Forecaster: Hashable, Sendable {
    /// The name in scenario files and reports.
    static var name: String { get }

    /// Takes the load of the next interval into account, in queries/s, finite and not negative.
    mutating func observe(_ load: Double)

    /// The loads expected in the next intervals, in queries/s and never negative; zeros before the first
    /// observation.
    ///
    /// - Parameter steps: how many intervals, at least 1.
    func forecast(steps: Int) -> [Double]
}

extension Forecaster {
    /// The name in scenario files and reports.
    public var name: String { Self.name }
}

/// What forecasters are made from.
public struct ForecasterConfiguration: Sendable {
    /// Intervals in a season, at least 1.
    public var season: Int
    /// Intervals in the longer of two seasons; nil for one season only.
    public var longSeason: Int?
    /// The quantile of the load that forecasters aim at that can aim at one.
    public var quantile: Quantile

    public init(season: Int, longSeason: Int? = nil, quantile: Quantile = Quantile(0.5)) {
        self.season = season
        self.longSeason = longSeason
        self.quantile = quantile
    }

    /// Seasons of a number of whole intervals.
    public init(_ settings: OnlineSettings, interval: Nanoseconds, quantile: Quantile = Quantile(0.5)) {
        func intervals(_ time: Nanoseconds) -> Int {
            max(1, Int((time.seconds / interval.seconds).rounded()))
        }
        self.init(
            season: intervals(settings.season), longSeason: settings.longSeason.map(intervals),
            quantile: quantile)
    }
}

/// Makes a forecaster by its name: what a provisioner is given, as it knows none itself.
/// - Parameter truth: the series itself, which only the forecaster called `ForecasterName.truth` looks at.
public typealias ForecasterMaking = (
    _ name: String, _ configuration: ForecasterConfiguration, _ truth: [Double]
) throws -> any Forecaster

/// Names of forecasters that stand for a policy's view of the load.
public enum ForecasterName {
    /// The load seen last.
    public static let lastValue = "last_value"
    /// The series itself.
    public static let truth = "oracle"
    /// Not a forecaster: whichever of `candidates` would have cost least so far, chosen for each model.
    public static let best = "best"
    /// What `best` chooses from; the first is in force until another has shown that it is better.
    public static let candidates = [lastValue, "seasonal_naive", "holt_winters", "quantile"]
}
