import CNative
import Foundation
import Quantities
import Vocabulary

/// Open-loop load: queries arrive by a schedule drawn beforehand, whatever the threads manage.
///
/// One generator thread sleeps until each scheduled arrival and puts the query's pieces on one
/// first-come-first-served queue, from which the inference threads take them.
public struct OpenLoopRun: Sendable {
    /// Offered load.
    public var rate: QueriesPerSecond
    public var sizes: QuerySizes
    /// D: a query is split into pieces of at most so many items.
    public var batch: Int
    /// How long a thread waits for pieces to join in one batch; nil where it takes one at a time.
    public var joinWait: Nanoseconds?
    /// How long load is offered that counts.
    public var duration: Nanoseconds
    /// How old the oldest waiting piece may get before the rate counts as unsustainable and the run is cut
    /// short, though not before the counted part has lasted as long itself.
    public var patience: Nanoseconds
    public var seed: UInt64
    /// The tail that somebody will ask about; how far queries depend on one another is measured there.
    public var tail = Quantile(0.95)
    /// Ends the run as soon as it is answered; nil runs on for the whole duration.
    public var question: TailQuestion?
    /// Whether the generator has a core that no inference thread uses; it then watches the clock instead of
    /// sleeping.
    public var generatorHasOwnCore = false

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

    /// Load offered first and not counted, so that the queue is no longer empty by construction: a tenth of
    /// the counted part, at least 50 ms and at most 2 s. Where the service times show that the engine took
    /// longer to settle, more is left out (`WarmUpDetection`).
    public var leadIn: Nanoseconds {
        Nanoseconds(min(max(duration.count / 10, 50_000_000), 2_000_000_000))
    }

    /// When queries arrive, lead-in included.
    public var arrivals: ArrivalSchedule {
        ArrivalSchedule(rate: rate, sizes: sizes, span: leadIn + duration, seed: seed)
    }

    /// Runs the load against a prepared model on threads of its own. Takes lead-in, duration and the time to
    /// drain, which is at most `2 x patience` more.
    public func run(against prepared: any PreparedModel) throws(ProfilingError) -> LoadOutcome {
        let threads = WorkerThreads(
            count: (prepared as? any PipelinedModel)?.threadCount ?? prepared.workers.count)
        defer { threads.close() }
        return try run(on: threads, prepared)
    }

    /// Runs the load on threads that each own one of the workers; those of a pipeline's sparse group come
    /// first.
    /// - Parameters:
    ///   - cores: where the generator and the watching thread run; empty leaves that to the system.
    ///   - watchers: look on during the run, several times a second.
    func run(
        on threads: WorkerThreads, _ prepared: any PreparedModel, generatorOn cores: [Int] = [],
        watchers: [any RunWatcher] = []
    ) throws(ProfilingError) -> LoadOutcome {
        let pipeline = prepared as? any PipelinedModel
        let workers = prepared.workers
        let state = OpenLoopState(
            run: self, arrivals: arrivals, threads: threads.count, pipeline: pipeline)
        let watch = RunWatch(
            watchers: watchers + (question == nil ? [] : [state]), period: RunWatch.period(for: duration),
            cores: cores)
        watch.start()
        defer { watch.stop() }
        threads.perform { index in
            guard let pipeline, let stage = state.sparseStage else {
                return state.serve(workers[index], thread: index)
            }
            switch pipeline.part(of: index) {
            case .sparse(let worker, let thread): state.serve(worker, thread: thread, of: stage)
            case .dense(let worker, let thread): state.serve(worker, thread: thread, of: stage)
            }
        } alongside: {
            punctually(on: cores) { state.generate(watching: margin) }
        }
        return try state.outcome()
    }

    /// How long before an arrival the generator wakes up and watches the clock.
    private var margin: Nanoseconds { Nanoseconds(generatorHasOwnCore ? 150_000 : 10_000) }

    /// Share of the generator's time spent watching, about.
    private var watchedShare: Double { min(1, rate.value * margin.seconds) }

    /// Runs a closure on the calling thread with all the punctuality the system grants.
    private func punctually(on cores: [Int], _ body: () -> Void) {
        let allowed = ThreadPlacement.allowedCores
        if !cores.isEmpty { ThreadPlacement.hold(to: cores) }
        // The kernel may group timers by 50 us otherwise; 0 gives this thread its default back.
        cnative_thread_timer_slack(1)
        // Where the system lets it, the generator goes first, by real-time priority, if it sleeps most of the
        // time. One that is busy all the time may not: the kernel suspends real-time threads that leave
        // nothing to others, for 50 ms in every second. Nor may it have a better niceness than the inference
        // threads: the kernel shares out a session's weight over the processors by the weights of its threads
        // (autogroup), so that one at -20 leaves the others, on whatever processor, a hundredth of what
        // another session's programs get there.
        let isFirst = watchedShare < 0.5 && cnative_thread_first(1) == 1
        body()
        if isFirst { _ = cnative_thread_first(0) }
        cnative_thread_timer_slack(0)
        if !cores.isEmpty { ThreadPlacement.hold(to: allowed) }
    }
}
