/// A span of time, or an instant on a clock with a stated origin, in whole nanoseconds.
///
/// Integers keep simulated clocks exact: adding a million intervals gives the same instant in any order.
/// The range is about 292 years either side of the origin.
public struct Nanoseconds: Hashable, Comparable, Codable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// The number of nanoseconds.
    public let count: Int64

    public init(_ count: Int64) { self.count = count }
    /// Rounds to the nearest nanosecond.
    public init(seconds: Double) { count = Int64((seconds * 1e9).rounded()) }
    /// Rounds to the nearest nanosecond.
    public init(milliseconds: Double) { count = Int64((milliseconds * 1e6).rounded()) }

    public static let zero = Nanoseconds(0)

    public var seconds: Double { Double(count) / 1e9 }
    public var milliseconds: Double { Double(count) / 1e6 }
    public var microseconds: Double { Double(count) / 1e3 }

    public static func < (left: Self, right: Self) -> Bool { left.count < right.count }
    public static func + (left: Self, right: Self) -> Self { Self(left.count + right.count) }
    public static func - (left: Self, right: Self) -> Self { Self(left.count - right.count) }
    public static func * (left: Self, right: Int) -> Self { Self(left.count * Int64(right)) }
    public static func += (left: inout Self, right: Self) { left = left + right }

    public var description: String {
        switch count.magnitude {
        case ..<1_000: "\(count) ns"
        case ..<1_000_000: "\(Self.trim(microseconds)) us"
        case ..<1_000_000_000: "\(Self.trim(milliseconds)) ms"
        default: "\(Self.trim(seconds)) s"
        }
    }

    private static func trim(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() ? "\(Int64(rounded))" : "\(rounded)"
    }

    public init(from decoder: any Decoder) throws {
        count = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(count)
    }
}
