import Quantities

/// A moment on the wall clock: a label for people, never what a tick is counted by.
public struct WallTime: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let unixMilliseconds: Int64

    /// What can be written as a year of four digits; others are brought inside.
    private static let range: ClosedRange<Int64> = 0...253_402_300_799_999

    /// Wraps milliseconds since 1970; times outside the years 1970 to 9999 are brought inside.
    public init(unixMilliseconds: Int64) {
        self.unixMilliseconds = min(max(unixMilliseconds, Self.range.lowerBound), Self.range.upperBound)
    }

    /// Rounds to milliseconds; nil where the number is no time.
    public init?(unixSeconds: Double) {
        guard unixSeconds.isFinite, abs(unixSeconds) < 1e15 else { return nil }
        self.init(unixMilliseconds: Int64((unixSeconds * 1000).rounded()))
    }

    /// Seconds since 1970.
    public var unixSeconds: Double { Double(unixMilliseconds) / 1000 }

    /// For example `2026-11-28T22:31:00Z`.
    public var description: String { CalendarTime.text(unixNanoseconds: unixMilliseconds * 1_000_000) }

    public static func < (left: Self, right: Self) -> Bool { left.unixMilliseconds < right.unixMilliseconds }

    /// Seconds from another moment to this one; below zero where that one is later.
    public func seconds(since other: Self) -> Double {
        Double(unixMilliseconds - other.unixMilliseconds) / 1000
    }

    /// The moment so many seconds later; brought inside the range.
    public func adding(seconds: Double) -> Self { Self(unixSeconds: unixSeconds + seconds) ?? self }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let nanoseconds = CalendarTime.unixNanoseconds(of: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "found \(text), expected a time like 2026-11-28T22:31:00Z")
        }
        self.init(unixMilliseconds: nanoseconds / 1_000_000)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// One moment on both clocks of a controller.
public struct ControlTime: Hashable, Codable, Sendable {
    /// Since an origin of the clock's own; never goes back. Ticks, ages of leases and windows are counted by
    /// it.
    public let monotonic: Nanoseconds
    /// What a calendar says; may jump.
    public let wall: WallTime

    public init(monotonic: Nanoseconds, wall: WallTime) {
        self.monotonic = monotonic
        self.wall = wall
    }
}

/// Where a controller has its time from: the system's clocks, or a test's.
public protocol ControllerClock: Sendable {
    /// Both clocks, read together.
    func now() -> ControlTime
    /// Returns when the monotonic clock has reached the moment.
    /// - Throws: `CancellationError` where the task is cancelled meanwhile.
    func sleep(until monotonic: Nanoseconds) async throws
}
