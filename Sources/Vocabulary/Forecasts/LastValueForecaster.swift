/// The next loads are like the last one.
public struct LastValueForecaster: Forecaster, Codable {
    public static let name = ForecasterName.lastValue

    private var last = 0.0

    public init() {}

    public mutating func observe(_ load: Double) { last = load }

    public func forecast(steps: Int) -> [Double] { Array(repeating: last, count: steps) }
}
