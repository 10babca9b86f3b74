import Foundation
import Quantities
import Simulation
import Vocabulary

/// Saturation: every thread takes the next piece of an endless line of queries as soon as it is free.
struct ClosedLoopRun {
    /// How long pieces are begun at least.
    static let durationMin = Nanoseconds(milliseconds: 250)
    /// How many pieces each thread runs at least, unless that takes longer than `durationMax`.
    static let piecesMin = 8
    static let durationMax = Nanoseconds(seconds: 2)

    let sizes: QuerySizes
    /// Of a query, from `meanSize(of:)`.
    let meanSize: Double
    let batch: Int
    let seed: UInt64

    /// Runs on threads that each own one of the workers.
    func run(
        on threads: WorkerThreads, _ workers: [any InferenceWorker]
    ) throws(ProfilingError) -> Saturation {
        let state = State(sizes: sizes, batch: batch, seed: seed)
        let failure = FirstFailure()
        let begin = SystemClock.now()
        threads.perform { index in
            let worker = workers[index]
            let first = SystemClock.now()
            var last = first
            var (items, pieces) = (0, 0)
            while last - first < Self.durationMax
                && (last - first < Self.durationMin || pieces < Self.piecesMin)
            {
                let next = state.next()
                do throws(ProfilingError) {
                    try worker.infer(items: next)
                } catch {
                    failure.record(error)
                    return
                }
                last = SystemClock.now()
                items += next
                pieces += 1
            }
            state.add(items: items, pieces: pieces, time: last - first)
        }
        try failure.rethrow()
        let (itemsPerSecond, pieces) = state.totals
        return Saturation(
            itemsPerSecond: itemsPerSecond,
            throughput: QueriesPerSecond(itemsPerSecond / meanSize), pieces: pieces,
            duration: SystemClock.now() - begin)
    }

    /// The mean of a mixture of sizes, from 100 000 draws: within half a percent.
    ///
    /// The saturation rate in queries goes by it, rather than by the queries that happened to be drawn, because the
    /// few hundred of a short run have a heavy-tailed mean.
    static func meanSize(of sizes: QuerySizes) -> Double {
        let sampler = QuerySizeSampler(sizes)
        var stream = RandomStream(seed: 0, name: "mean size")
        let draws = 100_000
        return Double((0..<draws).reduce(0) { sum, _ in sum + sampler.sample(using: &stream) })
            / Double(draws)
    }

    private final class State: @unchecked Sendable {
        // Unchecked: all state is guarded by the lock.
        private let lock = NSLock()
        private let sampler: QuerySizeSampler
        private let batch: Int
        private var stream: RandomStream
        private var left = 0
        private var itemsPerSecond = 0.0
        private var pieces = 0

        init(sizes: QuerySizes, batch: Int, seed: UInt64) {
            sampler = QuerySizeSampler(sizes)
            self.batch = batch
            stream = RandomStream(seed: seed, name: "saturation sizes")
        }

        /// Items of the next piece.
        func next() -> Int {
            lock.lock()
            defer { lock.unlock() }
            if left == 0 { left = sampler.sample(using: &stream) }
            let items = min(left, batch)
            left -= items
            return items
        }

        /// Each thread's rate over its own time counts, so that a thread that ends early does not dilute it.
        func add(items: Int, pieces: Int, time: Nanoseconds) {
            lock.lock()
            defer { lock.unlock() }
            itemsPerSecond += Double(items) / max(time.seconds, 1e-9)
            self.pieces += pieces
        }

        var totals: (itemsPerSecond: Double, pieces: Int) {
            lock.lock()
            defer { lock.unlock() }
            return (itemsPerSecond, pieces)
        }
    }
}
