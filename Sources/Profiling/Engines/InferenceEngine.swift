import Vocabulary

/// A runtime that executes models in this process.
public protocol InferenceEngine: Sendable {
    /// The name stored with every measurement, for example `openvino`.
    var name: String { get }
    /// The version of the runtime, as it names itself.
    var version: String { get }

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
}

/// A model ready to run on a fixed number of inference threads that share its weights.
public protocol PreparedModel: AnyObject, Sendable {
    /// One for each inference thread.
    var workers: [any InferenceWorker] { get }
    /// Numbers of items that each worker should have run once before its times count, ascending; the first run of
    /// a size may have to build code for it.
    var warmUpSizes: [Int] { get }
}

/// What one inference thread runs.
///
/// A worker serves one thread at a time, and should stay with the thread that used it first: engines keep state by
/// thread.
public protocol InferenceWorker: AnyObject, Sendable {
    /// Runs the model once over so many items of prepared random input and waits for the result.
    func infer(items: Int) throws(ProfilingError)
}
