import Foundation
import Vocabulary

/// The pool drawn last, kept because consecutive cells of a profile run the same model.
final class InputPoolCache: @unchecked Sendable {
    // Unchecked: the pool is guarded by the lock.

    private let cacheBytes: Int
    private let itemsLeast: Int
    private let seed: UInt64
    private let lock = NSLock()
    private var last: (inputs: [ModelInput], windowMax: Int, pool: InputPool)?

    init(cacheBytes: Int, itemsLeast: Int = InputPool.itemsLeast, seed: UInt64) {
        self.cacheBytes = cacheBytes
        self.itemsLeast = itemsLeast
        self.seed = seed
    }

    /// A pool whose windows may hold so many items.
    func pool(for inputs: [ModelInput], windowMax: Int) -> InputPool {
        lock.lock()
        defer { lock.unlock() }
        if let last, last.inputs == inputs, last.windowMax >= windowMax { return last.pool }
        // Freed first: a pool may take hundreds of megabytes.
        last = nil
        let pool = InputPool(
            drawing: inputs, windowMax: windowMax, cacheBytes: cacheBytes, itemsLeast: itemsLeast, seed: seed)
        last = (inputs, windowMax, pool)
        return pool
    }
}
