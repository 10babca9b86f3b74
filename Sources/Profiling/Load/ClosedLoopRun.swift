import Foundation
import Quantities
import Vocabulary

/// Saturation: every thread takes the next piece of an endless line of queries as soon as it is free.
struct ClosedLoopRun {
    /// How many pieces each thread runs at least, unless that takes longer than `durationMax`.
    static let piecesMin = 8
    static let durationMax = Nanoseconds(seconds: 2)

    let sizes: QuerySizes
    /// Of a query, from `QuerySizeSampler.meanSize`.
    let meanSize: Double
    let batch: Int
    /// Whether a thread takes as many pieces at once as fit into a batch.
    var joins = false
    /// How long pieces are begun at least.
    var durationMin = Nanoseconds(milliseconds: 250)
    let seed: UInt64

    /// Runs on threads that each own one of the workers.
    func run(
        on threads: WorkerThreads, _ workers: [any InferenceWorker]
    ) throws(ProfilingError) -> Saturation {
        let state = State(sizes: sizes, batch: batch, joins: joins, seed: seed)
        let failure = FirstFailure()
        let begin = SystemClock.now()
        let (least, most) = (durationMin, max(durationMin, Self.durationMax))
        threads.perform { index in
            let worker = workers[index]
            let first = SystemClock.now()
            var last = first
            var (items, pieces) = (0, 0)
            while last - first < most && (last - first < least || pieces < Self.piecesMin) {
                let next = state.next()
                let from = SystemClock.now()
                do throws(ProfilingError) {
                    try worker.infer(items: next.reduce(0) { $0 + $1.items })
                } catch {
                    failure.record(error)
                    return
                }
                last = SystemClock.now()
                state.ran(next, from: from, to: last)
                items += next.reduce(0) { $0 + $1.items }
                pieces += next.count
            }
            state.add(items: items, pieces: pieces, time: last - first)
        }
        try failure.rethrow()
        return state.saturation(meanSize: meanSize, duration: SystemClock.now() - begin)
    }

    /// The same for a pipeline: threads of the sparse group come first.
    func run(on threads: WorkerThreads, _ pipeline: any PipelinedModel) throws(ProfilingError) -> Saturation {
        let state = PipelineSaturation(self, pipeline)
        threads.perform { index in
            switch pipeline.part(of: index) {
            case .sparse(let worker, _): state.serve(worker)
            case .dense(let worker, _): state.serve(worker)
            }
        }
        return try state.saturation()
    }

    private final class State: @unchecked Sendable {
        // Unchecked: all state is guarded by the lock.
        private let lock = NSLock()
        private var queries: EndlessQueries
        private var itemsPerSecond = 0.0
        private var pieces = 0
        private var (busy, whole) = (0.0, 0.0)
        private var reservoir: ServiceReservoir

        private let joins: Bool

        init(sizes: QuerySizes, batch: Int, joins: Bool, seed: UInt64) {
            self.joins = joins
            queries = EndlessQueries(sizes: sizes, batch: batch, seed: seed)
            reservoir = ServiceReservoir(seed: seed)
        }

        /// The pieces that a thread runs next, each with the number of its query.
        func next() -> [(query: Int, items: Int)] {
            lock.lock()
            defer { lock.unlock() }
            return joins ? queries.nextJoined() : [queries.next()]
        }

        func ran(_ pieces: [(query: Int, items: Int)], from begin: Nanoseconds, to end: Nanoseconds) {
            lock.lock()
            defer { lock.unlock() }
            reservoir.add(
                ServiceSample(items: pieces.reduce(0) { $0 + $1.items }, time: end - begin))
            busy += (end - begin).seconds
            for piece in pieces { queries.ended(piece.query, at: end) }
        }

        /// Each thread's rate over its own time counts, so that a thread that ends early does not dilute it.
        func add(items: Int, pieces: Int, time: Nanoseconds) {
            lock.lock()
            defer { lock.unlock() }
            itemsPerSecond += Double(items) / max(time.seconds, 1e-9)
            self.pieces += pieces
            whole += time.seconds
        }

        func saturation(meanSize: Double, duration: Nanoseconds) -> Saturation {
            lock.lock()
            defer { lock.unlock() }
            return Saturation(
                itemsPerSecond: itemsPerSecond, throughput: QueriesPerSecond(itemsPerSecond / meanSize),
                pieces: pieces, duration: duration,
                utilisation: Fraction(min(1, busy / max(whole, 1e-9))), latencies: queries.latencies,
                serviceSamples: reservoir.samples)
        }
    }
}
