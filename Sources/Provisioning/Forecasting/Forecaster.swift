import Quantities
import Vocabulary

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

/// The forecasters there are, by name.
public enum Forecasters {
    private typealias Factory = @Sendable (ForecasterConfiguration, [Double]) -> any Forecaster

    // A new forecaster is one file and one line here.
    private static let all: [(name: String, make: Factory)] = [
        (LastValueForecaster.name, { _, _ in LastValueForecaster() }),
        (SeasonalNaiveForecaster.name, { settings, _ in SeasonalNaiveForecaster(season: settings.season) }),
        (
            HoltWintersForecaster.name,
            { settings, _ in HoltWintersForecaster(season: settings.season, longSeason: settings.longSeason) }
        ),
        (
            QuantileForecaster.name,
            { settings, _ in QuantileForecaster(season: settings.season, quantile: settings.quantile) }
        ),
        (OracleForecaster.name, { _, truth in OracleForecaster(truth) }),
    ]

    /// All names, from the simplest forecaster to the one that cheats.
    public static var names: [String] { all.map(\.name) }

    /// The forecaster of a name.
    /// - Parameter truth: the series itself, which only `oracle` looks at.
    /// - Throws: `unknownForecaster` with the known names.
    public static func named(
        _ name: String, configuration: ForecasterConfiguration, truth: [Double]
    ) throws(ProvisioningError) -> any Forecaster {
        guard let forecaster = all.first(where: { $0.name == name }) else {
            throw .unknownForecaster(name: name, known: names)
        }
        return forecaster.make(configuration, truth)
    }
}
