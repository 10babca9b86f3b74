import Quantities
import Vocabulary

/// One model compiled for one M and O, with its threads, ready to be measured at any batch size.
///
/// Compiling and warming up is paid once; cells that differ in D alone share it.
public final class ProfilingSession {
    public let model: Model
    /// M.
    public let threads: Int
    /// O.
    public let workers: Int
    public let batches: [Int]
    private let prepared: any PreparedModel
    private let workerThreads: WorkerThreads
    private let meanSize: Double

    /// Compiles the model and runs every size it may be asked for once on every thread.
    public init(
        engine: any InferenceEngine, model: Model, threads: Int, workers: Int, batches: [Int]
    ) throws(ProfilingError) {
        self.model = model
        self.threads = threads
        self.workers = workers
        self.batches = batches
        prepared = try engine.prepare(model, threads: threads, workers: workers, batches: batches)
        meanSize = ClosedLoopRun.meanSize(of: model.querySizes)
        workerThreads = WorkerThreads(count: threads)
        try warmUp()
    }

    deinit { workerThreads.close() }

    /// Whether this session can measure a schedule of a model.
    public func serves(_ other: Model, _ schedule: Schedule) -> Bool {
        other.id == model.id && other.kind == model.kind && schedule.threads == threads
            && schedule.workers == workers && batches.contains(schedule.batch)
    }

    /// What the schedule can do with all threads always busy. Takes about a quarter of a second.
    public func saturate(batch: Int, seed: UInt64) throws(ProfilingError) -> Saturation {
        try ClosedLoopRun(sizes: model.querySizes, meanSize: meanSize, batch: batch, seed: seed).run(
            on: workerThreads, prepared.workers)
    }

    /// Offers Poisson load at a rate.
    public func offer(
        rate: QueriesPerSecond, batch: Int, duration: Nanoseconds, seed: UInt64
    ) throws(ProfilingError) -> LoadOutcome {
        try OpenLoopRun(
            rate: rate, sizes: model.querySizes, batch: batch, duration: duration, patience: patience,
            seed: seed
        ).run(on: workerThreads, prepared.workers)
    }

    /// Four times the latency limit is far beyond any query that still counts; half a second keeps a stall of the
    /// machine from ending a run of a model with a tight limit.
    private var patience: Nanoseconds {
        max(Nanoseconds(milliseconds: 500), model.latencyTarget.limit * 4)
    }

    private func warmUp() throws(ProfilingError) {
        let failure = FirstFailure()
        let (workers, sizes) = (prepared.workers, prepared.warmUpSizes)
        workerThreads.perform { index in
            do throws(ProfilingError) {
                for items in sizes { try workers[index].infer(items: items) }
            } catch {
                failure.record(error)
            }
        }
        try failure.rethrow()
    }
}
