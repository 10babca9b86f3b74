import Quantities
import Simulation
import Vocabulary

/// A fixed sequence of queries at unit rate. Dividing the times by a rate gives a Poisson stream of that rate.
///
/// Every rate and every schedule is judged on the same sequence (common random numbers), so that a comparison
/// between two of them is not blurred by luck, and the latency of a first-come-first-served queue never falls when
/// the rate rises.
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
        let sampler = QuerySizeSampler(sizes)
        var time = 0.0
        var arrivals: [Double] = []
        arrivals.reserveCapacity(count)
        for _ in 0..<count {
            time += gaps.exponential()
            arrivals.append(time)
        }
        self.arrivals = arrivals
        self.sizes = (0..<count).map { _ in sampler.sample(using: &items) }
    }

    /// The number of queries.
    public var count: Int { sizes.count }
}
