import Foundation
import Quantities

/// Takes several pieces off a queue for one batch, as serving systems do that batch dynamically.
///
/// A thread that is free takes the head of the queue and every piece behind it that still fits, and waits for
/// more until the head has waited long enough. One thread at a time collects: what comes next joins its
/// batch, and not that of another thread that happens to be idle.
final class PieceJoiner: @unchecked Sendable {
    // Unchecked: the lock guards the collecting; the rest never changes.

    private let queue: PieceQueue
    private let pieces: [Piece]
    private let itemsMax: Int
    private let wait: Nanoseconds
    private let handOver: (Int) -> Nanoseconds
    private let collecting = NSLock()
    /// A position that was taken off the queue and did not fit. Guarded by the lock.
    private var left: Int?

    /// - Parameters:
    ///   - itemsMax: D.
    ///   - wait: how long the first piece of a batch waits for others.
    ///   - handOver: when a query was handed over.
    init(
        _ queue: PieceQueue, pieces: [Piece], itemsMax: Int, wait: Nanoseconds,
        handOver: @escaping (Int) -> Nanoseconds
    ) {
        self.queue = queue
        self.pieces = pieces
        self.itemsMax = itemsMax
        self.wait = wait
        self.handOver = handOver
    }

    /// The positions of the next batch, in a row; waits for the first, and is nil once the queue is closed
    /// and empty.
    func take() -> Range<Int>? {
        collecting.lock()
        defer { collecting.unlock() }
        guard let first = left ?? queue.take() else { return nil }
        left = nil
        var end = first + 1
        var items = Int(pieces[first].items)
        let deadline = handOver(Int(pieces[first].query)) + wait
        while items < itemsMax {
            guard let next = queue.takePublished() else {
                let now = SystemClock.now()
                if now >= deadline || queue.isClosed { break }
                queue.wait(until: deadline)
                continue
            }
            // A queue that was abandoned meanwhile gives nothing, and positions come in a row.
            guard items + Int(pieces[next].items) <= itemsMax else {
                left = next
                break
            }
            items += Int(pieces[next].items)
            end = next + 1
        }
        return first..<end
    }
}
