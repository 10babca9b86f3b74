/// How one server runs one model.
///
/// The letters are those of the Hercules paper: *M* co-located inference threads, *O* operator workers in each,
/// and *D*, the batch size. A query of `size` items is split into `ceil(size / D)` pieces that wait in one queue.
public struct Schedule: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    /// Which part of the model runs where.
    public enum Partition: String, Codable, Sendable, CaseIterable {
        /// The whole model in each host thread.
        case whole
        /// Embedding lookups and dense layers in separate host thread groups, as a pipeline.
        case sparseDense
        /// The whole model on the accelerator; queries are fused into launches of at most `batch` items.
        case accelerator
        /// Embeddings pooled by the host, dense layers on the accelerator.
        case hostSparse
    }

    public let partition: Partition
    /// M: co-located inference threads on the host, or copies on the accelerators.
    public let threads: Int
    /// O: operator workers inside each thread; 1 on an accelerator.
    public let workers: Int
    /// D: items in a piece, or the fusion limit on an accelerator.
    public let batch: Int

    /// - Precondition: every number is at least 1.
    public init(partition: Partition, threads: Int, workers: Int, batch: Int) {
        precondition(threads >= 1 && workers >= 1 && batch >= 1, "a schedule's numbers are at least 1")
        self.partition = partition
        self.threads = threads
        self.workers = workers
        self.batch = batch
    }

    public var description: String { "\(partition.rawValue) M=\(threads) O=\(workers) D=\(batch)" }

    public static func < (left: Schedule, right: Schedule) -> Bool {
        (left.partition.rawValue, left.workers, left.threads, left.batch)
            < (right.partition.rawValue, right.workers, right.threads, right.batch)
    }
}
