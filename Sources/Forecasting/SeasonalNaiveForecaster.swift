import Vocabulary

/// The next loads are like those one season ago; like the last one while less than a season has been seen.
public struct SeasonalNaiveForecaster: Forecaster, Codable {
    public static let name = "seasonal_naive"

    private var past: SeasonalWindow

    /// - Parameter season: intervals in a season.
    public init(season: Int) { past = SeasonalWindow(capacity: season) }

    public mutating func observe(_ load: Double) { past.append(load) }

    public func forecast(steps: Int) -> [Double] {
        (1...steps).map { step in past.isFull ? past[ahead: step] : past.last ?? 0 }
    }
}

/// The last so many values of a series, in a ring.
struct SeasonalWindow: Hashable, Codable, Sendable {
    private var values: [Double] = []
    private var next = 0
    let capacity: Int

    init(capacity: Int) {
        precondition(capacity >= 1, "a season has at least one interval")
        self.capacity = capacity
    }

    var isFull: Bool { values.count == capacity }
    var count: Int { values.count }
    var last: Double? { values.isEmpty ? nil : values[(next + capacity - 1) % capacity] }

    mutating func append(_ value: Double) {
        if isFull { values[next] = value } else { values.append(value) }
        next = (next + 1) % capacity
    }

    /// The value one window before an interval of the future; windows repeat.
    /// - Precondition: the window is full, and the step is at least 1.
    subscript(ahead step: Int) -> Double {
        get { values[(next + step - 1) % capacity] }
        set { values[(next + step - 1) % capacity] = newValue }
    }

    /// The value some intervals before the last one, which is 0 ago.
    /// - Precondition: so many have been seen and are kept.
    subscript(ago steps: Int) -> Double { values[(next + 2 * capacity - 1 - steps) % capacity] }

    /// All values from the oldest on.
    var inOrder: [Double] { isFull ? Array(values[next...] + values[..<next]) : values }
}
