import Quantities
import Randomness
import Vocabulary

/// The queries of a closed loop, of which there is always another. For one thread at a time.
struct EndlessQueries {
    private let sampler: QuerySizeSampler
    private let batch: Int
    private var stream: RandomStream
    private var query = -1
    private var left = 0
    private var recorder = LatencyRecorder()
    /// Queries of which some piece has not ended.
    private var open: [Int: (begin: Nanoseconds, pieces: Int)] = [:]

    init(sizes: QuerySizes, batch: Int, seed: UInt64) {
        sampler = QuerySizeSampler(sizes)
        self.batch = batch
        stream = RandomStream(seed: seed, name: "saturation sizes")
    }

    private mutating func draw() {
        left = sampler.sample(using: &stream)
        query += 1
        open[query] = (SystemClock.now(), Piece.count(size: left, batch: batch))
    }

    /// The next piece and the number of its query.
    mutating func next() -> (query: Int, items: Int) {
        if left == 0 { draw() }
        // From when its first piece is taken.
        if let found = open[query], found.pieces == Piece.count(size: left, batch: batch) {
            open[query]?.begin = SystemClock.now()
        }
        let items = min(left, batch)
        left -= items
        return (query, items)
    }

    /// The next piece and those behind it that fit into one batch with it.
    mutating func nextJoined() -> [(query: Int, items: Int)] {
        var joined = [next()]
        var items = joined[0].items
        while true {
            if left == 0 { draw() }
            let following = min(left, batch)
            guard items + following <= batch else { return joined }
            joined.append(next())
            items += following
        }
    }

    /// One piece of a query has ended.
    mutating func ended(_ query: Int, at end: Nanoseconds) {
        guard var found = open[query] else { return }
        found.pieces -= 1
        open[query] = found.pieces == 0 ? nil : found
        if found.pieces == 0 { recorder.record(end - found.begin) }
    }

    /// From the start of a query's first piece to the end of its last.
    var latencies: LatencyHistogram { recorder.histogram }
}
