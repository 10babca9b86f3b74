import Quantities
import Vocabulary

/// A stretch of a trace: so long from its peak, from its worst moment, or from an offset.
public struct TraceWindow: Hashable, Sendable {
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

    /// - Parameter duration: above zero.
    public init(duration: Nanoseconds, start: Start = .peak) {
        self.duration = duration
        self.start = start
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
