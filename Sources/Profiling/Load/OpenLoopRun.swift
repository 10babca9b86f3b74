import CNative
import Foundation
import Quantities
import Vocabulary

/// Open-loop load: queries arrive by a schedule drawn beforehand, whatever the threads manage.
///
/// One generator thread sleeps until each scheduled arrival and puts the query's pieces on one first-come-first-served
/// queue, from which the inference threads take them.
public struct OpenLoopRun: Sendable {
    /// Offered load.
    public var rate: QueriesPerSecond
    public var sizes: QuerySizes
    /// D: a query is split into pieces of at most so many items.
    public var batch: Int
    /// How long load is offered that counts.
    public var duration: Nanoseconds
    /// How old the oldest waiting piece may get before the rate counts as unsustainable and the run is cut short,
    /// though not before the counted part has lasted as long itself.
    public var patience: Nanoseconds
    public var seed: UInt64

    public init(
        rate: QueriesPerSecond, sizes: QuerySizes, batch: Int, duration: Nanoseconds, patience: Nanoseconds,
        seed: UInt64
    ) {
        self.rate = rate
        self.sizes = sizes
        self.batch = batch
        self.duration = duration
        self.patience = patience
        self.seed = seed
    }

    /// Load offered first and not counted, so that the queue is no longer empty by construction: a tenth of the
    /// counted part, at least 50 ms and at most 2 s. Kernels and caches are warm before the run begins.
    public var warmUp: Nanoseconds {
        Nanoseconds(min(max(duration.count / 10, 50_000_000), 2_000_000_000))
    }

    /// When queries arrive, warm-up included.
    public var arrivals: ArrivalSchedule {
        ArrivalSchedule(rate: rate, sizes: sizes, span: warmUp + duration, seed: seed)
    }

    /// Runs the load against a prepared model on threads of its own. Takes warm-up, duration and the time to drain,
    /// which is at most `2 x patience` more.
    public func run(against prepared: any PreparedModel) throws(ProfilingError) -> LoadOutcome {
        let threads = WorkerThreads(count: prepared.workers.count)
        defer { threads.close() }
        return try run(on: threads, prepared.workers)
    }

    /// Runs the load on threads that each own one of the workers.
    func run(on threads: WorkerThreads, _ workers: [any InferenceWorker]) throws(ProfilingError)
        -> LoadOutcome
    {
        let state = OpenLoopState(run: self, arrivals: arrivals, threads: threads.count)
        threads.perform { index in
            state.serve(workers[index])
        } alongside: {
            // The kernel may group timers by 50 us otherwise; 0 gives this thread its default back. Where the system
            // lets it, the generator goes first: it sleeps most of the time, and is only useful when punctual.
            cnative_thread_timer_slack(1)
            _ = cnative_thread_first(1)
            state.generate()
            _ = cnative_thread_first(0)
            cnative_thread_timer_slack(0)
        }
        return try state.outcome()
    }
}
