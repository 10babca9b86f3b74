import Quantities
import Vocabulary

extension TraceWindow {
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
        var sums = [Double](repeating: 0, count: trace.intervalCount)
        for model in trace.models where peaks[model] > .zero {
            for (index, load) in (trace.loads[model] ?? []).enumerated() {
                sums[index] += load / peaks[model]
            }
        }
        return sums.indices.max { sums[$0] < sums[$1] } ?? 0
    }

    private static func worstInterval(of replay: ReplayOutcome) -> Int? {
        guard let timeline = replay.timelines.first(where: { $0.policy == replay.subject }) else {
            return nil
        }
        let records = timeline.records
        var sums = [Double](repeating: 0, count: records.count)
        for model in records.models {
            let loads = records.series(.load, of: model).orZero
            let capacities = records.series(.capacity, of: model).orZero
            for (index, (load, capacity)) in zip(loads, capacities).enumerated() {
                let excess = capacity > 0 ? load / capacity : load > 0 ? .infinity : 0
                sums[index] = max(sums[index], excess)
            }
        }
        return sums.indices.max { sums[$0] < sums[$1] }
    }
}
