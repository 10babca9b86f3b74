import Quantities
import Vocabulary

/// A stretch of a trace as people write it: `2h@peak`, `90s@worst`, `10m@36h`.
public struct WindowText: Hashable, Sendable {
    /// Where a window begins.
    public enum Start: Hashable, Sendable {
        /// The interval in which the models' loads are nearest their peaks, taken together.
        case peak
        /// The interval in which the subject's capacity falls shortest of some model's load.
        case worst
        /// So long after the start of the trace.
        case offset(Nanoseconds)
    }

    public let duration: Nanoseconds
    public let start: Start

    /// Reads `DURATION@START`; without a start, the peak.
    /// - Throws: `PipelineError.badOption` with the text.
    public init(_ text: String, option: String) throws {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        let refusal = PipelineError.badOption(
            name: option, found: text,
            expected: "a duration and a start, like 2h@peak, 90s@worst or 10m@36h (units s, m, h, d)")
        guard (1...2).contains(parts.count), let duration = Self.time(parts[0]), duration > .zero else {
            throw refusal
        }
        self.duration = duration
        switch parts.count == 1 ? "peak" : parts[1] {
        case "peak": start = .peak
        case "worst": start = .worst
        case let text:
            guard let offset = Self.time(text) else { throw refusal }
            start = .offset(offset)
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

    /// The instants of the window in a replay: inside the trace, and moved to the front where it would pass
    /// the end.
    func resolved(in replay: ReplayOutcome) -> (start: Nanoseconds, end: Nanoseconds) {
        let trace = replay.trace
        let length = min(duration, trace.span)
        let wanted: Nanoseconds
        switch start {
        case .peak: wanted = trace.interval * Self.busiestInterval(of: trace)
        case .worst:
            wanted = trace.interval * (Self.worstInterval(of: replay) ?? Self.busiestInterval(of: trace))
        case .offset(let offset): wanted = offset
        }
        let begin = min(wanted, trace.span - length)
        return (begin, begin + length)
    }

    private static func busiestInterval(of trace: Trace) -> Int {
        let peaks = trace.peakDemand
        func fullness(_ index: Int) -> Double {
            trace.models.reduce(0) {
                $0 + (peaks[$1] > .zero ? trace.demand(at: index)[$1] / peaks[$1] : 0)
            }
        }
        let sums = (0..<trace.intervalCount).map(fullness)
        return sums.indices.max { sums[$0] < sums[$1] } ?? 0
    }

    private static func worstInterval(of replay: ReplayOutcome) -> Int? {
        guard let timeline = replay.timelines.first(where: { $0.policy == replay.subject }) else {
            return nil
        }
        func excess(_ record: IntervalRecord) -> Double {
            record.load.models.map { model in
                let capacity = record.capacity[model]
                return capacity > .zero
                    ? record.load[model] / capacity : record.load[model] > .zero ? .infinity : 0
            }.max() ?? 0
        }
        let sums = timeline.records.map(excess)
        return sums.indices.max { sums[$0] < sums[$1] }
    }
}
