/// Transfers that share one bandwidth evenly: of N under way, each gets an Nth (processor sharing).
///
/// A transfer ends when it has been served for as long as it would take alone. `level` is what each transfer
/// that has been there all the time was served, so only the beginning and end of one change anything.
struct SharedLink {
    /// Parts of a picosecond in which service is counted.
    private static let parts: Int128 = 1 << 20

    private var transfers: [(transfer: Int32, end: Int128)] = []
    private var level: Int128 = 0
    /// The least of their ends.
    private var least = Int128.max
    private var asOf: Int64 = 0
    private let latency: Int64
    /// What was served and is still on its way, in order.
    private var late: ArraySlice<(transfer: Int32, time: Int64)> = []

    init(latency: Int64) { self.latency = latency }

    /// - Parameter work: picoseconds that it takes alone.
    mutating func add(_ transfer: Int32, work: Int64, at now: Int64) {
        serve(until: now)
        let end = level + Int128(work) * Self.parts
        transfers.append((transfer, end))
        least = min(least, end)
    }

    /// How long one more would take if no other came or ended.
    func expected(work: Int64) -> Double { Double(work) * Double(transfers.count + 1) + Double(latency) }

    private mutating func serve(until now: Int64) {
        if !transfers.isEmpty { level += Int128(now - asOf) * Self.parts / Int128(transfers.count) }
        asOf = now
    }

    /// When something happens next; the largest time where nothing does.
    var next: Int64 {
        var time = late.first?.time ?? .max
        if !transfers.isEmpty {
            let left = (least - level) * Int128(transfers.count)
            time = min(time, asOf + Int64((left + Self.parts - 1) / Self.parts))
        }
        return time
    }

    /// Transfers that have arrived by a time at which something happens.
    mutating func arrived(by now: Int64) -> [Int32] {
        serve(until: now)
        if least <= level {
            for own in transfers where own.end <= level { late.append((own.transfer, now + latency)) }
            transfers.removeAll { $0.end <= level }
            if transfers.isEmpty { level = 0 }
            least = transfers.lazy.map(\.end).min() ?? .max
        }
        var arrived: [Int32] = []
        while let first = late.first, first.time <= now {
            arrived.append(first.transfer)
            late.removeFirst()
        }
        return arrived
    }
}

/// Servers behind one queue, first come first served.
struct TransferStation {
    private let servers: Int
    private let base: Int64
    private var busy: [(transfer: Int32, end: Int64)] = []
    private var queue: ArraySlice<(transfer: Int32, work: Int64)> = []

    init(servers: Int, base: Int64) {
        self.servers = servers
        self.base = base
    }

    mutating func add(_ transfer: Int32, work: Int64, at now: Int64) {
        queue.append((transfer, work))
        begin(at: now)
    }

    private mutating func begin(at now: Int64) {
        while busy.count < servers, let first = queue.popFirst() {
            busy.append((first.transfer, now + base + first.work))
        }
    }

    /// How long one more would take behind those that wait.
    func expected(work: Int64, at now: Int64) -> Double {
        var ends = busy.map(\.end)
        for own in queue {
            guard ends.count >= servers, let first = ends.indices.min(by: { ends[$0] < ends[$1] }) else {
                ends.append(now + base + own.work)
                continue
            }
            ends[first] += base + own.work
        }
        let start = ends.count < servers ? now : ends.min() ?? now
        return Double(start - now) + Double(base) + Double(work)
    }

    var next: Int64 { busy.lazy.map(\.end).min() ?? .max }

    mutating func arrived(by now: Int64) -> [Int32] {
        let arrived = busy.filter { $0.end <= now }.map(\.transfer)
        busy.removeAll { $0.end <= now }
        begin(at: now)
        return arrived
    }
}
