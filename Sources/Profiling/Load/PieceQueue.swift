import CNative
import Quantities
import Synchronization

/// A queue whose contents are known before it opens: the generator moves its end forward, and the inference
/// threads take positions from its head, first come, first served.
///
/// Neither side takes a lock. Handing over is one store; taking is one compare-and-exchange. Idle threads
/// sleep on a word of memory, and the generator makes a system call only while some thread sleeps.
final class PieceQueue: @unchecked Sendable {
    // Unchecked: the words are atomic; the block they lie in lives as long as this object.

    /// What changes, each on cache lines of its own, so that the generator's stores do not slow the threads'
    /// takes.
    private let block: UnsafeMutableRawPointer
    private let published: UnsafeMutablePointer<Atomic<Int>>
    private let taken: UnsafeMutablePointer<Atomic<Int>>
    /// Threads that sleep or are about to.
    private let sleepers: UnsafeMutablePointer<Atomic<Int>>
    /// Changes with every wake-up call; sleepers wait on it.
    private let calls: UnsafeMutablePointer<Atomic<UInt32>>
    private let closed: UnsafeMutablePointer<Atomic<Bool>>
    /// How often a thread looks again before it sleeps.
    private let looks: Int

    private static let stride = 128

    /// - Parameter looks: how often an idle thread looks for work before it sleeps; about 20 ns each.
    init(looks: Int) {
        self.looks = looks
        block = .allocate(byteCount: 5 * Self.stride, alignment: Self.stride)
        published = block.bindMemory(to: Atomic<Int>.self, capacity: 1)
        taken = (block + Self.stride).bindMemory(to: Atomic<Int>.self, capacity: 1)
        sleepers = (block + 2 * Self.stride).bindMemory(to: Atomic<Int>.self, capacity: 1)
        calls = (block + 3 * Self.stride).bindMemory(to: Atomic<UInt32>.self, capacity: 1)
        closed = (block + 4 * Self.stride).bindMemory(to: Atomic<Bool>.self, capacity: 1)
        published.initialize(to: Atomic(0))
        taken.initialize(to: Atomic(0))
        sleepers.initialize(to: Atomic(0))
        calls.initialize(to: Atomic(0))
        closed.initialize(to: Atomic(false))
    }

    deinit { block.deallocate() }

    /// Makes every position below `end` available.
    func publish(upTo end: Int) {
        let added = end - published.pointee.load(ordering: .relaxed)
        published.pointee.store(end, ordering: .sequentiallyConsistent)
        let sleeping = sleepers.pointee.load(ordering: .sequentiallyConsistent)
        if sleeping > 0 { wake(min(sleeping, added)) }
    }

    /// Nothing more will be published: threads get what is left, then nil.
    func close() {
        closed.pointee.store(true, ordering: .sequentiallyConsistent)
        wake(Int(Int32.max))
    }

    /// Nothing more will be taken either.
    func abandon() {
        taken.pointee.store(Int.max / 2, ordering: .sequentiallyConsistent)
        close()
    }

    /// The first position that no thread has taken; nil when all that was published is taken.
    var head: Int? {
        let head = taken.pointee.load(ordering: .relaxed)
        return head < published.pointee.load(ordering: .relaxed) ? head : nil
    }

    /// The next position, in order; waits for one, and is nil once the queue is closed and empty.
    func take() -> Int? {
        var looked = 0
        while true {
            if let position = tryTake() { return position }
            if closed.pointee.load(ordering: .acquiring) {
                // What was published before the close is visible by now.
                return tryTake()
            }
            if looked < looks {
                looked += 1
                cnative_pause()
                continue
            }
            let call = calls.pointee.load(ordering: .sequentiallyConsistent)
            sleepers.pointee.add(1, ordering: .sequentiallyConsistent)
            // Whoever publishes after this look sees the sleeper; whoever published before is seen here.
            if !hasWork && !closed.pointee.load(ordering: .sequentiallyConsistent) {
                cnative_wait_while(calls, call)
            }
            sleepers.pointee.subtract(1, ordering: .sequentiallyConsistent)
            looked = 0
        }
    }

    /// The position that `take` gives next, taken only where it is published already.
    func takePublished() -> Int? { tryTake() }

    /// Whether nothing more will be published.
    var isClosed: Bool { closed.pointee.load(ordering: .acquiring) }

    /// Waits until something is published, the queue is closed, or an instant has come.
    func wait(until instant: Nanoseconds) {
        let call = calls.pointee.load(ordering: .sequentiallyConsistent)
        sleepers.pointee.add(1, ordering: .sequentiallyConsistent)
        if !hasWork && !closed.pointee.load(ordering: .sequentiallyConsistent) {
            cnative_wait_while_for(calls, call, (instant - SystemClock.now()).count)
        }
        sleepers.pointee.subtract(1, ordering: .sequentiallyConsistent)
    }

    private var hasWork: Bool {
        taken.pointee.load(ordering: .sequentiallyConsistent)
            < published.pointee.load(ordering: .sequentiallyConsistent)
    }

    private func tryTake() -> Int? {
        var position = taken.pointee.load(ordering: .relaxed)
        while position < published.pointee.load(ordering: .acquiring) {
            let result = taken.pointee.weakCompareExchange(
                expected: position, desired: position + 1, ordering: .relaxed)
            if result.exchanged { return position }
            position = result.original
        }
        return nil
    }

    private func wake(_ threads: Int) {
        calls.pointee.add(1, ordering: .sequentiallyConsistent)
        cnative_wake(calls, Int32(clamping: threads))
    }
}
