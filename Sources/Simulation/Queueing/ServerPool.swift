import Quantities

/// Equal servers behind one first-come-first-served queue, as the times at which each becomes free.
///
/// Work that is handed over in arrival order starts on whichever server is free first (the Kiefer-Wolfowitz
/// recursion), so no event queue is needed. A binary heap keeps the earliest free time at the root.
public struct ServerPool: Sendable {
    private var freeTimes: [Int64]
    /// The sum of all service times given out so far.
    public private(set) var busyTime: Nanoseconds = .zero

    /// Servers that are all free at time zero.
    /// - Precondition: `servers >= 1`.
    public init(servers: Int) {
        precondition(servers >= 1, "a pool has at least one server")
        freeTimes = Array(repeating: 0, count: servers)
    }

    /// The number of servers.
    public var servers: Int { freeTimes.count }

    /// The time at which the next server becomes free. O(1).
    @inline(__always)
    public var earliestFree: Nanoseconds { Nanoseconds(freeTimes[0]) }

    /// Occupies the server that is free first from `start` on and returns the end. O(log servers).
    /// - Precondition: `start` is not before `earliestFree`.
    @inline(__always)
    public mutating func occupy(from start: Nanoseconds, for service: Nanoseconds) -> Nanoseconds {
        precondition(start.count >= freeTimes[0], "work starts on a server that is still busy")
        let end = start.count + service.count
        busyTime += service
        replaceEarliest(with: end)
        return Nanoseconds(end)
    }

    private mutating func replaceEarliest(with time: Int64) {
        var hole = 0
        let count = freeTimes.count
        while true {
            var child = 2 * hole + 1
            guard child < count else { break }
            if child + 1 < count, freeTimes[child + 1] < freeTimes[child] { child += 1 }
            guard freeTimes[child] < time else { break }
            freeTimes[hole] = freeTimes[child]
            hole = child
        }
        freeTimes[hole] = time
    }
}
