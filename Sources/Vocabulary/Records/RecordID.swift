/// The number of a stored record, typed by what the record holds: a measurement's number is never a plan's.
public struct RecordID<Record>: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// The row number in the record's table.
    public let number: Int64

    /// Wraps a row number, for example one that a person typed.
    public init(_ number: Int64) { self.number = number }

    /// The number.
    public var description: String { "\(number)" }

    /// The order in which records were saved.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
