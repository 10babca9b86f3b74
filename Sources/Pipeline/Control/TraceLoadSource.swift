import Controlling
import Quantities
import Vocabulary

/// A trace that is played as if it came in now: one interval of it at every tick, and again from the start at
/// its end. As in a replay, a tick hears of the interval before, and the first one of its own.
public struct TraceLoadSource: LoadSource {
    private let trace: Trace
    private let interval: Nanoseconds
    private let origin: Nanoseconds

    /// - Parameters:
    ///   - interval: from one tick to the next, above zero.
    ///   - origin: the monotonic moment at which the trace begins.
    public init(_ trace: Trace, interval: Nanoseconds, origin: Nanoseconds = .zero) {
        self.trace = trace
        self.interval = interval
        self.origin = origin
    }

    public func readPast(at times: [ControlTime]) async -> [[InputReading]]? {
        var past: [[InputReading]] = []
        for time in times { past.append(await read(at: time)) }
        return past
    }

    public func read(at time: ControlTime) async -> [InputReading] {
        let passed = Int(max(0, (time.monotonic - origin).count) / max(1, interval.count))
        let index = max(0, passed - 1) % trace.intervalCount
        return trace.models.map { model in
            InputReading(
                model: model,
                answer: .value(
                    LoadValue(
                        queriesPerSecond: trace.loads[model]?[index].value ?? .nan, lastSampleAt: time.wall,
                        samples: 2, expected: 2)),
                evaluatedAt: time.wall)
        }
    }
}
