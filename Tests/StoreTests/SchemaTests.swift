import DatabaseSchema
import Foundation
import GRDB
import Quantities
import Store
import Testing
import Vocabulary

@Suite struct SchemaTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A schema built from the migrations alone, without the store.
    private func schema() throws -> DatabaseQueue {
        let database = try DatabaseQueue()
        for migration in DatabaseSchema.migrations {
            try database.write { try $0.execute(sql: migration.sql) }
        }
        return database
    }

    @Test func everyMigrationFileIsListedInOrder() throws {
        let folder = Self.root.appendingPathComponent("Database/Migrations")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(files == DatabaseSchema.migrations.map { "\($0.name).sql" })
        for migration in DatabaseSchema.migrations {
            let text = try String(
                contentsOf: folder.appendingPathComponent("\(migration.name).sql"), encoding: .utf8)
            #expect(migration.sql == text, "\(migration.name) is another file's text")
        }
    }

    @Test func migrationsAreNumberedInAscendingOrder() {
        let numbers = DatabaseSchema.migrations.map { migration in
            migration.name.hasPrefix("V") ? Int(migration.name.dropFirst().prefix(3)) : nil
        }
        #expect(!numbers.contains(nil))
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { ($0 ?? 0) < ($1 ?? 0) })
        #expect(DatabaseSchema.migrations.allSatisfy { $0.name.dropFirst(4).first == "-" })
    }

    @Test func everyTableIsStrict() throws {
        let loose = try schema().read { database in
            try String.fetchAll(
                database,
                sql:
                    """
                    SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT \
                    strict
                    """
                        + " AND name NOT LIKE 'sqlite_%'")
        }
        #expect(loose == [])
    }

    @Test func everyNumberNamesItsUnit() throws {
        let units = [
            "_watts", "_bytes", "_hertz", "_queries_per_second", "_fraction", "_quantile", "_queries",
            "_seconds",
            "_nanoseconds", "_milliseconds", "_items", "_joules", "_tokens", "_tokens_per_second",
            "_per_second",
            "_in_currency",
        ]
        // Plain numbers of things, and keys.
        let counts: Set = [
            "id", "cores", "threads", "workers", "queries", "servers", "available_servers", "evaluations",
            "space_size", "interval_count", "seed", "is_violated", "repetition", "attempt", "rates",
            "doubtful_rates", "requests", "is_reported", "sparse_threads", "sparse_workers",
            "failures", "interruptions", "lease_process_start", "line", "devices", "rows_read", "rows_kept",
            "rows_refused", "rows_marked", "is_sound", "is_throughput_derived", "is_own", "is_strict",
            "is_concurrency_derived", "pairs",
            "violated_pairs", "changes", "is_variant", "number", "number_count", "peak_servers",
            "allocation_count", "schedules", "tick", "before_tick", "missed", "generation", "beat",
            "samples", "expected_samples", "from_servers", "to_servers", "process", "is_short",
            "preemptions", "restarted_requests",
        ]
        let columns = try schema().read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT list.name AS "table", info.name AS "column", info.type AS type
                    FROM pragma_table_list AS list, pragma_table_info(list.name) AS info
                    WHERE list.schema = 'main' AND list.type = 'table' AND list.name NOT LIKE 'sqlite_%'
                    """)
        }
        #expect(columns.count > 100)
        for row in columns {
            let column: String = row["column"]
            let type: String = row["type"]
            guard type == "REAL" || type == "INTEGER" else { continue }
            let isUnit = units.contains { column.hasSuffix($0) }
            let isKey = column.hasSuffix("_id") || column.hasSuffix("position")
            let isCount = type == "INTEGER" && (counts.contains(column) || isKey)
            #expect(isUnit || isCount, "\(row["table"] as String).\(column) is a number without a unit")
        }
    }

    @Test func everyTableWithPowerSaysWhereItComesFrom() throws {
        let database = try schema()
        let tables = try database.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT list.name FROM pragma_table_list AS list, pragma_table_info(list.name) \
                    AS info
                    WHERE list.schema = 'main' AND info.name = 'power_watts'
                    """)
        }
        #expect(tables.contains("measurement") && tables.contains("plan_allocation"))
        for table in tables {
            let columns = try database.read { try $0.columns(in: table).map(\.name) }
            #expect(columns.contains("provenance"), "\(table) has watts without a provenance")
        }
    }

    @Test func theReadmeNamesEveryTableAndView() throws {
        let readme = try String(
            contentsOf: Self.root.appendingPathComponent("Database/README.md"), encoding: .utf8)
        let names = try schema().read { database in
            try String.fetchAll(
                database,
                sql:
                    """
                    SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE \
                    'sqlite_%'
                    """
            )
        }
        #expect(names.count > 20)
        for name in names {
            #expect(readme.contains("`\(name)`"), "Database/README.md says nothing of \(name)")
        }
    }

    @Test func theQueriesInTheReadmeRun() throws {
        let readme = try String(
            contentsOf: Self.root.appendingPathComponent("Database/README.md"), encoding: .utf8)
        let queries = readme.components(separatedBy: "```sql\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        #expect(queries.count >= 10)
        let folder = try TemporaryFolder()
        let store = try Store.filled(at: folder.path())
        try store.close()
        let database = try rawConnection(folder.path())
        for query in queries {
            let rows = try database.read { try Row.fetchAll($0, sql: query) }
            #expect(!rows.isEmpty, "a query of Database/README.md finds nothing in the sample data: \(query)")
        }
    }
}

extension Store {
    /// A database with one of everything in it.
    static func filled(at path: String) throws -> Store {
        let store = try Store(path: path)
        let run = try store.beginRun(
            of: Samples.scenario, seed: 7, toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_000)
        var measurement = Samples.measurement
        measurement.tokens = Samples.tokens
        try store.save(
            measurement, verdict: Verdict(doubts: []), model: Samples.model,
            serverType: Samples.serverType, settingsDigest: Samples.settings, run: run)
        try store.save(
            Samples.measurement, verdict: Verdict(doubts: [.stolenTime, .tooFewQueries], tail: Samples.tail),
            model: Samples.model, serverType: Samples.serverType,
            settingsDigest: ContentDigest(ofText: "other settings"), run: run)
        var checked = Samples.entry()
        checked.check = LiveCheck(
            simulated: QueriesPerSecond(320), uncertainty: Fraction(0.02), live: QueriesPerSecond(312.5),
            doubts: [.otherLoad], schedules: 2)
        try store.save(
            Samples.search(checked), key: Samples.searchKey(), toolVersion: "1.2.3-test",
            atUnixSeconds: 1_790_000_100,
            run: run)
        try store.save(
            Samples.plan, demand: Samples.demand, fleet: Samples.fleet, overProvision: Fraction(0.125),
            efficiency: Samples.table, method: "hercules", toolVersion: "1.2.3-test",
            atUnixSeconds: 1_790_000_200, run: run)
        try store.save(
            Samples.infeasiblePlan, demand: Samples.demand, fleet: Samples.fleet, overProvision: .zero,
            efficiency: Samples.table, method: "hercules", toolVersion: "1.2.3-test",
            atUnixSeconds: 1_790_000_201, run: run)
        let replay = try store.save(
            Samples.replay, efficiency: Samples.table, inputsDigest: Samples.inputs, seed: .max - 9,
            toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_300, run: run)
        try store.save(
            Samples.requestLevel(late: 20), of: replay, toolVersion: "1.2.3-test",
            atUnixSeconds: 1_790_000_310)
        try store.save(
            [Samples.servicePoint(0, cost: 1)], of: replay, toolVersion: "1.2.3-test",
            atUnixSeconds: 1_790_000_311)
        try store.save(
            ComparisonTests.comparison(live: 200, profiled: 220), model: Samples.model,
            serverType: Samples.serverType)
        try store.save(
            Samples.failure(at: 1_790_000_000), model: Samples.model, serverType: Samples.serverType, run: run
        )
        let job = try store.addJob(
            JobSamples.job, toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_000)
        try store.add(
            JobExpansion(
                job: job, hostFingerprint: "sample", cells: [JobSamples.cell(threads: 1, batch: 8)]))
        let study = try StudySamples.expansion(in: store)
        _ = try store.add(study)
        let worker = JobWorkerIdentity(host: "node", machine: nil, processID: 1, processStart: nil)
        if case .leased(let lease) = try store.claimCell(
            of: study.pool(.whole), for: worker, lease: Nanoseconds(seconds: 1), now: .zero,
            isAlive: { _, _ in true })
        {
            _ = try store.complete(
                lease, with: StudySamples.outcome(1), inputs: study.cells[0].inputs, took: .zero,
                toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_320)
        }
        try store.saveImport(ImportSamples.origin) { writer in
            try writer.add(ImportSamples.figure, verdict: ImportSamples.verdict)
            try writer.add(ImportSamples.limit)
            return ImportSamples.summary
        }
        try ServingSamples.keep(in: store)
        try store.finishRun(run, status: .finished, atUnixSeconds: 1_790_000_333)
        return store
    }
}
