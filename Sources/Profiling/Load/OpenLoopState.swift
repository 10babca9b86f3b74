import Foundation
import Quantities
import Vocabulary

/// What the generator and the inference threads of one open-loop run share.
final class OpenLoopState: @unchecked Sendable {
    // Unchecked: everything that changes is guarded by the condition.

    private let run: OpenLoopRun
    private let arrivals: ArrivalSchedule
    private let threads: Int
    private let start: Nanoseconds
    /// The counted part, unless the run is cut short.
    private let countedFrom: Nanoseconds
    private let plannedEnd: Nanoseconds

    private let condition = NSCondition()
    private var pieces: [Piece] = []
    /// The first piece that no thread has taken.
    private var head = 0
    private var waitingThreads = 0
    private var servingThreads: Int
    /// Pieces left of each query.
    private var remaining: [Int32]
    /// The number of queries handed over.
    private var handedOver = 0
    private var isClosed = false
    private var isOverloaded = false
    private var cutAt: Nanoseconds?
    private var abandonedAt: Nanoseconds?
    private var failure: ProfilingError?

    private var latencies = LatencyRecorder()
    private var lateness = LatencyRecorder()
    private var reservoir: ServiceReservoir
    private var busy = Nanoseconds.zero
    private var arrivedQueries = 0
    private var completedQueries = 0
    private var completionsInTime = 0

    init(run: OpenLoopRun, arrivals: ArrivalSchedule, threads: Int) {
        self.run = run
        self.arrivals = arrivals
        self.threads = threads
        servingThreads = threads
        // A little ahead, so that the first arrivals do not find the threads still waking up.
        start = SystemClock.now() + Nanoseconds(milliseconds: 2)
        countedFrom = start + run.warmUp
        plannedEnd = countedFrom + run.duration
        remaining = arrivals.sizes.map { Int32(Piece.count(size: $0, batch: run.batch)) }
        reservoir = ServiceReservoir(seed: run.seed)
        pieces.reserveCapacity(remaining.reduce(0) { $0 + Int($1) })
    }

    // MARK: The generator

    /// Hands each query over at its time, then waits until the threads are done or their time is up.
    func generate() {
        for query in 0..<arrivals.count {
            SystemClock.sleep(until: start + arrivals.offsets[query])
            guard handOver(query) else { break }
        }
        if !isCut { SystemClock.sleep(until: plannedEnd) }
        drain()
    }

    private var isCut: Bool {
        condition.lock()
        defer { condition.unlock() }
        return cutAt != nil || failure != nil
    }

    /// Returns false when the run is to be cut short.
    private func handOver(_ query: Int) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let now = SystemClock.now()
        guard failure == nil else { return false }
        // Not before the counted part is long enough to tell a rate.
        if now - countedFrom > run.patience, let oldest = oldestWaiting, now - oldest > run.patience {
            isOverloaded = true
            cutAt = now
            return false
        }
        if isCounted(query) {
            arrivedQueries += 1
            lateness.record(now - due(query))
        }
        Piece.split(query: query, size: arrivals.sizes[query], batch: run.batch) { pieces.append($0) }
        handedOver = query + 1
        let waking = min(waitingThreads, pieces.count - head)
        for _ in 0..<waking { condition.signal() }
        return true
    }

    /// The scheduled arrival of the query whose piece has waited longest.
    private var oldestWaiting: Nanoseconds? { head < pieces.count ? due(Int(pieces[head].query)) : nil }

    private func drain() {
        condition.lock()
        defer { condition.unlock() }
        isClosed = true
        condition.broadcast()
        let deadline = Date(timeIntervalSinceNow: 2 * run.patience.seconds)
        while servingThreads > 0 {
            if !condition.wait(until: deadline) {
                isOverloaded = true
                abandonedAt = SystemClock.now()
                return
            }
        }
    }

    // MARK: The inference threads

    /// Runs pieces until there are no more.
    func serve(_ worker: any InferenceWorker) {
        condition.lock()
        while let piece = take() {
            condition.unlock()
            let begin = SystemClock.now()
            var caught: ProfilingError?
            do throws(ProfilingError) {
                try worker.infer(items: Int(piece.items))
            } catch {
                caught = error
            }
            let end = SystemClock.now()
            condition.lock()
            if let caught {
                failure = failure ?? caught
                isClosed = true
                condition.broadcast()
            } else {
                record(piece, from: begin, to: end)
            }
        }
        servingThreads -= 1
        if servingThreads == 0 { condition.broadcast() }
        condition.unlock()
    }

    /// The next piece, or nil at the end of the run.
    private func take() -> Piece? {
        while head == pieces.count && !isClosed {
            waitingThreads += 1
            condition.wait()
            waitingThreads -= 1
        }
        guard failure == nil, abandonedAt == nil, head < pieces.count else { return nil }
        defer { head += 1 }
        return pieces[head]
    }

    private func record(_ piece: Piece, from begin: Nanoseconds, to end: Nanoseconds) {
        guard abandonedAt == nil else { return }
        let countedEnd = cutAt ?? plannedEnd
        let overlap = min(end, countedEnd) - max(begin, countedFrom)
        if overlap > .zero { busy += overlap }
        if begin >= countedFrom {
            reservoir.add(ServiceSample(items: Int(piece.items), time: end - begin))
        }
        let query = Int(piece.query)
        remaining[query] -= 1
        guard remaining[query] == 0 else { return }
        if end >= countedFrom && end <= countedEnd { completionsInTime += 1 }
        if isCounted(query) {
            completedQueries += 1
            latencies.record(end - due(query))
        }
    }

    // MARK: Times

    private func due(_ query: Int) -> Nanoseconds { start + arrivals.offsets[query] }
    private func isCounted(_ query: Int) -> Bool { due(query) >= countedFrom }

    // MARK: The outcome

    /// The facts, after all threads are done.
    func outcome() throws(ProfilingError) -> LoadOutcome {
        condition.lock()
        defer { condition.unlock() }
        if let failure { throw failure }
        var abandoned = 0
        if let abandonedAt {
            for query in 0..<handedOver where isCounted(query) && remaining[query] > 0 {
                abandoned += 1
                latencies.record(abandonedAt - due(query))
            }
        }
        let duration = (cutAt ?? plannedEnd) - countedFrom
        return LoadOutcome(
            arrivedQueries: arrivedQueries, completedQueries: completedQueries,
            abandonedQueries: abandoned, isOverloaded: isOverloaded, duration: duration,
            completedRate: QueriesPerSecond(Double(completionsInTime) / max(duration.seconds, 1e-9)),
            latencies: latencies.histogram, generatorLateness: lateness.histogram,
            serviceSamples: reservoir.samples,
            utilisation: Fraction(min(1, busy.seconds / max(duration.seconds * Double(threads), 1e-9))),
            startedAt: start)
    }
}
