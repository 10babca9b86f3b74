import Quantities
import Randomness

/// A fixed sequence of queries at unit rate. Dividing the times by a rate gives a Poisson stream of that
/// rate.
///
/// Its length is fixed, so luck is taken out of it where that costs nothing: the sizes are a systematic
/// sample (`QuerySizeSampler.systematicSample`), and the last arrival comes at the time that so many queries
/// take in the mean, which makes the offered rate exact (a Poisson process given its count).
///
/// Every rate and every schedule is judged on the same sequence (common random numbers), so that a comparison
/// between two of them is not blurred by luck, and the latency of a first-come-first-served queue never falls
/// when the rate rises.
public struct QueryStream: Sendable {
    /// Arrival times in units of the mean gap, ascending.
    public let arrivals: [Double]
    /// Items of each query.
    public let sizes: [Int]

    /// - Precondition: `count >= 1`.
    public init(sizes: QuerySizes, count: Int, seed: UInt64) {
        precondition(count >= 1, "a stream has at least one query")
        var gaps = RandomStream(seed: seed, name: "arrivals")
        var items = RandomStream(seed: seed, name: "query sizes")
        var time = 0.0
        var arrivals: [Double] = []
        arrivals.reserveCapacity(count)
        for _ in 0..<count {
            time += gaps.exponential()
            arrivals.append(time)
        }
        let scale = Double(count) / time
        self.arrivals = arrivals.map { $0 * scale }
        self.sizes = QuerySizeSampler(sizes).systematicSample(count, using: &items)
    }

    /// The queries of a schedule of arrivals.
    /// - Parameter rate: whose mean gap is the unit of time.
    /// - Precondition: at least one query arrives.
    package init(_ schedule: ArrivalSchedule, at rate: QueriesPerSecond) {
        precondition(schedule.count >= 1, "a stream has at least one query")
        arrivals = schedule.offsets.map { $0.seconds * rate.value }
        sizes = schedule.sizes
    }

    /// Queries that arrive at times that something else decides; the unit of time is a second.
    /// - Precondition: at least one query arrives, and times ascend.
    package init(arrivals: [Nanoseconds], sizes: [Int]) {
        precondition(!sizes.isEmpty && sizes.count == arrivals.count, "each query has a time and a size")
        self.arrivals = arrivals.map(\.seconds)
        self.sizes = sizes
    }

    /// The number of queries.
    public var count: Int { sizes.count }
}
