import Quantities
import Vocabulary

/// Linear quantile regression on seasonal features (Koenker and Bassett 1978): the load k intervals ahead
/// from the last load, the step to it, and the loads one season before the last and before the target.
///
/// All of them are divided by the highest load seen, so that one ridge serves every scale. The regression is
/// fitted anew every twentieth of a season over the last two seasons or more (at most 2,048 samples, evenly
/// spaced) by majorisation and minimisation (Hunter and Lange 2000), for the next interval and, where longer
/// forecasts are asked for, interpolated between that and the end of `horizon`. Until two seasons have been
/// seen it forecasts the last value.
public struct QuantileForecaster: Forecaster, Codable {
    public static let name = "quantile"

    /// The furthest interval that is fitted for; what is further takes its coefficients.
    public static let horizon = 8

    /// How much of a series with a short season is looked at, so that a high quantile has samples above it.
    private static let samplesMin = 768

    private var past: SeasonalWindow
    private let season: Int
    private let quantile: Quantile
    private var sinceFit = 0
    private var near: [Double] = []
    private var far: [Double] = []

    /// - Parameters:
    ///   - season: intervals in a season.
    ///   - quantile: what the forecast should exceed the load with, as a probability.
    public init(season: Int, quantile: Quantile) {
        self.season = max(1, season)
        self.quantile = quantile
        past = SeasonalWindow(capacity: max(3 * self.season, Self.samplesMin) + Self.horizon + 2)
    }

    public mutating func observe(_ load: Double) {
        past.append(load)
        sinceFit += 1
        let isDue = sinceFit >= max(season / 20, Self.samplesMin / 32)
        guard past.count >= 2 * season + Self.horizon + 2, isDue || near.isEmpty else { return }
        sinceFit = 0
        let values = past.inOrder
        near = fit(values, ahead: 1)
        far = fit(values, ahead: Self.horizon)
    }

    public func forecast(steps: Int) -> [Double] {
        guard !near.isEmpty else { return Array(repeating: past.last ?? 0, count: steps) }
        let values = past.inOrder
        return (1...steps).map { step in
            let features = Self.features(values, at: values.count - 1, ahead: step, season: season)
            let share = Double(min(step, Self.horizon) - 1) / Double(Self.horizon - 1)
            let nearby = zip(near, features).reduce(0) { $0 + $1.0 * $1.1 }
            let distant = zip(far, features).reduce(0) { $0 + $1.0 * $1.1 }
            return max(0, nearby + share * (distant - nearby))
        }
    }

    /// The features for forecasting `values[origin + ahead]`, seen from `origin`.
    private static func features(_ values: [Double], at origin: Int, ahead: Int, season: Int) -> [Double] {
        let seasons = (ahead + season - 1) / season
        let target = origin + ahead - seasons * season
        return [
            values[origin], values[origin] - values[origin - 1], values[target], values[origin - season],
            // Constant, at the scale of the series.
            Self.scale(values),
        ]
    }

    private static func scale(_ values: [Double]) -> Double { max(values.max() ?? 0, 1e-9) / 4 }

    private func fit(_ values: [Double], ahead: Int) -> [Double] {
        let first = season + 1
        let last = values.count - 1 - ahead
        let stride = max(1, (last - first) / 2048)
        let scale = Self.scale(values)
        var rows: [[Double]] = []
        var targets: [Double] = []
        for origin in Swift.stride(from: first, through: last, by: stride) {
            let target = origin + ahead - ((ahead + season - 1) / season) * season
            rows.append([
                values[origin] / scale, (values[origin] - values[origin - 1]) / scale, values[target] / scale,
                values[origin - season] / scale, 1,
            ])
            targets.append(values[origin + ahead] / scale)
        }
        return QuantileRegression.coefficients(rows, targets, quantile: quantile.value)
    }
}

/// Linear quantile regression by iterated weighted least squares.
enum QuantileRegression {
    /// The coefficients that least pinball loss asks for, up to the smoothing of the loss near zero.
    ///
    /// O(iterations x rows x columns^2). The loss rho(r) = r * (q - [r < 0]) is majorised at the last
    /// residuals by r^2 / (4 (eps + |r|)) + (q - 1/2) r.
    static func coefficients(_ rows: [[Double]], _ targets: [Double], quantile: Double) -> [Double] {
        guard let width = rows.first?.count else { return [] }
        var beta = [Double](repeating: 0, count: width)
        beta[0] = 1
        let epsilon = 1e-4
        for _ in 0..<25 {
            var matrix = [[Double]](repeating: [Double](repeating: 0, count: width + 1), count: width)
            for (row, target) in zip(rows, targets) {
                var residual = target
                for column in 0..<width { residual -= beta[column] * row[column] }
                let weight = 1 / (epsilon + abs(residual))
                // The linear part of the bound moves the target of the least squares.
                let shifted = weight * target + (2 * quantile - 1)
                for i in 0..<width {
                    let scaled = weight * row[i]
                    for j in i..<width { matrix[i][j] += scaled * row[j] }
                    matrix[i][width] += row[i] * shifted
                }
            }
            for i in 0..<width {
                for j in 0..<i { matrix[i][j] = matrix[j][i] }
                matrix[i][i] *= 1 + 1e-6
                matrix[i][i] += 1e-9
            }
            beta = solve(matrix)
        }
        return beta
    }

    /// Gaussian elimination with partial pivoting of a small augmented matrix.
    private static func solve(_ augmented: [[Double]]) -> [Double] {
        var matrix = augmented
        let size = matrix.count
        for column in 0..<size {
            let pivot = (column..<size).max { abs(matrix[$0][column]) < abs(matrix[$1][column]) } ?? column
            matrix.swapAt(column, pivot)
            for row in (column + 1)..<max(size, column + 1) {
                let factor = matrix[row][column] / matrix[column][column]
                for k in column...size { matrix[row][k] -= factor * matrix[column][k] }
            }
        }
        var solution = [Double](repeating: 0, count: size)
        for row in stride(from: size - 1, through: 0, by: -1) {
            var value = matrix[row][size]
            for column in (row + 1)..<max(size, row + 1) { value -= matrix[row][column] * solution[column] }
            solution[row] = value / matrix[row][row]
        }
        return solution
    }
}
