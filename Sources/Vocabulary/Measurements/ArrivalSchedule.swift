import Quantities
import Randomness

/// When queries arrive and how many items each asks for, fixed before a run begins.
///
/// Deciding it beforehand is what makes a load *open*: no slowness of the server, and none of the generator,
/// moves an arrival.
public struct ArrivalSchedule: Hashable, Sendable {
    /// After the start of the run, ascending.
    public let offsets: [Nanoseconds]
    /// Items of each query.
    public let sizes: [Int]

    /// A Poisson process of a rate over a span, given that as many queries arrive as do in the mean, with
    /// sizes from a systematic sample: a run of some hundred queries owes less to luck, and no other run of
    /// the same load has more work in it. The same seed gives the same queries. O(count).
    /// - Precondition: the rate is positive.
    public init(rate: QueriesPerSecond, sizes: QuerySizes, span: Nanoseconds, seed: UInt64) {
        precondition(rate.value > 0, "queries arrive at a positive rate")
        let count = Int((rate.value * span.seconds).rounded())
        var gaps = RandomStream(seed: seed, name: "arrivals")
        var items = RandomStream(seed: seed, name: "query sizes")
        // Given their number, the arrivals of a Poisson process lie like the sums of exponential gaps, scaled
        // so that the gap after the last one ends with the span.
        var time = 0.0
        var times: [Double] = []
        times.reserveCapacity(count)
        for _ in 0..<count {
            time += gaps.exponential()
            times.append(time)
        }
        let scale = span.seconds / (time + gaps.exponential())
        let last = span - Nanoseconds(1)
        offsets = times.map { min(Nanoseconds(seconds: $0 * scale), last) }
        self.sizes = QuerySizeSampler(sizes).systematicSample(count, using: &items)
    }

    /// The number of queries.
    public var count: Int { sizes.count }
}
