import Dispatch
import Foundation

/// Passes pieces from the threads of a pipeline's first stage to those of its second, first in, first out.
///
/// A piece holds one of a fixed number of slots from before its first stage until its second has ended. Where
/// the second stage falls behind, slots run out and the first stage waits: the backlog then stands in front
/// of the pipeline, where it can be seen, and memory stays bounded.
final class HandOver: @unchecked Sendable {
    // Unchecked: all state is guarded by the lock; semaphores are thread-safe.

    /// A piece on its way.
    struct Item {
        var piece: Int
        var slot: Int
    }

    private let lock = NSLock()
    /// Counts free slots, and one more once the queue is abandoned.
    private let free = DispatchSemaphore(value: 0)
    /// Counts waiting items, and one more once the queue is closed or abandoned.
    private let filled = DispatchSemaphore(value: 0)
    private var slots: [Int]
    /// A ring: no more items wait than there are slots.
    private var ring: [Item]
    private var (head, waiting) = (0, 0)
    private var (isClosed, isAbandoned) = (false, false)

    /// - Precondition: there is a slot.
    init(slots count: Int) {
        precondition(count >= 1, "a pipeline needs a slot")
        // Taken from the end: slot 0 first.
        slots = (0..<count).reversed()
        ring = Array(repeating: Item(piece: 0, slot: 0), count: count)
        // Semaphores that begin above zero must not end below that.
        for _ in 0..<count { free.signal() }
    }

    /// Waits for a free slot; nil once the queue is abandoned.
    func takeSlot() -> Int? {
        free.wait()
        let slot = lock.withLock { isAbandoned ? nil : slots.popLast() }
        // Whoever else waits is to know as well.
        if slot == nil { free.signal() }
        return slot
    }

    /// Gives a slot back.
    func giveBack(_ slot: Int) {
        lock.withLock { slots.append(slot) }
        free.signal()
    }

    /// Hands a piece over with its slot. Never waits.
    func put(_ item: Item) {
        lock.withLock {
            ring[(head + waiting) % ring.count] = item
            waiting += 1
        }
        filled.signal()
    }

    /// The item that has waited longest; waits for one, and is nil once the queue is closed and empty, or
    /// abandoned.
    func take() -> Item? {
        filled.wait()
        let item: Item? = lock.withLock {
            guard !isAbandoned, waiting > 0 else { return nil }
            defer {
                head = (head + 1) % ring.count
                waiting -= 1
            }
            return ring[head]
        }
        if item == nil { filled.signal() }
        return item
    }

    /// Nothing more will be handed over: the second stage gets what waits, then nil.
    func close() {
        lock.withLock { isClosed = true }
        filled.signal()
    }

    /// Nothing more will be taken, neither slots nor items.
    func abandon() {
        lock.withLock { isAbandoned = true }
        free.signal()
        filled.signal()
    }
}
