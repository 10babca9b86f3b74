import DatabaseSchema
import Files
import Foundation
import GRDB

/// A Hercules database: one SQLite file that keeps what was measured, searched, planned and replayed.
///
/// Calls from several threads take turns. Several processes may work on one file at once: readers never wait,
/// and writers wait for one another up to the busy timeout. Every call that saves is one transaction, and
/// what it saved has reached the disk when it returns (write-ahead log, `synchronous = FULL`): a process
/// killed at any moment loses nothing that was saved, and leaves nothing half saved.
public final class Store: Sendable {
    /// What to do where there is no database yet.
    public enum Access: Hashable, Sendable {
        /// Make one.
        case createIfMissing
        /// Report `StoreError.missing`: a verb that only reads should not leave an empty file behind a typing
        /// error.
        case existing
    }

    /// The file, as the caller named it.
    public let path: String

    private let queue: DatabaseQueue
    private let busyTimeoutSeconds: Double
    private let place: DatabasePlace
    /// Whether the imported rows have been compared with their digests.
    let importsAreIntact = LockedFlag()
    /// Where the file and its folder cannot be written to: the copy that is read in its place, if there is
    /// one.
    private let readOnly: ReadOnlyDatabase?

    /// Opens a database, and brings an older schema up to date.
    ///
    /// A file that is not a Hercules database, or that a newer version of the tool has migrated, is refused
    /// before anything in it or beside it changes.
    /// - Parameters:
    ///   - path: The file; relative to the working directory unless it starts with a slash.
    ///   - access: Whether a missing file is made.
    ///   - busyTimeoutSeconds: How long to wait for other processes' writes before `StoreError.busy`.
    public init(
        path: String, access: Access = .createIfMissing, busyTimeoutSeconds: Double = 30
    ) throws(StoreError) {
        self.path = path
        self.busyTimeoutSeconds = busyTimeoutSeconds
        let file = DatabaseFile(path: path)
        let state = try file.inspect()
        if state == .fresh && access == .existing { throw .missing(path: path) }
        if state == .fresh { try Self.requireFolder(of: file) }
        let earlier = FileIdentity(path: file.absolutePath)
        do {
            (queue, readOnly) = try Self.open(
                file, isReadOnlyAllowed: access == .existing, busyTimeoutSeconds: busyTimeoutSeconds)
        } catch {
            throw StoreError(error, path: path, busyTimeoutSeconds: busyTimeoutSeconds)
        }
        place = DatabasePlace(file, queue)
        guard earlier == nil || place.identity == earlier else { throw .displaced(path: path) }
        OpenDatabases.add(place)
    }

    deinit { place.leave() }

    /// Closes the connection, which folds the write-ahead log into the file if no other process has it open.
    /// Later calls fail. A store that is let go closes by itself.
    public func close() throws(StoreError) {
        let isDisplaced = place.leave()
        try translating { try queue.close() }
        if isDisplaced { throw .displaced(path: path) }
    }

    /// Limits the size the file may grow to over this connection, in pages of 4096 bytes; writes beyond it
    /// fail with `StoreError.diskFull`. The limit is not stored.
    package func setSizeLimit(pages: Int) throws(StoreError) {
        try translating {
            try queue.writeWithoutTransaction { database in
                _ = try Row.fetchOne(database, sql: "PRAGMA max_page_count = \(pages)")
            }
        }
    }

    /// Runs a closure in one read transaction.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try translating { try queue.read(body) }
    }

    /// Runs a closure in one write transaction: all of it is saved, or none.
    func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try changing {
            try queue.write { database in
                let value = try body(database)
                // Nothing is saved in a file that is no longer where people look for it.
                try requireInPlace()
                return value
            }
        }
    }

    /// Runs a closure that manages its transactions itself, as rewriting the file must.
    func writeOutsideTransaction<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try changing { try queue.writeWithoutTransaction(body) }
    }

    /// Runs a closure in one write transaction with another database file in reach under a name.
    func withAttached<Value>(
        _ file: String, as name: String, _ body: (Database) throws -> Value
    ) throws(StoreError) -> Value {
        try changing {
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "ATTACH DATABASE ? AS \(name)", arguments: [file])
                defer { try? database.execute(sql: "DETACH DATABASE \(name)") }
                var result: Value?
                try database.inTransaction(.immediate) {
                    result = try body(database)
                    try requireInPlace()
                    return .commit
                }
                guard let result else { throw DatabaseError(message: "the transaction gave nothing") }
                return result
            }
        }
    }

    /// Runs a closure that writes, where the file can be written to and is still in its place, before and
    /// after.
    private func changing<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        if readOnly != nil { throw .inaccessible(path: path, reason: DatabaseFile(path: path).obstacle) }
        try requireInPlace()
        let value = try translating(body)
        try requireInPlace()
        return value
    }

    private func requireInPlace() throws(StoreError) {
        if place.isDisplaced { throw .displaced(path: path) }
    }

    private func translating<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try body()
        } catch {
            throw StoreError(error, path: path, busyTimeoutSeconds: busyTimeoutSeconds)
        }
    }

    private static func requireFolder(of file: DatabaseFile) throws(StoreError) {
        let folder = URL(fileURLWithPath: file.absolutePath).deletingLastPathComponent().path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue
        else {
            throw .inaccessible(path: file.path, reason: "there is no folder \(folder)")
        }
    }
}

extension Store {
    /// Opens a database for reading and writing, or for reading alone where nothing else can be done.
    private static func open(
        _ file: DatabaseFile, isReadOnlyAllowed: Bool, busyTimeoutSeconds: Double
    ) throws -> (DatabaseQueue, ReadOnlyDatabase?) {
        do {
            return (try open(file, busyTimeoutSeconds: busyTimeoutSeconds), nil)
        } catch let error as DatabaseError
            where isReadOnlyAllowed && error.leavesReading
            && FileIdentity(path: file.absolutePath) != nil
        {
            let readOnly = try ReadOnlyDatabase(file)
            return (readOnly.queue, readOnly)
        }
    }

    private static func open(_ file: DatabaseFile, busyTimeoutSeconds: Double) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        let queue = try DatabaseQueue(path: file.absolutePath, configuration: configuration)
        let isClaimed = try queue.read { try applicationID($0) == DatabaseSchema.applicationID }
        if !isClaimed { try queue.write { try claim($0, file) } }
        try useWriteAheadLog(queue, timeoutSeconds: busyTimeoutSeconds)
        try migrate(queue, file)
        return queue
    }

    /// Marks an empty database as ours. This precedes the write-ahead log, so the mark always stands in the
    /// main file, where `DatabaseFile` looks for it.
    ///
    /// A process killed while it did this may leave the mark together with the journal that takes it back, so
    /// that a file may look claimed, and be empty once SQLite has opened it.
    private static func claim(_ database: Database, _ file: DatabaseFile) throws {
        let found = try applicationID(database)
        if found == DatabaseSchema.applicationID { return }
        let objects = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        guard found == 0 && objects == 0 else {
            throw StoreError.foreignDatabase(
                path: file.path, found: DatabaseFile.describe(applicationID: found))
        }
        try database.execute(sql: "PRAGMA application_id = \(DatabaseSchema.applicationID)")
    }

    private static func applicationID(_ database: Database) throws -> Int32 {
        try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    }

    /// The journal mode is stored in the file, so this writes only once in its life. SQLite does not wait for
    /// other connections here, hence the loop.
    private static func useWriteAheadLog(_ queue: DatabaseQueue, timeoutSeconds: Double) throws {
        let deadline = Date(timeIntervalSinceNow: timeoutSeconds)
        while true {
            do {
                let mode = try queue.writeWithoutTransaction { database in
                    let current = try String.fetchOne(database, sql: "PRAGMA journal_mode")
                    return current == "wal"
                        ? current : try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
                }
                guard mode == "wal" else {
                    throw DatabaseError(
                        message:
                            "the journal mode is \(mode ?? "unknown"), expected wal: the file system does"
                            + " not support shared memory")
                }
                return
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && Date() < deadline {
                Thread.sleep(forTimeInterval: 0.005)
            }
        }
    }

    private static func migrate(_ queue: DatabaseQueue, _ file: DatabaseFile) throws {
        var migrator = DatabaseMigrator()
        for migration in DatabaseSchema.migrations {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        var applied = Set(try queue.read { try DatabaseFile.appliedMigrations($0) })
        let isOlder = !applied.isEmpty && !applied.isSuperset(of: migrator.migrations)
        while !applied.isSuperset(of: migrator.migrations) {
            do {
                try migrator.migrate(queue)
                break
            } catch {
                // Two processes may start on one new file, and the second to run a migration then fails on
                // what the first has made. Each migration is atomic, so as long as others get on, so can we.
                let now = Set(try queue.read { try DatabaseFile.appliedMigrations($0) })
                guard now.count > applied.count else { throw error }
                applied = now
            }
        }
        // What was saved under an older schema may lie in other rows now.
        if isOlder { try queue.write { try OutcomeDigests($0).sealAll() } }
        // A newer version may have come between the look at the file and the migration.
        try file.refuseUnknown(try queue.read { try DatabaseFile.appliedMigrations($0) })
    }
}

extension DatabaseError {
    /// Whether what keeps a database from being opened is that nothing can be written beside it.
    fileprivate var leavesReading: Bool {
        [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(resultCode) || isWithoutSpaceForIndex
    }

    /// The index of the log is a file too.
    fileprivate var isWithoutSpaceForIndex: Bool { extendedResultCode == .SQLITE_IOERR_SHMSIZE }
}

extension StoreError {
    /// Translates what GRDB and SQLite report; a `StoreError` passes through.
    init(_ error: any Error, path: String, busyTimeoutSeconds: Double) {
        if let error = error as? StoreError {
            self = error
            return
        }
        if let error = error as? OutputRefusal {
            self = .notWritten(error)
            return
        }
        guard let error = error as? DatabaseError else {
            self = .sqlite(path: path, message: "\(error)")
            return
        }
        // GRDB's own description also prints the statement's arguments, which may be long blobs.
        let message = "SQLite error \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self = .busy(path: path, seconds: busyTimeoutSeconds, message: message)
        case .SQLITE_FULL:
            self = .diskFull(path: path, message: message)
        case .SQLITE_IOERR where error.isWithoutSpaceForIndex:
            self = .diskFull(path: path, message: message)
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
            self = .valueRefused(path: path, message: message)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .damaged(path: path, message: message)
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self = .inaccessible(path: path, reason: "\(DatabaseFile(path: path).obstacle) (\(message))")
        default:
            self = .sqlite(path: path, message: message)
        }
    }
}
