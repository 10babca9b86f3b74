import Quantities

/// A first-come-first-served queue whose service times depend on how many threads are busy.
public struct ContendedQueue {
    public let threads: Int
    public let contention: Contention

    /// - Precondition: there is a factor for every number of busy threads.
    public init(threads: Int, contention: Contention) {
        precondition(
            contention.byBusyThreads.count >= threads, "contention has a factor for every number of threads")
        self.threads = threads
        self.contention = contention
    }

    /// Serves every piece, and replaces each piece's arrival by the end of its service. O(pieces x threads).
    /// - Parameters:
    ///   - pieces: in order of arrival.
    ///   - times: drawn for each piece, before the effect of the load.
    /// - Returns: the total service time.
    public func serve(_ pieces: inout [QueuedPiece], times: [Nanoseconds]) -> Nanoseconds {
        var free = Array(repeating: Int64(0), count: threads)
        var busyTime: Int64 = 0
        for index in pieces.indices {
            let arrival = pieces[index].arrival.count
            var first = 0
            for thread in 1..<max(2, threads) where thread < threads && free[thread] < free[first] {
                first = thread
            }
            let isIdle = free[first] <= arrival
            let start = isIdle ? arrival + contention.wakeUp.count : free[first]
            var busy = 1
            for thread in 0..<threads where thread != first && free[thread] > start { busy += 1 }
            var factor = contention.byBusyThreads[busy - 1]
            if isIdle { factor *= contention.afterIdle }
            let time = Int64((Double(times[index].count) * factor).rounded())
            free[first] = start + time
            busyTime += time
            pieces[index].arrival = Nanoseconds(start + time)
        }
        return Nanoseconds(busyTime)
    }
}
