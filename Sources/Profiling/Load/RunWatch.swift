import Foundation
import Quantities
import Synchronization

/// Looks on while a run lasts.
protocol RunWatcher: AnyObject, Sendable {
    /// Called several times a second, on one thread that is neither the generator's nor an inference thread,
    /// once before the run begins and once after it has ended.
    func look(at instant: Nanoseconds)
}

/// The thread on which watchers look on.
final class RunWatch: @unchecked Sendable {
    // Unchecked: immutable but for the atomic flag; the semaphore orders the rest.

    private let watchers: [any RunWatcher]
    private let period: Nanoseconds
    private let cores: [Int]
    private let isStopped = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    init(watchers: [any RunWatcher], period: Nanoseconds, cores: [Int]) {
        self.watchers = watchers
        self.period = period
        self.cores = cores
    }

    /// Ten looks a second, and at least ten in a run, though never more than fifty a second.
    static func period(for duration: Nanoseconds) -> Nanoseconds {
        Nanoseconds(min(100_000_000, max(20_000_000, duration.count / 10)))
    }

    /// Takes the first look before it returns.
    func start() {
        guard !watchers.isEmpty else { return }
        lookOnce()
        let thread = Thread { [self] in
            if !cores.isEmpty { ThreadPlacement.hold(to: cores) }
            var next = SystemClock.now() + period
            while !isStopped.load(ordering: .acquiring) {
                // Short sleeps, so that `stop` never waits long.
                let now = SystemClock.now()
                if now < next {
                    SystemClock.sleep(
                        until: min(next, now + Nanoseconds(milliseconds: 20)), watching: .zero)
                    continue
                }
                lookOnce()
                next = next + period
                if next < now { next = now + period }
            }
            lookOnce()
            ended.signal()
        }
        thread.name = "watch"
        thread.start()
    }

    /// Returns after the last look.
    func stop() {
        guard !watchers.isEmpty else { return }
        isStopped.store(true, ordering: .releasing)
        ended.wait()
    }

    private func lookOnce() {
        let now = SystemClock.now()
        for watcher in watchers { watcher.look(at: now) }
    }
}
