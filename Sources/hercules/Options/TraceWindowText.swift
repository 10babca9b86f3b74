import ArgumentParser
import Pipeline
import Quantities

/// Reads stretches of a trace: `2h@peak`, `90s@worst`, `10m@36h`; without a start, the peak.
enum TraceWindowText {
    static let window: OptionReading<TraceWindow> = { text in
        let refusal = ValidationError(
            "expected a duration and a start, like 2h@peak, 90s@worst or 10m@36h (units s, m, h, d)")
        let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let duration = time(parts[0]), duration > .zero else {
            throw refusal
        }
        switch parts.count == 1 ? "peak" : parts[1] {
        case "peak": return TraceWindow(duration: duration)
        case "worst": return TraceWindow(duration: duration, start: .worst)
        case let text:
            guard let offset = time(text) else { throw refusal }
            return TraceWindow(duration: duration, start: .offset(offset))
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
