import DatabaseSchema
import Foundation
import GRDB
import Store
import Testing
import Vocabulary

@Suite struct MigrationTests {
    /// A database as the first release left it, with one judged measurement.
    private func firstRelease(at path: String) throws {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        try queue.write { try $0.execute(sql: "PRAGMA application_id = \(DatabaseSchema.applicationID)") }
        var migrator = DatabaseMigrator()
        for migration in DatabaseSchema.migrations.prefix(6) {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        try migrator.migrate(queue)
        let digest = String(repeating: "a", count: 64)
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO host VALUES (1, 'h', 'p', 4, 1e9, 'o', 'p / 4 cores');
                    INSERT INTO model VALUES (1, 'm', '\(digest)', '\(digest)', '{}');
                    INSERT INTO server_type VALUES (1, 's', '\(digest)', '\(digest)', '{}');
                    """)
            let noLatencies = Data(HistogramBlob.encode(LatencyHistogram(bins: [])))
            try database.execute(
                sql: """
                    INSERT INTO measurement VALUES (
                        7, NULL, 1, 1, 1, 'whole', 2, 1, 64, 'cell', 'openPoisson', 'e', '1', '\(digest)', \
                        80.0,
                        79.5, 400, 5000000000, ?, ?, ?, 1, 2, 3, 4, 5, 0.7, 50.0, 'estimated', 0.01,
                        NULL, 'measured', 3, 1790000000, '0.1.0');
                    """, arguments: [noLatencies, noLatencies, Data(ServiceSampleBlob.encode([]))])
            try database.execute(
                sql: """
                    INSERT INTO verdict VALUES (7, '0.1.0');
                    INSERT INTO verdict_doubt VALUES (7, 0, 'stolenTime'), (7, 1, 'processorPressure');
                    """)
        }
    }

    @Test func measurementsOfTheFirstReleaseKeepTheirFactsAndDoubts() throws {
        let folder = try TemporaryFolder()
        try firstRelease(at: folder.path())
        let store = try Store(path: folder.path())
        #expect(try store.integrityProblems() == [])
        try store.close()
        let queue = try DatabaseQueue(path: folder.path())
        let row = try #require(
            try queue.read { try Row.fetchOne($0, sql: "SELECT * FROM measurement_summary") })
        #expect(row["measurement_id"] == 7)
        #expect(row["completed_queries_per_second"] == 79.5)
        #expect(row["latency_p95_milliseconds"] == 3e-6)
        #expect(row["doubts"] == "stolenTime processorPressure")
        #expect(row["is_valid"] == 0)
        #expect(row["ending"] == "complete")
        #expect(row["attempt"] == 1)
        #expect((row["answer"] as String?) == nil)
        #expect((row["generator_lateness_p99_milliseconds"] as Double?) == nil)
    }
}
