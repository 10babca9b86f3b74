import Quantities
import Simulation
import Vocabulary

/// When queries arrive and how many items each asks for, fixed before a run begins.
///
/// Deciding it beforehand is what makes a load *open*: no slowness of the server, and none of the generator, moves an
/// arrival.
public struct ArrivalSchedule: Hashable, Sendable {
    /// After the start of the run, ascending.
    public let offsets: [Nanoseconds]
    /// Items of each query.
    public let sizes: [Int]

    /// A Poisson process of a rate over a span; the same seed gives the same queries.
    /// - Precondition: the rate is positive.
    public init(rate: QueriesPerSecond, sizes: QuerySizes, span: Nanoseconds, seed: UInt64) {
        precondition(rate.value > 0, "queries arrive at a positive rate")
        var gaps = RandomStream(seed: seed, name: "arrivals")
        var items = RandomStream(seed: seed, name: "query sizes")
        let sampler = QuerySizeSampler(sizes)
        var offsets: [Nanoseconds] = []
        var drawn: [Int] = []
        var time = 0.0
        while true {
            time += gaps.exponential() / rate.value
            // Compared in seconds first: the next arrival at a tiny rate lies beyond what nanoseconds can count.
            guard time < span.seconds else { break }
            let offset = Nanoseconds(seconds: time)
            guard offset < span else { break }
            offsets.append(offset)
            drawn.append(sampler.sample(using: &items))
        }
        self.offsets = offsets
        self.sizes = drawn
    }

    /// The number of queries.
    public var count: Int { sizes.count }
}

/// A part of a query that one inference thread runs at once.
struct Piece {
    /// The number of its query.
    var query: Int32
    var items: Int32

    /// How many pieces a query is split into.
    static func count(size: Int, batch: Int) -> Int { (size + batch - 1) / batch }

    /// Calls `body` for each piece of a query: full batches, then the remainder.
    static func split(query: Int, size: Int, batch: Int, _ body: (Piece) -> Void) {
        var left = size
        while left > 0 {
            let items = min(left, batch)
            body(Piece(query: Int32(query), items: Int32(items)))
            left -= items
        }
    }
}
