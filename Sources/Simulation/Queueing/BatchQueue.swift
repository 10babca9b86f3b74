import Quantities

/// One unit of work in a queue: some items of one query.
public struct QueuedPiece: Sendable {
    /// The index of the query the piece belongs to.
    public let query: Int32
    public let items: Int32
    public var arrival: Nanoseconds

    public init(query: Int, items: Int, arrival: Nanoseconds) {
        self.query = Int32(query)
        self.items = Int32(items)
        self.arrival = arrival
    }
}

/// A first-come-first-served queue in front of equal servers that may take several waiting pieces at once.
public struct BatchQueue {
    public let servers: Int
    /// The most items in one launch; nil where every piece is served on its own. A piece larger than the
    /// limit is still served, alone.
    public let fusionLimit: Int?
    /// How long the head of the queue waits for others, where a launch has room for them.
    public let joinWait: Nanoseconds

    public init(servers: Int, fusionLimit: Int?, joinWait: Nanoseconds = .zero) {
        self.servers = servers
        self.fusionLimit = fusionLimit
        self.joinWait = joinWait
    }

    /// Serves every piece and replaces each piece's arrival by the end of its service.
    ///
    /// A free server takes the head of the queue and, where fusion is allowed, every following piece that has
    /// already arrived and still fits. Where there is room left, the launch waits for the next ones until its
    /// head has waited long enough, it is full, or one comes that does not fit. O(pieces * log servers).
    ///
    /// - Parameters:
    ///   - pieces: in order of arrival.
    ///   - serviceTime: of a launch with so many items; the second argument is the index of its first piece.
    /// - Returns: the total service time given out.
    @inline(__always)
    public func serve(
        _ pieces: inout [QueuedPiece], serviceTime: (_ items: Int, _ first: Int) -> Nanoseconds
    ) -> Nanoseconds {
        var pool = ServerPool(servers: servers)
        var first = 0
        while first < pieces.count {
            var start = max(pool.earliestFree, pieces[first].arrival)
            var items = Int(pieces[first].items)
            var next = first + 1
            if let fusionLimit {
                while next < pieces.count, pieces[next].arrival <= start,
                    items + Int(pieces[next].items) <= fusionLimit
                {
                    items += Int(pieces[next].items)
                    next += 1
                }
                if joinWait > .zero, items < fusionLimit {
                    let deadline = max(start, pieces[first].arrival + joinWait)
                    while items < fusionLimit, next < pieces.count, pieces[next].arrival <= deadline {
                        start = max(start, pieces[next].arrival)
                        guard items + Int(pieces[next].items) <= fusionLimit else { break }
                        items += Int(pieces[next].items)
                        next += 1
                    }
                    let isCut =
                        items == fusionLimit || (next < pieces.count && pieces[next].arrival <= deadline)
                    if !isCut { start = deadline }
                }
            }
            let end = pool.occupy(from: start, for: serviceTime(items, first))
            for index in first..<next { pieces[index].arrival = end }
            first = next
        }
        return pool.busyTime
    }
}
