import Dispatch
import Foundation

extension Collection where Self: RandomAccessCollection & Sendable, Index == Int, Element: Sendable {
    /// Runs a task for every element side by side, as many at once as there are processors.
    ///
    /// The first error keeps tasks from beginning, and is thrown when those under way have ended.
    /// - Returns: the results in the order of the elements.
    package func concurrentMap<Result: Sendable>(
        _ task: @Sendable (Element) throws -> Result
    ) throws -> [Result] {
        let results = ConcurrentResults<Result>(count: count)
        DispatchQueue.concurrentPerform(iterations: count) { offset in
            guard !results.hasFailed else { return }
            do {
                results.put(try task(self[startIndex + offset]), at: offset)
            } catch {
                results.fail(error)
            }
        }
        return try results.all()
    }
}

/// Results as several threads finish them, and the first error.
private final class ConcurrentResults<Result: Sendable>: @unchecked Sendable {
    // Unchecked: all state is guarded by the lock.
    private let lock = NSLock()
    private var results: [Result?]
    private var failure: (any Error)?

    init(count: Int) { results = Array(repeating: nil, count: count) }

    var hasFailed: Bool { lock.withLock { failure != nil } }

    func put(_ result: Result, at offset: Int) { lock.withLock { results[offset] = result } }
    func fail(_ error: any Error) { lock.withLock { failure = failure ?? error } }

    func all() throws -> [Result] {
        try lock.withLock {
            if let failure { throw failure }
            return results.compactMap { $0 }
        }
    }
}
