import Quantities
import Vocabulary

/// A runtime that executes models: in this process, or behind an address.
///
/// Adding one is one file here and one line in `Pipeline/Engines.swift`.
public protocol InferenceEngine: Sendable {
    /// The name stored with every measurement, for example `openvino`.
    var name: String { get }
    /// The version of the runtime, as it names itself.
    var version: String { get }
    /// What M, O and D stand for.
    var axes: ScheduleAxes { get }
    /// In which it can be told to compute, `default` among them.
    var precisions: [Precision] { get }
    /// Whether pieces of several queries may be given to it in one batch.
    var joinsBatches: Bool { get }

    /// Readies a model for `threads` co-located inference threads with `workers` operator workers each.
    ///
    /// The batch size is not fixed: one prepared model serves every schedule of the same M and O.
    /// - Parameters:
    ///   - threads: M, at least 1.
    ///   - workers: O, at least 1.
    ///   - batches: every D the model will be run at.
    func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int]
    ) throws(ProfilingError) -> any PreparedModel

    /// The same in a precision of the caller's choice.
    /// - Parameter precision: one of `precisions`.
    func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int], precision: Precision
    ) throws(ProfilingError) -> any PreparedModel
}

/// What a schedule's numbers mean to an engine, and so which schedules it can be asked for.
public enum ScheduleAxes: Hashable, Sendable {
    /// Threads and workers of this machine: M x O is at most its cores.
    case cores
    /// M requests in flight at a server that schedules for itself: O is 1, and D only where a request holds
    /// items.
    case requestsInFlight(hasBatches: Bool)
}

extension InferenceEngine {
    public var axes: ScheduleAxes { .cores }
    public var precisions: [Precision] { [.default] }
    public var joinsBatches: Bool { false }

    public func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int], precision: Precision
    ) throws(ProfilingError) -> any PreparedModel {
        try requireSupport(of: precision)
        return try prepare(model, threads: threads, workers: workers, batches: batches)
    }

    func requireSupport(of precision: Precision) throws(ProfilingError) {
        guard precisions.contains(precision) else {
            throw .precisionNotSupported(
                engine: name, asked: precision, found: "no such setting", expected: precisions)
        }
    }
}

extension Model {
    /// The input tensors, for an engine that needs some.
    func requireInputs(engine: String) throws(ProfilingError) -> [ModelInput] {
        guard let inputs else {
            throw .kindNotSupported(
                model: id, found: kind.label, engine: engine, expected: "a model with input tensors")
        }
        return inputs
    }
}

extension Model {
    /// The batch sizes that an engine is shown: the graph's own where it takes no other.
    func ladder(for batches: [Int]) -> BatchLadder {
        fixedBatch.map(BatchLadder.init(only:)) ?? BatchLadder(batches: batches)
    }
}

/// A model ready to run on a fixed number of inference threads that share its weights.
public protocol PreparedModel: AnyObject, Sendable {
    /// One for each inference thread.
    var workers: [any InferenceWorker] { get }
    /// Numbers of items that each worker should have run once before its times count, ascending; the first
    /// run of a size may have to build code for it.
    var warmUpSizes: [Int] { get }
    /// In which the runtime says that it computes, under its own name; nil where it does not say.
    var inferencePrecision: String? { get }
    /// What requests that began in a stretch of time, by the monotonic clock, showed about tokens; nil where
    /// there are none. Forgets everything seen so far.
    func takeTokenFigures(from begin: Nanoseconds, to end: Nanoseconds) -> TokenFigures?
}

extension PreparedModel {
    public var inferencePrecision: String? { nil }
    public func takeTokenFigures(from begin: Nanoseconds, to end: Nanoseconds) -> TokenFigures? { nil }
}

/// A model whose engine offers the load itself and reports what came of it. It has no workers.
protocol SelfLoadingModel: PreparedModel {
    /// All it can do, over about so long.
    func saturate(
        sizes: QuerySizes, batch: Int, duration: Nanoseconds, seed: UInt64
    ) throws(ProfilingError) -> Saturation
    /// Open-loop load as `run` describes it.
    func offer(_ run: OpenLoopRun) throws(ProfilingError) -> LoadOutcome
}

extension SelfLoadingModel {
    public var workers: [any InferenceWorker] { [] }
    public var warmUpSizes: [Int] { [] }
}

/// What one inference thread runs.
///
/// A worker serves one thread at a time, and should stay with the thread that used it first: engines keep
/// state by thread.
public protocol InferenceWorker: AnyObject, Sendable {
    /// Runs the model once over so many items of prepared random input and waits for the result.
    func infer(items: Int) throws(ProfilingError)
    /// The shapes of what the last inference computed; nil where the engine does not tell.
    func outputShapes() throws(ProfilingError) -> [OutputShape]?
}

extension InferenceWorker {
    public func outputShapes() throws(ProfilingError) -> [OutputShape]? { nil }
}
