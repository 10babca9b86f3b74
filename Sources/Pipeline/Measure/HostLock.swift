import Foundation
import Profiling
import Vocabulary

/// Keeps measurements on one host apart: two at once on the same cores would measure one another.
///
/// Held only while a model is compiled and measured; everything else overlaps. Processes on disjoint cores do
/// not wait.
public final class HostLock {
    private let locks: ResourceLocks
    /// What is written into the locks, for other processes' warnings.
    private let activity: String
    private let isShared: Bool
    private let progress: any ProgressListener
    private var warned: Set<ResourceHolder> = []
    private var isUnusable = false
    /// How many times the cores were taken and not given back: who holds them may take them again.
    private var depth = 0

    /// - Parameters:
    ///   - isShared: whether to measure beside others after a warning, instead of waiting for them.
    ///   - locks: the cores of this process unless given.
    public init(
        activity: String, isShared: Bool, progress: any ProgressListener,
        locks: ResourceLocks = ResourceLocks()
    ) {
        self.activity = activity
        self.isShared = isShared
        self.progress = progress
        self.locks = locks
    }

    /// Takes the cores if nobody measures on them. Says once who does.
    /// - Returns: whether measuring may begin.
    package func tryBegin() -> Bool {
        guard depth == 0, !isUnusable else {
            depth += 1
            return true
        }
        guard mayBegin() else { return false }
        depth = 1
        return true
    }

    private func mayBegin() -> Bool {
        let holders: [ResourceHolder]
        do throws(ResourceLocks.Failure) {
            holders = try locks.tryAcquire(for: activity)
        } catch {
            isUnusable = true
            progress.note("\(error): cannot see whether others measure on this host; measuring all the same")
            return true
        }
        if holders.isEmpty { return true }
        // One that has only just begun has not written down who it is.
        for holder in holders where holder.processID > 0 && warned.insert(holder).inserted {
            progress.note(
                isShared
                    ? """
                    warning: \(holder) measures at the same time on \(locks.resources); both sets of \
                    numbers
                    """
                        + " are disturbed, as was asked for"
                    : "waiting: \(holder) measures on \(locks.resources), and two at once would disturb each "
                        + "other's numbers; `hercules profile` can also be told to share the host")
        }
        return isShared
    }

    /// Gives the cores back, once for each time they were taken.
    package func end() {
        guard depth > 0 else { return }
        depth -= 1
        if depth == 0 { locks.release() }
    }

    /// Measures alone, however long it takes until that is possible.
    package func alone<Value>(_ body: () throws -> Value) rethrows -> Value {
        while !tryBegin() { Thread.sleep(forTimeInterval: 0.05) }
        defer { end() }
        return try body()
    }
}
