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
    /// The other group of a pipeline, in which `threads` and `workers` are those of the dense group.
    public let sparse: ThreadSchedule.ThreadGroup?
    public let batches: [Int]
    public let precision: Precision
    /// Which processors the threads are held to; nil leaves that to the system.
    public let placement: ThreadPlacement?
    private let prepared: any PreparedModel
    private let workerThreads: WorkerThreads
    private let meanSize: Double

    /// Compiles the model, runs every size it may be asked for once on every thread, and looks whether the
    /// outputs hold every item.
    /// - Parameter sparse: splits the model and runs its sparse part on threads of their own; the engine must
    ///   be a `PipelinedEngine`.
    public init(
        engine: any InferenceEngine, model: Model, threads: Int, workers: Int, batches: [Int],
        sparse: ThreadSchedule.ThreadGroup? = nil, placement: ThreadPlacement? = nil,
        precision: Precision = .default
    ) throws(ProfilingError) {
        self.model = model
        self.threads = threads
        self.workers = workers
        self.sparse = sparse
        self.batches = batches
        self.placement = placement
        self.precision = precision
        if let sparse {
            guard let pipelined = engine as? any PipelinedEngine else {
                throw .partitionNotSupported(
                    schedule: Schedule(
                        partition: .sparseDense, threads: threads, workers: workers,
                        batch: batches.max() ?? 1,
                        sparse: sparse),
                    engine: engine.name)
            }
            prepared = try pipelined.prepare(
                model, sparse: sparse, dense: ThreadSchedule.ThreadGroup(threads: threads, workers: workers),
                batches: batches, precision: precision)
        } else {
            prepared = try engine.prepare(
                model, threads: threads, workers: workers, batches: batches, precision: precision)
        }
        meanSize = QuerySizeSampler(model.querySizes).meanSize
        workerThreads = WorkerThreads(
            count: threads + (sparse?.threads ?? 0), cores: placement?.inference ?? [])
        try warmUp()
    }

    deinit { workerThreads.close() }

    /// Whether this session can measure a schedule of a model.
    /// - Parameter sparse: the schedule's sparse group, where it may leave that open.
    public func serves(_ other: Model, _ schedule: ThreadSchedule, sparse: ThreadSchedule.ThreadGroup? = nil)
        -> Bool
    {
        other.id == model.id && other.kind == model.kind && schedule.threads == threads
            && schedule.workers == workers && (sparse ?? schedule.sparse) == self.sparse
            && batches.contains(schedule.batch) && schedule.precision == precision
    }

    /// In which the runtime says that it computes; nil where it does not say.
    public var inferencePrecision: String? { prepared.inferencePrecision }

    /// What the schedule can do with all threads always busy. Takes about the duration.
    public func saturate(
        batch: Int, seed: UInt64, duration: Nanoseconds = Nanoseconds(milliseconds: 250),
        joins: Bool = false
    ) throws(ProfilingError) -> Saturation {
        try saturate(batch: batch, seed: seed, duration: duration, joins: joins, watchers: [])
    }

    func saturate(
        batch: Int, seed: UInt64, duration: Nanoseconds, joins: Bool, watchers: [any RunWatcher]
    ) throws(ProfilingError) -> Saturation {
        let watch = RunWatch(
            watchers: watchers, period: RunWatch.period(for: duration), cores: placement?.generator ?? [])
        watch.start()
        defer { watch.stop() }
        if let own = prepared as? any SelfLoadingModel {
            return try own.saturate(sizes: model.querySizes, batch: batch, duration: duration, seed: seed)
        }
        let run = ClosedLoopRun(
            sizes: model.querySizes, meanSize: meanSize, batch: batch, joins: joins, durationMin: duration,
            seed: seed)
        if let pipeline = prepared as? any PipelinedModel { return try run.run(on: workerThreads, pipeline) }
        return try run.run(on: workerThreads, prepared.workers)
    }

    /// Offers Poisson load at a rate.
    public func offer(
        rate: QueriesPerSecond, batch: Int, duration: Nanoseconds, seed: UInt64,
        question: TailQuestion? = nil, joinWait: Nanoseconds? = nil
    ) throws(ProfilingError) -> LoadOutcome {
        try offer(
            rate: rate, batch: batch, duration: duration, seed: seed, question: question,
            joinWait: joinWait, watchers: [])
    }

    func offer(
        rate: QueriesPerSecond, batch: Int, duration: Nanoseconds, seed: UInt64, question: TailQuestion?,
        joinWait: Nanoseconds?, watchers: [any RunWatcher]
    ) throws(ProfilingError) -> LoadOutcome {
        var run = OpenLoopRun(
            rate: rate, sizes: model.querySizes, batch: batch, duration: duration, patience: patience,
            seed: seed)
        run.tail = model.latencyTarget.quantile
        run.question = question
        run.joinWait = joinWait
        run.generatorHasOwnCore = placement?.isGeneratorApart ?? false
        if let own = prepared as? any SelfLoadingModel {
            let watch = RunWatch(
                watchers: watchers, period: RunWatch.period(for: duration), cores: placement?.generator ?? [])
            watch.start()
            defer { watch.stop() }
            return try own.offer(run)
        }
        var outcome = try run.run(
            on: workerThreads, prepared, generatorOn: placement?.generator ?? [],
            watchers: watchers)
        outcome.tokens = prepared.takeTokenFigures(
            from: outcome.countedFrom, to: outcome.countedFrom + outcome.duration)
        return outcome
    }

    /// Four times the latency limit is far beyond any query that still counts; half a second keeps a stall of
    /// the machine from ending a run of a model with a tight limit.
    private var patience: Nanoseconds {
        max(Nanoseconds(milliseconds: 500), model.latencyTarget.limit * 4)
    }

    private func warmUp() throws(ProfilingError) {
        let failure = FirstFailure()
        let (workers, sizes) = (prepared.workers, prepared.warmUpSizes)
        let pipeline = prepared as? any PipelinedModel
        let model = model.id
        workerThreads.perform { index in
            do throws(ProfilingError) {
                var check = OutputCheck(model: model)
                for items in sizes {
                    var shapes: [OutputShape]?
                    // Each thread of a pipeline has a slot to itself here.
                    switch pipeline?.part(of: index) {
                    case .sparse(let worker, _): try worker.pool(items: items, into: index)
                    case .dense(let worker, _):
                        try worker.infer(items: items, from: index)
                        shapes = try worker.outputShapes()
                    case nil:
                        try workers[index].infer(items: items)
                        shapes = try workers[index].outputShapes()
                    }
                    if let shapes { check.saw(shapes, items: items) }
                }
                try check.verify()
            } catch {
                failure.record(error)
            }
        }
        try failure.rethrow()
    }
}
