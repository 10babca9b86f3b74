import Quantities
import Randomness

/// When queries arrive.
public enum ArrivalProcess: Sendable {
    /// A Poisson process whose rate is a step function.
    case poisson(ArrivalRates)
    /// These queries at these times, ascending.
    case recorded([RecordedArrival])

    /// The end of every segment, ascending; a recorded process is one segment.
    var segmentEnds: [Nanoseconds] {
        switch self {
        case .poisson(let rates): rates.segments.map(\.end)
        case .recorded(let arrivals): [arrivals.last.map { $0.time + Nanoseconds(1) } ?? .zero]
        }
    }
}

/// One query of a recorded stream.
public struct RecordedArrival: Hashable, Sendable {
    public let time: Nanoseconds
    public let items: Int

    public init(time: Nanoseconds, items: Int) {
        self.time = time
        self.items = items
    }
}

/// A rate of arrivals as a step function of time.
public struct ArrivalRates: Hashable, Sendable {
    /// A time of one rate, up to but not including `end`.
    public struct Segment: Hashable, Sendable {
        public let end: Nanoseconds
        public let rate: QueriesPerSecond

        public init(end: Nanoseconds, rate: QueriesPerSecond) {
            self.end = end
            self.rate = rate
        }
    }

    /// The beginning of the first segment.
    public let start: Nanoseconds
    public let segments: [Segment]

    /// - Precondition: the segments' ends ascend from `start`, and no rate is negative.
    public init(start: Nanoseconds, segments: [Segment]) {
        var last = start
        for segment in segments {
            precondition(segment.end > last && segment.rate >= .zero, "segments ascend and have rates")
            last = segment.end
        }
        self.start = start
        self.segments = segments
    }

    /// One rate for a time.
    public static func constant(_ rate: QueriesPerSecond, for duration: Nanoseconds) -> ArrivalRates {
        ArrivalRates(start: .zero, segments: [Segment(end: duration, rate: rate)])
    }

    /// How many arrivals are expected in all.
    public var expectedCount: Double {
        var (sum, from) = (0.0, start)
        for segment in segments {
            sum += segment.rate * (segment.end - from)
            from = segment.end
        }
        return sum
    }
}

/// Draws the arrivals of a piecewise constant Poisson process one by one.
///
/// The gap is an exponential amount of expected arrivals that is spent at the rates on the way, which is
/// exact where the rate changes (the inversion of Cinlar 1975). O(1) for each arrival, and for each segment
/// passed.
struct PoissonArrivals {
    private let rates: ArrivalRates
    private var stream: RandomStream
    /// Nanoseconds; a double holds single ones over a hundred days.
    private var time: Double
    private var segment = 0
    private var end: Double
    /// Expected arrivals per nanosecond.
    private var rate: Double

    init(_ rates: ArrivalRates, stream: RandomStream) {
        self.rates = rates
        self.stream = stream
        time = Double(rates.start.count)
        (end, rate) = (time, 0)
        segment = -1
        advance()
    }

    /// The time of the next arrival and the segment it falls in; nil after the last one.
    @inline(__always)
    mutating func next() -> (time: Int64, segment: Int)? {
        var left = stream.exponential()
        while true {
            // A rate of zero takes an infinite time.
            let arrival = time + left / rate
            if arrival < end {
                time = arrival
                return (Int64(arrival), segment)
            }
            guard segment < rates.segments.count else { return nil }
            left -= (end - time) * rate
            advance()
        }
    }

    private mutating func advance() {
        segment += 1
        time = end
        guard segment < rates.segments.count else {
            rate = 0
            return
        }
        end = Double(rates.segments[segment].end.count)
        rate = rates.segments[segment].rate.value / 1e9
    }
}
