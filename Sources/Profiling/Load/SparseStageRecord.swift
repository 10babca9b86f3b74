import Quantities
import Synchronization
import Vocabulary

/// When the sparse parts of a run's pieces ran, and the way they go on from there.
final class SparseStageRecord: @unchecked Sendable {
    // Unchecked: as in `RunRecord`, each place has one writer, and readers wait for the end of the run.

    let sparse: ThreadSchedule.ThreadGroup
    let dense: ThreadSchedule.ThreadGroup
    let handOver: HandOver
    private let record: RunRecord
    /// When the thread had a slot for the piece and went to look for it.
    private let readies: UnsafeMutableBufferPointer<Int64>
    private let servingThreads: Atomic<Int>

    init(_ pipeline: any PipelinedModel, pieces: Int) {
        sparse = pipeline.sparse
        dense = pipeline.dense
        handOver = HandOver(slots: pipeline.slots)
        record = RunRecord(queries: 0, pieces: pieces)
        readies = .allocate(capacity: pieces)
        readies.initialize(repeating: 0)
        servingThreads = Atomic(pipeline.sparse.threads)
    }

    deinit { readies.deallocate() }

    func ran(
        _ piece: Int, on thread: Int, ready: Nanoseconds, from begin: Nanoseconds, to end: Nanoseconds
    ) {
        readies[piece] = ready.count
        record.ran(piece, on: thread, from: begin, to: end)
    }

    /// Closes the way on once the last thread has ended.
    func threadEnded() {
        if servingThreads.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { handOver.close() }
    }

    func ready(_ piece: Int) -> Nanoseconds { Nanoseconds(readies[piece]) }
    func begin(of piece: Int) -> Nanoseconds { record.begin(of: piece) }
    /// nil until the sparse part has ended.
    func end(of piece: Int) -> Nanoseconds? { record.end(of: piece) }
}
