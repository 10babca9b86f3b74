import Quantities

/// A stretch of a trace: so long from its peak, from its worst moment, or from an offset.
public struct TraceWindow: Hashable, Codable, Sendable {
    /// Where a window begins.
    public enum Start: Hashable, Codable, Sendable {
        /// The interval in which the models' loads are nearest their peaks, taken together.
        case peak
        /// The interval in which the subject's capacity falls shortest of some model's load.
        case worst
        /// So long after the start of the trace.
        case offset(Nanoseconds)
    }

    public let duration: Nanoseconds
    public let start: Start

    /// - Parameter duration: above zero.
    public init(duration: Nanoseconds, start: Start = .peak) {
        self.duration = duration
        self.start = start
    }

    /// What a window is written like.
    public static let expectation =
        "a duration and a start, like 2h@peak, 90s@worst or 10m@36h (units s, m, h, d)"

    /// Reads `2h@peak`, `90s@worst` or `10m@36h`; without a start, the peak. nil for anything else.
    public init?(text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let duration = Self.time(parts[0]), duration > .zero else {
            return nil
        }
        switch parts.count == 1 ? "peak" : parts[1] {
        case "peak": self.init(duration: duration)
        case "worst": self.init(duration: duration, start: .worst)
        case let text:
            guard let offset = Self.time(text) else { return nil }
            self.init(duration: duration, start: .offset(offset))
        }
    }

    /// A number with a unit: s, m, h or d.
    private static func time(_ text: String) -> Nanoseconds? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()), number >= 0,
            number * unit <= 1e9
        else { return nil }
        return Nanoseconds(seconds: number * unit)
    }
}
