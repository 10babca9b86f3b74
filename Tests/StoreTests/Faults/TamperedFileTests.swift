import Foundation
import GRDB
import Store
import Testing
import Vocabulary

/// A database that is renamed, deleted or replaced while it is open.
@Suite struct DisplacedTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func save(_ seed: UInt64, in store: Store) throws(StoreError) {
        var measurement = Samples.measurement
        measurement.seed = seed
        try store.save(
            measurement, verdict: Verdict(doubts: []), model: Samples.model, serverType: Samples.serverType,
            settingsDigest: Samples.settings)
    }

    private func expectDisplaced(_ store: Store) {
        #expect(throws: StoreError.displaced(path: folder.path())) { try save(9, in: store) }
        #expect(throws: StoreError.displaced(path: folder.path())) { try store.close() }
    }

    @Test func aRenamedFileKeepsWhatWasSavedAndNothingIsSaidToBeDone() throws {
        let store = try Store(path: folder.path())
        try save(1, in: store)
        try FileManager.default.moveItem(atPath: folder.path(), toPath: folder.path("moved.sqlite"))
        expectDisplaced(store)
        let moved = try Store(path: folder.path("moved.sqlite"), access: .existing)
        #expect(try moved.measurements().map(\.measurement.seed) == [1])
        #expect(try moved.integrityProblems() == [])
        let left = try folder.contents().keys.filter { $0.hasPrefix("test.sqlite") }
        #expect(left.isEmpty, "no log waits for the next file of that name")
    }

    @Test func aDeletedFileIsNoticed() throws {
        let store = try Store(path: folder.path())
        try save(1, in: store)
        try FileManager.default.removeItem(atPath: folder.path())
        expectDisplaced(store)
        #expect(try folder.contents().isEmpty)
    }

    @Test func aFilePutInItsPlaceStaysAsItIs() throws {
        let other = try Store(path: folder.path("other.sqlite"))
        try save(7, in: other)
        try other.close()
        let store = try Store(path: folder.path())
        for seed in 1...40 { try save(UInt64(seed), in: store) }
        // As `mv` does it: the old file is gone, its log is still there.
        #expect(rename(folder.path("other.sqlite"), folder.path()) == 0)
        let before = try folder.contents()["test.sqlite"]
        expectDisplaced(store)
        #expect(try folder.contents()["test.sqlite"] == before)
        let found = try Store(path: folder.path(), access: .existing)
        #expect(try found.measurements().map(\.measurement.seed) == [7])
        #expect(try found.integrityProblems() == [])
    }

    /// Also where the last thing saved was saved before.
    @Test func aFileReplacedAfterTheLastSaveIsNoticedAtTheEnd() throws {
        let other = try Store(path: folder.path("other.sqlite"))
        try save(7, in: other)
        try other.close()
        do {
            let store = try Store(path: folder.path())
            try save(1, in: store)
            #expect(rename(folder.path("other.sqlite"), folder.path()) == 0)
            withExtendedLifetime(store) {}
        }
        let found = try Store(path: folder.path(), access: .existing)
        #expect(try found.measurements().map(\.measurement.seed) == [7])
        #expect(try found.integrityProblems() == [])
    }

    @Test func aPipeBesideTheDatabaseIsRefusedAtOnce() throws {
        try Store(path: folder.path()).close()
        for suffix in ["-wal", "-journal"] {
            #expect(mkfifo(folder.path() + suffix, 0o600) == 0)
            #expect {
                try Store(path: folder.path(), access: .existing)
            } throws: { "\($0)".contains("found a pipe at") }
            unlink(folder.path() + suffix)
        }
    }

    @Test func aBackupHasTheModeOfItsDatabaseAndTouchesNothingElse() throws {
        try Store.filled(at: folder.path()).close()
        chmod(folder.path(), 0o600)
        let partial = folder.path("copy.sqlite.partial")
        try FileManager.default.createDirectory(
            atPath: partial + "/kept", withIntermediateDirectories: true)
        try Store.backUp(folder.path(), to: folder.path("copy.sqlite"))
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("copy.sqlite"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(FileManager.default.fileExists(atPath: partial + "/kept"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
            .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
        #expect(names == ["copy.sqlite", "copy.sqlite.partial", "test.sqlite"])
    }
}

/// A value that changes behind the store's back is noticed, wherever it stands.
@Suite struct OutcomeDigestTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private struct Column {
        let table: String
        let name: String
    }

    /// Every column of every table that is not a key, nor of a kind that is worked on bit by bit.
    private func columns(_ connection: DatabaseQueue) throws -> [Column] {
        try connection.read { database in
            let tables = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                    AND name NOT IN ('grdb_migrations', 'outcome_digest', 'job_cell', 'study_cell',
                        'merge_source')
                    -- These have a chain of their own: see `ControllerStoreTests`.
                    AND name NOT LIKE 'controller\\_%' ESCAPE '\\'
                    """)
            return try tables.flatMap { table in
                try Row.fetchAll(database, sql: "PRAGMA table_info(\"\(table)\")")
                    .filter { $0["pk"] as Int == 0 }.map { Column(table: table, name: $0["name"]) }
            }
        }
    }

    /// Another value of the same kind: one bit of a number, one letter of a text.
    private static func flip(_ column: String) -> String {
        """
        CASE typeof("\(column)")
            WHEN 'integer' THEN "\(column)" + 1
            WHEN 'real' THEN "\(column)" * 1.0000001 + 1e-9
            WHEN 'text' THEN CASE WHEN substr("\(column)", -1) = 'x' THEN 'y' ELSE 'x' END
                || substr("\(column)", 2)
            WHEN 'blob' THEN CAST(x'00' || substr("\(column)", 1) AS BLOB)
        END
        """
    }

    @Test func everyColumnOfEveryTableIsWatched() throws {
        try Store.filled(at: folder.path()).close()
        let original = try rawConnection(folder.path())
        let columns = try columns(original)
        try original.close()
        let path = folder.path("copy.sqlite")
        var flipped = 0
        for column in columns {
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(atPath: folder.path(), toPath: path)
            let connection = try rawConnection(path)
            let changes = try connection.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
                try database.execute(
                    sql: """
                        UPDATE OR IGNORE "\(column.table)" SET "\(column.name)" = \(Self.flip(column.name))
                        WHERE "\(column.name)" IS NOT NULL
                        """)
                return database.changesCount
            }
            try connection.close()
            guard changes > 0 else { continue }
            flipped += 1
            let problems = try Store(path: path, access: .existing).integrityProblems()
            #expect(
                problems.contains { $0.contains("found other values than were saved") },
                "\(column.table).\(column.name)")
        }
        #expect(flipped > 150, "found \(flipped)")
    }

    private func refusal(_ sql: String, _ show: (Store) throws -> Void) throws -> String? {
        let path = folder.path("\(UUID().uuidString).sqlite")
        try Store.filled(at: path).close()
        let connection = try rawConnection(path)
        try connection.write { try $0.execute(sql: sql) }
        try connection.close()
        do {
            try show(Store(path: path, access: .existing))
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func anAlteredOutcomeIsNotShown() throws {
        let cases: [(String, (Store) throws -> Void)] = [
            ("UPDATE measurement SET power_watts = power_watts + 1", { _ = try $0.measurements() }),
            ("UPDATE verdict SET tool_version = 'y'", { _ = try $0.measurements() }),
            ("UPDATE plan_demand SET load_queries_per_second = 1.5", { _ = try $0.lastPlan() }),
            ("UPDATE plan_fleet SET available_servers = available_servers + 1", { _ = try $0.lastPlan() }),
            (
                "UPDATE replay_efficiency SET power_watts = power_watts + 1", { _ = try $0.lastReplay() }
            ),
            ("UPDATE throughput_comparison SET rates = rates + 1", { _ = try $0.comparisons() }),
            (
                "UPDATE frontier_block SET changes = changes + 1",
                { store in
                    let replay = try #require(try store.lastReplay())
                    _ = try store.frontierPoints(of: replay.id)
                }
            ),
            (
                "UPDATE imported_figure SET line = line + 1", { _ = try $0.importedFigures() }
            ),
        ]
        for (sql, show) in cases {
            let message = try refusal(sql, show)
            #expect(
                message?.contains("found other values than were saved") == true, "\(sql): \(message ?? "")")
        }
        #expect(try refusal("SELECT 1") { _ = try $0.measurements() } == nil)
    }

    @Test func anAlteredFileIsNotMerged() throws {
        let path = folder.path("other.sqlite")
        try Store.filled(at: path).close()
        let connection = try rawConnection(path)
        try connection.write { try $0.execute(sql: "UPDATE plan_fleet SET available_servers = 1") }
        try connection.close()
        let store = try Store(path: folder.path())
        #expect {
            try store.merge(path, toolVersion: "1", atUnixSeconds: 1)
        } throws: { "\($0)".contains("table plan of \(path)") }
        #expect(try store.lastPlan() == nil)
    }

    @Test func mergedRecordsHaveDigestsOfTheirOwn() throws {
        try Store.filled(at: folder.path("other.sqlite")).close()
        let store = try Store(path: folder.path())
        _ = try store.merge(folder.path("other.sqlite"), toolVersion: "1", atUnixSeconds: 1)
        #expect(try store.integrityProblems() == [])
        let connection = try rawConnection(folder.path())
        try connection.write { try $0.execute(sql: "UPDATE plan_fleet SET available_servers = 1") }
        #expect(try !store.integrityProblems().isEmpty)
    }
}
