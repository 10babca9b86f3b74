import Foundation

/// Keeps the first error that any of several threads met.
final class FirstFailure: @unchecked Sendable {
    // Unchecked: the error is guarded by the lock.
    private let lock = NSLock()
    private var error: ProfilingError?

    func record(_ error: ProfilingError) {
        lock.lock()
        defer { lock.unlock() }
        self.error = self.error ?? error
    }

    func rethrow() throws(ProfilingError) {
        lock.lock()
        defer { lock.unlock() }
        if let error { throw error }
    }
}
