import Vocabulary

/// Knows the series: what no controller can be, and what others are measured against.
///
/// A replay shows the first interval's load before that interval as well, so after n observations the next
/// load is the n-th of the series.
public struct OracleForecaster: Forecaster, Codable {
    public static let name = ForecasterName.truth

    private let truth: [Double]
    private var seen = 0

    /// - Parameter truth: the whole series, in queries/s.
    public init(_ truth: [Double]) { self.truth = truth }

    public mutating func observe(_ load: Double) { seen += 1 }

    public func forecast(steps: Int) -> [Double] {
        (0..<steps).map { step in
            truth.isEmpty ? 0 : truth[min(max(0, seen - 1 + step), truth.count - 1)]
        }
    }
}
