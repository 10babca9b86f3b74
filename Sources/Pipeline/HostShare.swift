import Foundation
import Profiling
import Vocabulary

/// Keeps measurements on one host apart: two at once on the same cores would measure one another.
///
/// Held only while a model is compiled and measured; everything else overlaps. Processes on disjoint cores do
/// not wait.
public final class HostShare {
    private let locks: ResourceLocks
    /// What is written into the locks, for other processes' warnings.
    private let activity: String
    private let isShared: Bool
    private let progress: any ProgressListener
    private var warned: Set<ResourceHolder> = []
    private var isUnusable = false

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
    func tryBegin() -> Bool {
        guard !isUnusable else { return true }
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
                    ? "warning: \(holder) measures at the same time on \(locks.resources); both sets of numbers "
                        + "are disturbed, as was asked for"
                    : "waiting: \(holder) measures on \(locks.resources), and two at once would disturb each "
                        + "other's numbers; `hercules profile` can also be told to share the host")
        }
        return isShared
    }

    func end() { locks.release() }

    /// Measures alone, however long it takes until that is possible.
    func alone<Value>(_ body: () throws -> Value) rethrows -> Value {
        while !tryBegin() { Thread.sleep(forTimeInterval: 0.05) }
        defer { end() }
        return try body()
    }
}

extension Workbench {
    /// The turns that measurements of this scenario take with those of other processes.
    func hostShare() -> HostShare {
        HostShare(activity: "hercules on scenario \(scenario.id)", isShared: sharesHost, progress: progress)
    }
}
