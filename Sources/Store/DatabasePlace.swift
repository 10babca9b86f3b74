import Files
import Foundation
import GRDB

/// Where a database was when it was opened, so that one that is renamed, deleted or replaced meanwhile is
/// noticed.
///
/// SQLite keeps working on the file it has open, and leaves the log beside the old name, where it would be
/// taken for a part of whatever file stands there next.
final class DatabasePlace: @unchecked Sendable {
    // Unchecked: what changes is guarded by the lock; the queue is safe by itself.

    /// nil where the file was gone at once.
    let identity: FileIdentity?
    fileprivate let path: String
    private let absolutePath: String
    private let queue: DatabaseQueue
    private let lock = NSLock()
    private var hasLeft = false

    init(_ file: DatabaseFile, _ queue: DatabaseQueue) {
        path = file.path
        absolutePath = file.absolutePath
        identity = FileIdentity(path: absolutePath)
        self.queue = queue
    }

    /// Whether another file stands there now, or none.
    var isDisplaced: Bool { identity == nil || FileIdentity(path: absolutePath) != identity }

    /// Folds the log into a file that has been displaced, so that nothing of it meets another file.
    /// - Returns: whether the file had been displaced.
    @discardableResult
    func leave() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard !hasLeft else { return false }
        hasLeft = true
        guard isDisplaced else { return false }
        OpenDatabases.noteDisplaced(path)
        try? queue.writeWithoutTransaction { database in
            _ = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        // Nothing stands there any more that an empty log could belong to.
        if FileIdentity(path: absolutePath) == nil {
            for suffix in ["-wal", "-shm"] { unlink(absolutePath + suffix) }
        }
        return true
    }
}

/// The databases that this process has open, and those it found displaced.
public enum OpenDatabases {
    private final class Reference {
        weak var place: DatabasePlace?
        init(_ place: DatabasePlace) { self.place = place }
    }

    private static let lock = NSLock()
    // Unchecked: guarded by the lock.
    nonisolated(unsafe) private static var references: [Reference] = []
    nonisolated(unsafe) private static var displaced: [String] = []

    static func add(_ place: DatabasePlace) {
        lock.withLock { references = references.filter { $0.place != nil } + [Reference(place)] }
    }

    static func noteDisplaced(_ path: String) { lock.withLock { displaced.append(path) } }

    /// Looks for the last time whether every database is still in its place, before a process says that it
    /// is done.
    /// - Throws: `StoreError.displaced`.
    public static func leave() throws(StoreError) {
        for place in lock.withLock({ references.compactMap(\.place) }) { place.leave() }
        if let path = lock.withLock({ displaced.first }) { throw .displaced(path: path) }
    }
}

/// A database that cannot be written to, on a read-only medium or in somebody else's folder.
final class ReadOnlyDatabase: Sendable {
    let queue: DatabaseQueue
    /// Goes when the database is let go.
    private let copy: DatabaseCopy?

    /// Reads the file itself where everything is in it, and no process can be writing to it; else a copy.
    init(_ file: DatabaseFile) throws {
        if let queue = try file.immutable() {
            self.queue = queue
            copy = nil
        } else {
            let copy = try DatabaseCopy(of: file)
            var configuration = Configuration()
            configuration.readonly = true
            queue = try DatabaseQueue(path: copy.path, configuration: configuration)
            self.copy = copy
        }
    }
}
