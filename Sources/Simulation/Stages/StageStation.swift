import Quantities
import Randomness

/// Servers that take items from one queue: an embedder, an index, a reranker, a tokeniser, a store.
public struct StageStation: Sendable, Hashable {
    public var servers: Int
    /// Requests that a server takes together, as many as there are when it is free.
    public var batchMax: Int
    /// Of a batch, in seconds.
    public var seconds: StageSpread
    /// For every item of a batch.
    public var secondsPerItem: Double
    /// For every token of the contexts in a batch.
    public var secondsPerToken: Double

    public init(
        servers: Int = 1, batchMax: Int = 1, seconds: StageSpread, secondsPerItem: Double = 0,
        secondsPerToken: Double = 0
    ) {
        self.servers = servers
        self.batchMax = batchMax
        self.seconds = seconds
        self.secondsPerItem = secondsPerItem
        self.secondsPerToken = secondsPerToken
    }

    /// What keeps it from being played; nil where nothing does.
    var fault: String? {
        if servers < 1 || batchMax < 1 { return "servers or a batch below 1" }
        let isCost = secondsPerItem >= 0 && secondsPerToken >= 0
        if !isCost || !(secondsPerItem + secondsPerToken).isFinite { return "times below 0" }
        return seconds.fault
    }
}

/// A request at a station.
struct StationVisit: BitwiseCopyable {
    var workflow: Int32
    var stage: Int32
    var came: Int64
    var items: Int32
    var tokens: Int32
    /// The next one of the queue, or of the batch.
    var next: Int32 = -1
}

/// A station with its queue, first come first served.
struct StationState {
    let station: StageStation
    private var stream: RandomStream
    private var first: Int32 = -1
    private var last: Int32 = -1
    private(set) var waiting = 0
    private var busyServers = 0
    private(set) var figures = StageStationFigures()

    init(_ station: StageStation, index: Int, seed: UInt64) {
        self.station = station
        stream = RandomStream(seed: seed, name: "station \(index)")
    }

    /// Puts a visit at the end of the queue.
    mutating func enqueue(_ visit: Int32, in visits: borrowing Slab<StationVisit>) {
        if last < 0 { first = visit } else { visits[last].next = visit }
        last = visit
        waiting += 1
        figures.waitingMost = max(figures.waitingMost, waiting)
    }

    /// Takes a batch where a server is free and somebody waits.
    /// - Returns: its first visit, and how long it takes in picoseconds.
    mutating func begin(in visits: borrowing Slab<StationVisit>) -> (batch: Int32, time: Int64)? {
        guard busyServers < station.servers, first >= 0 else { return nil }
        let batch = first
        var (count, items, tokens, end) = (0, 0.0, 0.0, first)
        while first >= 0, count < station.batchMax {
            count += 1
            items += Double(visits[first].items)
            tokens += Double(visits[first].tokens)
            end = first
            first = visits[first].next
        }
        visits[end].next = -1
        if first < 0 { last = -1 }
        waiting -= count
        busyServers += 1
        var seconds = station.seconds.sample(using: &stream)
        seconds += station.secondsPerItem * items + station.secondsPerToken * tokens
        // 11 days, so that the clock cannot overflow.
        let time = Int64((min(seconds, 1e6) * 1e12).rounded())
        figures.batches += 1
        figures.served += count
        figures.busyPicoseconds += Double(time)
        return (batch, time)
    }

    /// A server is free again.
    mutating func end() { busyServers -= 1 }
}
