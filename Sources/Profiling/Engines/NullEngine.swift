import Vocabulary

/// An engine whose inference does nothing: what remains in a measurement is the load generator itself.
public struct NullEngine: InferenceEngine {
    public init() {}

    public var name: String { "null" }
    public var version: String { "1" }
    public var joinsBatches: Bool { true }

    public func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int]
    ) throws(ProfilingError) -> any PreparedModel {
        Prepared(threads: threads)
    }

    private final class Prepared: PreparedModel {
        let workers: [any InferenceWorker]
        var warmUpSizes: [Int] { [] }

        init(threads: Int) { workers = (0..<threads).map { _ in Worker() } }
    }

    private final class Worker: InferenceWorker {
        func infer(items: Int) throws(ProfilingError) {}
    }
}
