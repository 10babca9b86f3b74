import Foundation
import Vocabulary

/// The pool drawn last, kept because consecutive cells of a profile run the same model.
final class InputPoolCache: @unchecked Sendable {
    // Unchecked: the pool is guarded by the lock.

    private let cacheBytes: Int
    private let repeatsWindow: Bool
    private let seed: UInt64
    private let lock = NSLock()
    private var last: (inputs: [ModelInput], windowMax: Int, pool: InputPool)?

    /// - Parameter repeatsWindow: whether a pool holds one window that comes again and again.
    init(cacheBytes: Int, repeatsWindow: Bool = false, seed: UInt64) {
        self.cacheBytes = cacheBytes
        self.repeatsWindow = repeatsWindow
        self.seed = seed
    }

    /// A pool whose windows may hold so many items.
    func pool(for inputs: [ModelInput], windowMax: Int) -> InputPool {
        lock.lock()
        defer { lock.unlock() }
        let fits = last.map { repeatsWindow ? $0.windowMax == windowMax : $0.windowMax >= windowMax } ?? false
        if let last, last.inputs == inputs, fits { return last.pool }
        // Freed first: a pool may take hundreds of megabytes.
        last = nil
        let pool =
            repeatsWindow
            ? InputPool(inputs: inputs, items: InputPool.aligned(windowMax), seed: seed)
            : InputPool(drawing: inputs, windowMax: windowMax, cacheBytes: cacheBytes, seed: seed)
        last = (inputs, windowMax, pool)
        return pool
    }
}
