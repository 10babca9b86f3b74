import DatabaseSchema
import Files
import Foundation
import GRDB

/// A look at a file before SQLite may write to it.
///
/// SQLite writes on the slightest occasion: it rolls back a foreign program's journal, creates `-wal` and
/// `-shm` files, checkpoints. So whether a file is ours, and not too new, is found out by means that cannot
/// write.
struct DatabaseFile {
    /// What was found at a path.
    enum State {
        /// Nothing, or a file of no bytes.
        case fresh
        /// A Hercules database with no migration beyond those known here.
        case known
    }

    /// As the caller wrote it, for messages.
    let path: String
    /// Absolute, so that SQLite takes no path for a URI or for a database in memory.
    let absolutePath: String

    init(path: String) {
        self.path = path
        absolutePath = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// Finds out what is at the path and refuses what must not be touched.
    func inspect() throws(StoreError) -> State {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: absolutePath, isDirectory: &isDirectory) else {
            return .fresh
        }
        guard !isDirectory.boolValue else {
            throw .inaccessible(path: path, reason: "found a folder, expected a file")
        }
        let attributes = try? FileManager.default.attributesOfItem(atPath: absolutePath)
        guard attributes?[.type] as? FileAttributeType == .typeRegular else {
            throw .inaccessible(path: path, reason: "found a device, a pipe or a socket, expected a file")
        }
        try requireFilesBeside()
        let header = try readHeader()
        if header.isEmpty { return .fresh }
        guard header.starts(with: Self.magic) else {
            throw .notADatabase(path: path, found: Self.describe(header.prefix(16)))
        }
        guard header.count == Self.headerLength else {
            throw .notADatabase(path: path, found: "a header of \(header.count) bytes instead of 100")
        }
        let applicationID = header[68..<72].reduce(Int32(0)) { $0 << 8 | Int32($1) }
        guard applicationID == DatabaseSchema.applicationID else {
            throw .foreignDatabase(path: path, found: Self.describe(applicationID: applicationID))
        }
        try refuseUnknown(try appliedMigrations())
        return .known
    }

    /// Whether two paths lead to one file.
    func isSame(as other: DatabaseFile) -> Bool {
        if absolutePath == other.absolutePath { return true }
        let identity = FileIdentity(path: absolutePath)
        return identity != nil && identity == FileIdentity(path: other.absolutePath)
    }

    /// Refuses pipes and devices in the place of the files that SQLite keeps beside the database: it would
    /// wait for them.
    private func requireFilesBeside() throws(StoreError) {
        for suffix in ["-wal", "-shm", "-journal"] {
            var status = stat()
            guard stat(absolutePath + suffix, &status) == 0, let kind = FileIdentity.kind(of: status) else {
                continue
            }
            throw .inaccessible(path: path, reason: "found \(kind) at \(path)\(suffix), expected a file")
        }
    }

    /// What keeps a process from writing to the database, in words.
    var obstacle: String {
        let folder = URL(fileURLWithPath: absolutePath).deletingLastPathComponent().path
        guard FileIdentity(path: folder) != nil else { return "there is no folder \(folder)" }
        for place in [absolutePath, folder] where access(place, W_OK) != 0 {
            switch errno {
            case EROFS: return "found a read-only medium, expected one to write to"
            case ENOENT: continue
            default: return "found no permission to write to \(place), expected it"
            }
        }
        var space = statvfs()
        if statvfs(folder, &space) == 0, space.f_bavail * UInt(space.f_frsize) < 1 << 17 {
            return "found no space left beside it, expected some for its log"
        }
        return "SQLite could not open it, or a file beside it"
    }

    /// A connection to a file that nobody can be writing to, without locks and without files beside it.
    /// - Returns: nil where a part of the data is in a log, or the schema is not that of this version.
    func immutable() throws -> DatabaseQueue? {
        guard size(of: absolutePath + "-wal") == 0 else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        guard let queue = try? DatabaseQueue(path: immutableURI, configuration: configuration),
            let applied = try? queue.read({ try Self.appliedMigrations($0) }),
            Set(applied).isSuperset(of: DatabaseSchema.migrations.map(\.name))
        else { return nil }
        return queue
    }

    /// The mode of the file.
    var mode: mode_t {
        var status = stat()
        return stat(absolutePath, &status) == 0 ? status.st_mode & 0o777 : 0o600
    }

    /// Copies what the database holds now, with what still stands in its write-ahead log, also while others
    /// write.
    func copy(to path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
        do {
            let source = try DatabaseQueue(path: absolutePath, configuration: configuration)
            defer { try? source.close() }
            let target = try DatabaseQueue(path: path)
            try source.backup(to: target)
            try target.close()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
            // In a folder that cannot be written to, SQLite cannot make the index that its log needs.
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(atPath: absolutePath, toPath: path)
            if size(of: absolutePath + "-wal") > 0 {
                try FileManager.default.copyItem(atPath: absolutePath + "-wal", toPath: path + "-wal")
            }
        }
    }

    /// Refuses migrations that this version of the tool does not know.
    func refuseUnknown(_ applied: [String]) throws(StoreError) {
        let known = DatabaseSchema.migrations.map(\.name)
        let unknown = applied.filter { !known.contains($0) }.sorted()
        guard unknown.isEmpty else {
            throw .newerDatabase(path: path, unknownMigrations: unknown, newestKnown: known.last ?? "none")
        }
    }

    /// The names of the migrations that a database says it has been through; none where it is empty.
    ///
    /// GRDB's own question asks for the table and then for its rows, and fails where another process makes
    /// the table in between, or where its copy of the schema is out of date.
    static func appliedMigrations(_ database: Database) throws -> [String] {
        let table = try Int.fetchOne(
            database, sql: "SELECT 1 FROM sqlite_master WHERE name = 'grdb_migrations'")
        return table == nil
            ? [] : try String.fetchAll(database, sql: "SELECT identifier FROM grdb_migrations")
    }

    static func describe(applicationID: Int32) -> String {
        "application_id 0x" + String(UInt32(bitPattern: applicationID), radix: 16, uppercase: true)
    }

    private static let magic = Array("SQLite format 3\0".utf8)
    private static let headerLength = 100

    private func readHeader() throws(StoreError) -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: absolutePath))
            defer { try? handle.close() }
            return [UInt8](try handle.read(upToCount: Self.headerLength) ?? Data())
        } catch {
            throw .inaccessible(
                path: path, reason: "no permission to read it (\(error.localizedDescription))")
        }
    }

    private static func describe(_ bytes: some Collection<UInt8>) -> String {
        let isText = bytes.allSatisfy { (0x20..<0x7F).contains($0) }
        return isText
            ? "\"\(String(decoding: bytes, as: UTF8.self))\""
            : "the bytes " + bytes.map { String($0, radix: 16) }.joined(separator: " ")
    }

    /// The migrations applied to the database, read without creating or changing a file beside it.
    private func appliedMigrations() throws(StoreError) -> [String] {
        let hasLog = size(of: absolutePath + "-wal") > 0
        let hasIndex = FileManager.default.fileExists(atPath: absolutePath + "-shm")
        do {
            // A write-ahead log with its index: some process has the database open, or had until it was
            // killed. A read-only connection joins in; it can neither checkpoint nor remove the log.
            if hasLog && hasIndex { return try appliedMigrations(at: absolutePath) }
            // A log alone: nobody has the database open, and opening it would create the index. Read a copy.
            if hasLog { return try appliedMigrationsOfCopy() }
            // No log: everything is in the file itself. Read it as if it were on a read-only medium, without
            // locks.
            do {
                return try appliedMigrations(at: immutableURI)
            } catch {
                // Another process may have written meanwhile, or this SQLite was built without URI names.
                return size(of: absolutePath + "-wal") > 0
                    ? try appliedMigrations(at: absolutePath) : try appliedMigrationsOfCopy()
            }
        } catch {
            throw StoreError(error, path: path, busyTimeoutSeconds: Self.busyTimeoutSeconds)
        }
    }

    private static let busyTimeoutSeconds = 10.0

    private func appliedMigrations(at name: String) throws -> [String] {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
        let queue = try DatabaseQueue(path: name, configuration: configuration)
        defer { try? queue.close() }
        return try queue.read { try Self.appliedMigrations($0) }
    }

    private func appliedMigrationsOfCopy() throws -> [String] {
        let folder = try ScratchFolder()
        return try withExtendedLifetime(folder) {
            let copy = folder.file("copy.sqlite")
            try FileManager.default.copyItem(atPath: absolutePath, toPath: copy)
            if size(of: absolutePath + "-wal") > 0 {
                try FileManager.default.copyItem(atPath: absolutePath + "-wal", toPath: copy + "-wal")
            }
            return try appliedMigrations(at: copy)
        }
    }

    private var immutableURI: String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~")
        let escaped = absolutePath.addingPercentEncoding(withAllowedCharacters: unreserved) ?? absolutePath
        return "file:\(escaped)?immutable=1"
    }

    private func size(of file: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }
}
