import Quantities
import Synchronization

/// When everything in a run happened, written by the generator and the inference threads without locks: each
/// place has one writer, and the end of a piece is stored last.
final class RunRecord: @unchecked Sendable {
    // Unchecked: each place is written by one thread; readers wait for the end of a piece, or for the end of
    // the run.

    let queries: Int
    let pieces: Int
    /// When each query was handed over.
    private let handOvers: UnsafeMutableBufferPointer<Int64>
    private let begins: UnsafeMutableBufferPointer<Int64>
    private let threads: UnsafeMutableBufferPointer<Int32>
    /// 0 until the piece has ended.
    private let ends: UnsafeMutablePointer<Atomic<Int64>>

    /// Writes to all its memory once, so that no page is missing when time counts.
    init(queries: Int, pieces: Int) {
        self.queries = queries
        self.pieces = pieces
        handOvers = .allocate(capacity: queries)
        begins = .allocate(capacity: pieces)
        threads = .allocate(capacity: pieces)
        ends = .allocate(capacity: max(1, pieces))
        handOvers.initialize(repeating: 0)
        begins.initialize(repeating: 0)
        threads.initialize(repeating: 0)
        for piece in 0..<pieces { (ends + piece).initialize(to: Atomic(0)) }
    }

    deinit {
        handOvers.deallocate()
        begins.deallocate()
        threads.deallocate()
        ends.deallocate()
    }

    func handedOver(_ query: Int, at instant: Nanoseconds) { handOvers[query] = instant.count }

    func ran(_ piece: Int, on thread: Int, from begin: Nanoseconds, to end: Nanoseconds) {
        begins[piece] = begin.count
        threads[piece] = Int32(thread)
        ends[piece].store(end.count, ordering: .releasing)
    }

    func handOver(of query: Int) -> Nanoseconds { Nanoseconds(handOvers[query]) }
    /// Meaningful once the piece has ended.
    func begin(of piece: Int) -> Nanoseconds { Nanoseconds(begins[piece]) }
    /// Meaningful once the piece has ended.
    func thread(of piece: Int) -> Int { Int(threads[piece]) }
    /// nil until the piece has ended.
    func end(of piece: Int) -> Nanoseconds? {
        let end = ends[piece].load(ordering: .acquiring)
        return end == 0 ? nil : Nanoseconds(end)
    }
}
