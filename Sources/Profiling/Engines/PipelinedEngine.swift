import Quantities
import Vocabulary

/// An engine that can also run a model cut in two at its pooled embeddings, each part on threads of its own.
public protocol PipelinedEngine: InferenceEngine {
    /// Readies both parts of a model.
    /// - Parameters:
    ///   - sparse: the threads that look up and pool embeddings.
    ///   - dense: the threads that run everything else.
    ///   - batches: every D the model will be run at.
    ///   - precision: one of `precisions`.
    func prepare(
        _ model: Model, sparse: ThreadSchedule.ThreadGroup, dense: ThreadSchedule.ThreadGroup,
        batches: [Int], precision: Precision
    ) throws(ProfilingError) -> any PipelinedModel
}

/// A model in two parts.
///
/// A piece takes a *slot* before its sparse part begins and gives it back when its dense part has ended:
/// memory for what the one computes and the other reads.
public protocol PipelinedModel: PreparedModel {
    var sparse: ThreadSchedule.ThreadGroup { get }
    var dense: ThreadSchedule.ThreadGroup { get }
    /// One for each thread of the sparse group.
    var sparseWorkers: [any SparseWorker] { get }
    /// One for each thread of the dense group.
    var denseWorkers: [any DenseWorker] { get }
    /// How many pieces can be under way at once, numbered from 0; at least one for each thread.
    var slots: Int { get }
}

extension PipelinedModel {
    public var workers: [any InferenceWorker] { [] }

    /// The threads of both groups; the sparse ones come first.
    var threadCount: Int { sparse.threads + dense.threads }

    /// What a thread of the pipeline runs, numbered over both groups.
    func part(of thread: Int) -> PipelinePart {
        let place = thread - sparse.threads
        return place < 0
            ? .sparse(sparseWorkers[thread], thread: thread) : .dense(denseWorkers[place], thread: place)
    }
}

/// The part of a pipeline that a thread runs, and the thread's number within its group.
enum PipelinePart {
    case sparse(any SparseWorker, thread: Int)
    case dense(any DenseWorker, thread: Int)
}

/// What one thread of the sparse group runs. The same rules hold as for an `InferenceWorker`.
public protocol SparseWorker: AnyObject, Sendable {
    /// Looks up and pools the embeddings of so many items of prepared random input.
    func pool(items: Int, into slot: Int) throws(ProfilingError)
}

/// What one thread of the dense group runs. The same rules hold as for an `InferenceWorker`.
public protocol DenseWorker: AnyObject, Sendable {
    /// Computes the model's outputs for as many items as the slot was filled with.
    func infer(items: Int, from slot: Int) throws(ProfilingError)
    /// As of an `InferenceWorker`.
    func outputShapes() throws(ProfilingError) -> [OutputShape]?
}

extension DenseWorker {
    public func outputShapes() throws(ProfilingError) -> [OutputShape]? { nil }
}

/// The memory that pieces of a pipeline take on their way from one part of a model to the other.
final class PooledSlots: @unchecked Sendable {
    // Unchecked: by the protocol of pipelines, one thread at a time uses a slot.

    /// In the order of the graph.
    let tensors: [ModelInput]
    let count: Int
    private let buffers: [[UnsafeMutableRawPointer]]
    /// Which item of the input pool each slot begins with, so that both parts read the same items.
    private let firsts: UnsafeMutableBufferPointer<Int>

    /// Two slots for each thread: one in work, and one that waits or is being filled.
    static func count(_ sparse: ThreadSchedule.ThreadGroup, _ dense: ThreadSchedule.ThreadGroup) -> Int {
        2 * (sparse.threads + dense.threads)
    }

    /// - Parameter itemsMax: of a piece, padding counted in.
    init(_ tensors: [ModelInput], count: Int, itemsMax: Int) {
        self.tensors = tensors
        self.count = count
        buffers = (0..<count).map { _ in
            tensors.map { tensor in
                let bytes = max(64, tensor.bytesPerItem * itemsMax)
                let buffer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
                // Every page is there before time counts.
                buffer.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
                return buffer
            }
        }
        firsts = .allocate(capacity: count)
        firsts.initialize(repeating: 0)
    }

    deinit {
        for buffer in buffers.joined() { buffer.deallocate() }
        firsts.deallocate()
    }

    func address(ofTensor index: Int, in slot: Int) -> UnsafeMutableRawPointer { buffers[slot][index] }

    func first(of slot: Int) -> Int { firsts[slot] }
    func setFirst(_ item: Int, of slot: Int) { firsts[slot] = item }
}
