import Quantities
import Vocabulary

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

    /// What a forecaster of a name has learnt, as it was written down; nil for a name that is not known.
    @Sendable
    public static func read(_ name: String, from decoder: any Decoder) throws -> (any Forecaster)? {
        try codable[name]?.init(from: decoder)
    }

    private static let codable: [String: any (Forecaster & Decodable).Type] = [
        LastValueForecaster.name: LastValueForecaster.self,
        SeasonalNaiveForecaster.name: SeasonalNaiveForecaster.self,
        HoltWintersForecaster.name: HoltWintersForecaster.self,
        QuantileForecaster.name: QuantileForecaster.self,
        OracleForecaster.name: OracleForecaster.self,
    ]

    /// The forecaster of a name.
    /// - Parameter truth: the series itself, which only `oracle` looks at.
    /// - Throws: `ForecastingError.unknownForecaster` with the known names.
    public static func named(
        _ name: String, configuration: ForecasterConfiguration, truth: [Double]
    ) throws(ForecastingError) -> any Forecaster {
        guard let forecaster = all.first(where: { $0.name == name }) else {
            throw .unknownForecaster(name: name, known: names)
        }
        return forecaster.make(configuration, truth)
    }
}

/// What can go wrong while forecasting.
public enum ForecastingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no forecaster of that name.
    case unknownForecaster(name: String, known: [String])

    public var description: String {
        switch self {
        case .unknownForecaster(let name, let known):
            "no forecaster is called \(name); known forecasters: \(known.joined(separator: ", "))"
        }
    }
}
