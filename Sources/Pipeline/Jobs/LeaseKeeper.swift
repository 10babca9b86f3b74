import Dispatch
import Foundation
import Profiling
import Quantities
import Store
import Vocabulary

/// Keeps the leases of cells from running out while they are worked on, and gives them back where the process
/// is told to end.
final class LeaseKeeper: @unchecked Sendable {
    // Unchecked: the leases are guarded by the lock.

    private let store: Store
    private let duration: Nanoseconds
    private let lock = NSLock()
    private var leases: [CellLease] = []
    private let timer: any DispatchSourceTimer
    private let progress: any ProgressListener

    /// From here on an interrupt, or a request to end, gives the leases back before it ends the process.
    /// - Parameter duration: of a lease; it is renewed three times as often.
    init(store: Store, duration: Nanoseconds, progress: any ProgressListener) {
        self.store = store
        self.duration = duration
        self.progress = progress
        // Before any thread is made, as threads take over which signals wait.
        let signals = Self.holdBackSignals()
        timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + duration.seconds / 3, repeating: duration.seconds / 3)
        timer.setEventHandler { [weak self] in self?.renew() }
        timer.resume()
        Thread.detachNewThread { [weak self] in
            var signals = signals
            var number: Int32 = 0
            guard sigwait(&signals, &number) == 0 else { return }
            self?.release()
            // Ended as the system would have ended it: who waits for the process sees that a signal did.
            signal(number, SIG_DFL)
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            kill(getpid(), number)
        }
    }

    deinit { timer.cancel() }

    /// Lets the signals that ask a process to end wait for the thread that asks for them.
    private static func holdBackSignals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        return signals
    }

    /// Since 1970-01-01T00:00:00Z.
    static var now: Nanoseconds { Nanoseconds(seconds: Date().timeIntervalSince1970) }

    /// Keeps a lease from now on.
    func keep(_ lease: CellLease) { lock.withLock { leases.append(lease) } }

    /// Keeps it no longer.
    func forget(_ lease: CellLease) { lock.withLock { leases.removeAll { $0 == lease } } }

    /// Held while the store is asked, so that a lease is not given back and completed at once.
    private func release() {
        lock.withLock {
            for lease in leases { try? store.release(lease) }
            leases = []
        }
        progress.note("interrupted; what was begun is given back, and the same command goes on from here")
    }

    /// A renewal that fails is tried again in a third of the lease's time; completing the cell then finds
    /// out.
    private func renew() {
        lock.withLock {
            for lease in leases { _ = try? store.renew(lease, until: Self.now + duration) }
        }
    }
}

extension JobWorkerIdentity {
    /// Who holds the leases of this process.
    init(ofThisProcessOn host: Vocabulary.Host) {
        let process = ProcessIdentity.current
        self.init(
            host: host.name, machine: process.machine, processID: process.number, processStart: process.start)
    }
}
