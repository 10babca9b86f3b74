import DatabaseSchema
import Foundation
import GRDB
import Store
import Testing

/// Files that are not to be touched, and that stay as they were to the byte.
@Suite struct RefusalTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Opens the file and returns the error, after checking that nothing in the folder has changed.
    private func refusal(_ name: String = "test.sqlite", access: Store.Access = .createIfMissing) throws
        -> StoreError?
    {
        let before = try folder.contents()
        var refusal: StoreError?
        do {
            _ = try Store(path: folder.path(name), access: access)
        } catch {
            refusal = error
        }
        #expect(try folder.contents() == before, "a refused file or its folder has changed")
        return refusal
    }

    private func makeNewer(_ path: String) throws {
        try Store.filled(at: path).close()
        let connection = try rawConnection(path)
        try connection.write { database in
            try database.execute(
                sql: """
                    INSERT INTO grdb_migrations VALUES ('V998-more'), ('V999-future');
                    CREATE TABLE future (id INTEGER PRIMARY KEY) STRICT;
                    """)
        }
        try connection.close()
    }

    private func expectNewer(_ error: StoreError?) {
        let expected = StoreError.newerDatabase(
            path: folder.path(), unknownMigrations: ["V998-more", "V999-future"],
            newestKnown: DatabaseSchema.migrations.last?.name ?? "")
        #expect(error == expected)
        #expect(error?.description.contains("V999-future") == true)
    }

    @Test func aNewerDatabaseIsLeftUntouched() throws {
        try makeNewer(folder.path())
        #expect(try folder.contents().keys.sorted() == ["test.sqlite"])
        expectNewer(try refusal())
    }

    @Test func aNewerDatabaseWithAnUnusualNameIsLeftUntouched() throws {
        let name = "50% of #1?mode=ro é.sqlite"
        try makeNewer(folder.path(name))
        guard case .newerDatabase = try refusal(name) else {
            Issue.record("expected a newer database")
            return
        }
    }

    @Test func aNewerDatabaseInUseIsLeftUntouched() throws {
        try makeNewer(folder.path())
        let newer = try rawConnection(folder.path())
        try newer.write { try $0.execute(sql: "INSERT INTO future VALUES (1)") }
        let before = try folder.contents()
        #expect(before.keys.sorted() == ["test.sqlite", "test.sqlite-shm", "test.sqlite-wal"])
        expectNewer(try openingError())
        // The index file is shared memory, in which a reader leaves its mark; the data are the other two.
        let after = try folder.contents()
        for name in ["test.sqlite", "test.sqlite-wal"] { #expect(after[name] == before[name]) }
        try newer.close()
    }

    /// The newer tool's migration may stand only in the write-ahead log, of a process that was killed.
    @Test func aNewerDatabaseKnownOnlyFromItsLogIsLeftUntouched() throws {
        let live = try TemporaryFolder()
        try Store(path: live.path()).close()
        let newer = try rawConnection(live.path())
        try newer.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('V998-more'), ('V999-future')")
        }
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(
                atPath: live.path() + suffix, toPath: folder.path() + suffix)
        }
        try newer.close()
        expectNewer(try refusal())
        #expect(try folder.contents().keys.sorted() == ["test.sqlite", "test.sqlite-wal"])
    }

    private func openingError() throws -> StoreError? {
        do {
            _ = try Store(path: folder.path())
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["DELETE", "WAL"]) func anotherProgramsDatabaseIsLeftUntouched(journal: String) throws {
        let connection = try rawConnection(folder.path())
        try connection.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = \(journal); CREATE TABLE bookmark (url TEXT)")
        }
        try connection.close()
        #expect(
            try refusal() == .foreignDatabase(path: folder.path(), found: "application_id 0x0"))
    }

    @Test func anotherProgramsMarkedDatabaseIsLeftUntouched() throws {
        let connection = try rawConnection(folder.path())
        try connection.writeWithoutTransaction { try $0.execute(sql: "PRAGMA application_id = 0x0F055112") }
        try connection.close()
        #expect(
            try refusal() == .foreignDatabase(path: folder.path(), found: "application_id 0xF055112"))
    }

    /// A rollback journal of a killed program waits to be played back: SQLite would do so on the slightest
    /// read.
    @Test func aForeignDatabaseWithAHotJournalIsLeftUntouched() throws {
        let live = try TemporaryFolder()
        let connection = try rawConnection(live.path())
        try connection.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; CREATE TABLE bookmark (url TEXT);
                    INSERT INTO bookmark VALUES (hex(randomblob(90000)));
                    """)
            try database.inTransaction {
                try database.execute(sql: "UPDATE bookmark SET url = hex(randomblob(80000))")
                for suffix in ["", "-journal"] {
                    try FileManager.default.copyItem(
                        atPath: live.path() + suffix, toPath: folder.path() + suffix)
                }
                return .rollback
            }
        }
        guard case .foreignDatabase = try refusal() else {
            Issue.record("expected a foreign database")
            return
        }
    }

    @Test(arguments: [
        "a,b\n1,2\n", "SQLite format 3", "x", "SQLite format 3\0 and then something else",
        "\u{89}PNG\r\n\u{1a}\n" + String(repeating: "x", count: 5_000),
    ])
    func aFileOfAnotherKindIsLeftUntouched(content: String) throws {
        try Data(content.utf8).write(to: folder.url.appendingPathComponent("test.sqlite"))
        let error = try refusal()
        guard case .notADatabase(let path, _) = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(path == folder.path())
    }

    @Test func aFolderIsNotADatabase() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path("sub"), withIntermediateDirectories: false)
        #expect(
            throws: StoreError.inaccessible(
                path: folder.path("sub"), reason: "found a folder, expected a file")
        ) {
            try Store(path: folder.path("sub"))
        }
    }

    @Test func aDeviceIsNotADatabase() {
        #expect {
            try Store(path: "/dev/null")
        } throws: { error in
            guard case StoreError.inaccessible = error else { return false }
            return true
        }
    }

    @Test func aPathWithoutItsFolderIsRefused() throws {
        try Data("x".utf8).write(to: folder.url.appendingPathComponent("file"))
        for name in ["missing/test.sqlite", "file/test.sqlite"] {
            guard case .inaccessible(_, let reason) = try refusal(name) else {
                Issue.record("\(name) was not refused as inaccessible")
                continue
            }
            #expect(reason.contains("folder"))
        }
    }

    /// The kernel's process folder lets nobody create files in it, not even root.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/stat")))
    func aFolderThatCannotBeWrittenGivesAClearError() {
        #expect {
            try Store(path: "/proc/hercules.sqlite")
        } throws: { error in
            guard case StoreError.inaccessible(let path, _) = error else { return false }
            return path == "/proc/hercules.sqlite"
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func aFileThatMayNotBeReadGivesAClearError() throws {
        try Store(path: folder.path()).close()
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path())
        #expect {
            try Store(path: folder.path())
        } throws: { error in
            guard case StoreError.inaccessible = error else { return false }
            return true
        }
    }

    @Test func aMissingDatabaseIsNotMadeByAReader() throws {
        #expect(try refusal(access: .existing) == .missing(path: folder.path()))
        try Data().write(to: folder.url.appendingPathComponent("test.sqlite"))
        #expect(try refusal(access: .existing) == .missing(path: folder.path()))
    }

    @Test func anEmptyFileBecomesADatabase() throws {
        try Data().write(to: folder.url.appendingPathComponent("test.sqlite"))
        let store = try Store(path: folder.path())
        #expect(try store.measurements() == [])
    }

    @Test func openingAgainChangesNothing() throws {
        try Store.filled(at: folder.path()).close()
        let before = try folder.contents()
        let store = try Store(path: folder.path(), access: .existing)
        _ = try store.tables()
        try store.close()
        #expect(try folder.contents() == before)
    }

    @Test func aSymbolicLinkLeadsToTheDatabase() throws {
        try Store.filled(at: folder.path()).close()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link"), withDestinationPath: folder.path())
        #expect(try Store(path: folder.path("link"), access: .existing).measurements().count == 2)
    }

    @Test func theFileSaysWhatItIs() throws {
        try Store(path: folder.path()).close()
        let connection = try rawConnection(folder.path())
        let (mark, journal) = try connection.read { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA application_id"),
                try String.fetchOne(database, sql: "PRAGMA journal_mode")
            )
        }
        #expect(mark == 0x4852_434C)
        #expect(journal == "wal")
    }

    @Test func anOlderDatabaseIsBroughtUpToDateWithItsData() throws {
        // A database as the tool of the first two migrations left it.
        let connection = try rawConnection(folder.path())
        var migrator = DatabaseMigrator()
        for migration in DatabaseSchema.migrations.prefix(2) {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        try connection.writeWithoutTransaction { database in
            try database.execute(
                sql: "PRAGMA application_id = \(DatabaseSchema.applicationID); PRAGMA journal_mode = WAL")
        }
        try migrator.migrate(connection)
        try connection.write { database in
            try database.execute(
                sql: "INSERT INTO host VALUES (1, 'h', 'p', 2, 5.0, 'os', 'p / 2 cores')")
        }
        try connection.close()

        let store = try Store(path: folder.path(), access: .existing)
        #expect(try store.rows(of: "host").rowCount == 1)
        #expect(try store.rows(of: "replay_summary").rowCount == 0)
        #expect(try store.integrityProblems() == [])
    }
}
