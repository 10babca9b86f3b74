import Vocabulary

/// Additive Holt-Winters smoothing without trend, with one or two seasons and a first-order correction of the
/// last error (Taylor 2003, "Short-term electricity demand forecasting using double seasonal exponential
/// smoothing"):
///
///     forecast(t + k) = level + day[t + k] + week[t + k] + phi^k * error
///
/// Smoothing factors are not fitted by an optimiser: a small grid of them runs side by side, and the one
/// whose squared one-step error, forgotten over a season, is least gives the forecast. Until a season has
/// been seen it forecasts the last value. Each observation costs O(grid), each forecast O(steps).
public struct HoltWintersForecaster: Forecaster, Codable {
    public static let name = "holt_winters"

    private var opening: [Double] = []
    private let season: Int
    private let longSeason: Int?
    private var candidates: [SmoothedSeasons] = []

    /// - Parameters:
    ///   - season: intervals in a season.
    ///   - longSeason: intervals in a longer season, for example a week of days.
    public init(season: Int, longSeason: Int? = nil) {
        precondition(season >= 1, "a season has at least one interval")
        self.season = season
        self.longSeason = longSeason.flatMap { $0 > season ? $0 : nil }
    }

    public mutating func observe(_ load: Double) {
        if candidates.isEmpty {
            opening.append(load)
            guard opening.count == season else { return }
            for (level, seasonal, correction) in Self.grid {
                candidates.append(
                    SmoothedSeasons(
                        opening: opening, longSeason: longSeason, levelShare: level, seasonalShare: seasonal,
                        correction: correction))
            }
            return
        }
        for index in candidates.indices { candidates[index].observe(load) }
    }

    public func forecast(steps: Int) -> [Double] {
        guard var best = candidates.first else { return Array(repeating: opening.last ?? 0, count: steps) }
        for candidate in candidates where candidate.squaredError < best.squaredError { best = candidate }
        return best.forecast(steps: steps)
    }

    /// Shares of level and season that follow an error, and the share of the error carried into the next
    /// interval.
    private static let grid: [(level: Double, seasonal: Double, correction: Double)] = [
        (0.02, 0.1, 0.9), (0.02, 0.3, 0.9), (0.1, 0.1, 0.7), (0.1, 0.3, 0.7), (0.5, 0.1, 0.2), (0.9, 0.1, 0),
    ]
}

/// One set of smoothing factors and what it has learnt.
private struct SmoothedSeasons: Hashable, Codable, Sendable {
    private var level: Double
    private var short: SeasonalWindow
    private var long: SeasonalWindow?
    private var error = 0.0
    private(set) var squaredError = 0.0
    private let levelShare: Double
    private let seasonalShare: Double
    private let correction: Double

    init(opening: [Double], longSeason: Int?, levelShare: Double, seasonalShare: Double, correction: Double) {
        let mean = opening.reduce(0, +) / Double(opening.count)
        level = mean
        short = SeasonalWindow(capacity: opening.count)
        for value in opening { short.append(value - mean) }
        if let longSeason {
            var window = SeasonalWindow(capacity: longSeason)
            for _ in 0..<longSeason { window.append(0) }
            long = window
        }
        self.levelShare = levelShare
        self.seasonalShare = seasonalShare
        self.correction = correction
    }

    private func smooth(ahead step: Int) -> Double { level + short[ahead: step] + (long?[ahead: step] ?? 0) }

    mutating func observe(_ load: Double) {
        let miss = load - (smooth(ahead: 1) + correction * error)
        let forgetting = 1 / Double(short.capacity)
        squaredError += forgetting * (miss * miss - squaredError)
        let residual = load - smooth(ahead: 1)
        level += levelShare * miss
        short.append(short[ahead: 1] + seasonalShare * miss)
        // The longer season learns more slowly, or it would follow the days.
        if let value = long?[ahead: 1] { long?.append(value + seasonalShare * miss / 2) }
        error = residual
    }

    func forecast(steps: Int) -> [Double] {
        var carried = error
        return (1...steps).map { step in
            carried *= correction
            return max(0, smooth(ahead: step) + carried)
        }
    }
}
