/// Power in watts.
public struct Watts: ScalarQuantity {
    public let value: Double
    public init(_ value: Double) { self.value = value }
    public static var unitSymbol: String { "W" }
}

/// Energy in joules.
public struct Joules: ScalarQuantity {
    public let value: Double
    public init(_ value: Double) { self.value = value }
    public static var unitSymbol: String { "J" }
    /// The same energy in kilowatt-hours, the unit on an electricity bill.
    public var kilowattHours: Double { value / 3_600_000 }
}

/// A rate of queries: an arrival rate, a load or a throughput.
public struct QueriesPerSecond: ScalarQuantity {
    public let value: Double
    public init(_ value: Double) { self.value = value }
    public static var unitSymbol: String { "queries/s" }
}

/// An amount of memory or of transferred data.
public struct Bytes: ScalarQuantity {
    public let value: Double
    public init(_ value: Double) { self.value = value }
    public static var unitSymbol: String { "B" }
}

/// A rate of data movement.
public struct BytesPerSecond: ScalarQuantity {
    public let value: Double
    public init(_ value: Double) { self.value = value }
    public static var unitSymbol: String { "B/s" }
}

/// A rate of floating-point operations; one multiply-add counts as two.
public struct FlopsPerSecond: ScalarQuantity {
    public let value: Double
    public init(_ value: Double) { self.value = value }
    public static var unitSymbol: String { "FLOP/s" }
}

/// A clock frequency.
public struct Hertz: ScalarQuantity {
    public let value: Double
    public init(_ value: Double) { self.value = value }
    public static var unitSymbol: String { "Hz" }
}

/// A dimensionless share, usually in 0...1; savings may be negative.
public struct Fraction: ScalarQuantity {
    public let value: Double
    public init(_ value: Double) { self.value = value }
    public static var unitSymbol: String { "" }
    public var description: String { "\(value)" }
}

/// The order of a quantile, strictly between 0 and 1: 0.95 is the 95th percentile.
public struct Quantile: ScalarQuantity {
    public let value: Double
    /// - Precondition: `0 < value < 1`.
    public init(_ value: Double) {
        precondition(value > 0 && value < 1, "a quantile lies strictly between 0 and 1")
        self.value = value
    }
    public static var unitSymbol: String { "" }
    /// The customary name, for example `p95` or `p99.9`.
    public var description: String {
        let percent = value * 100
        let rounded = (percent * 1000).rounded() / 1000
        return rounded == rounded.rounded() ? "p\(Int(rounded))" : "p\(rounded)"
    }
}
