/// A physical quantity held as one `Double` in the unit its type names.
///
/// Quantities of one type add and subtract, scale by plain numbers, and divide into a plain ratio.
/// Arithmetic between different types exists only where it is listed in `CrossUnitArithmetic.swift`,
/// so adding watts to queries per second does not compile.
public protocol ScalarQuantity: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// The magnitude in the unit of the type.
    var value: Double { get }
    /// Wraps a magnitude given in the unit of the type.
    init(_ value: Double)
    /// The unit as written after a number, for example `W`.
    static var unitSymbol: String { get }
}

extension ScalarQuantity {
    /// The quantity of magnitude zero.
    public static var zero: Self { Self(0) }

    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
    public static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }
    public static func - (left: Self, right: Self) -> Self { Self(left.value - right.value) }
    public static func * (left: Self, right: Double) -> Self { Self(left.value * right) }
    public static func * (left: Double, right: Self) -> Self { Self(left * right.value) }
    public static func / (left: Self, right: Double) -> Self { Self(left.value / right) }
    /// The plain ratio of two quantities of one kind.
    public static func / (left: Self, right: Self) -> Double { left.value / right.value }
    public static func += (left: inout Self, right: Self) { left = left + right }
    public static func -= (left: inout Self, right: Self) { left = left - right }

    public var description: String { "\(value) \(Self.unitSymbol)" }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Double.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

extension Sequence where Element: ScalarQuantity {
    /// The sum of all elements, zero for none.
    public func total() -> Element { reduce(.zero, +) }
}
