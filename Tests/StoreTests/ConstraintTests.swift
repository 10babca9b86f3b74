import Foundation
import GRDB
import Quantities
import Store
import Testing
import Vocabulary

/// The schema refuses nonsense, whoever writes it; and nonsense that got in all the same is named when read.
@Suite struct ConstraintTests {
    let folder: TemporaryFolder
    let store: Store
    let connection: DatabaseQueue

    init() throws {
        folder = try TemporaryFolder()
        store = try Store.filled(at: folder.path())
        connection = try rawConnection(folder.path())
    }

    @Test(arguments: [
        "UPDATE measurement SET power_watts = -1.0",
        "UPDATE measurement SET power_watts = 9e999",
        "UPDATE measurement SET power_watts = NULL",
        "UPDATE measurement SET power_watts = 'many'",
        "UPDATE measurement SET provenance = 'guessed'",
        "UPDATE measurement SET power_provenance = 'measured'",
        "UPDATE measurement SET utilisation_fraction = 1.01",
        "UPDATE measurement SET steal_fraction = -0.1",
        "UPDATE measurement SET threads = 0",
        "UPDATE measurement SET batch_items = 0",
        "UPDATE measurement SET \"partition\" = 'half'",
        "UPDATE measurement SET duration_nanoseconds = 0",
        "UPDATE measurement SET load_pattern = 'closed'",
        "UPDATE measurement SET offered_queries_per_second = NULL",
        "UPDATE measurement SET settings_digest = 'short'",
        "UPDATE measurement SET latency_histogram_blob = 'text'",
        "UPDATE measurement SET model_id = 99",
        "UPDATE measurement SET run_id = 99",
        "DELETE FROM model",
        "DELETE FROM host",
        "INSERT INTO verdict_doubt VALUES (99, 0, 'stolenTime')",
        "UPDATE verdict_doubt SET doubt = ''",
        "UPDATE verdict SET answer = 'perhaps'",
        "UPDATE verdict SET target_quantile = NULL",
        "UPDATE measurement SET provenance = 'imported', source = NULL",
        "UPDATE measurement SET power_provenance = NULL",
        "UPDATE measurement SET ending = 'bored'",
        "UPDATE measurement SET attempt = 0",
        "UPDATE measurement SET frequency_min_hertz = 0.0",
        "UPDATE measurement SET other_load_fraction = 1.5",
        "UPDATE model SET definition_json = '{'",
        """
        INSERT INTO model SELECT NULL, name, definition_digest, behaviour_digest, definition_json FROM \
        model
        """,
        "UPDATE run SET status = 'running'",
        "UPDATE run SET status = 'lost'",
        "UPDATE search SET target_quantile = 1.5",
        "UPDATE search SET target_quantile = 0",
        "UPDATE search SET target_limit_nanoseconds = 0",
        "UPDATE search SET power_budget_watts = -5.0",
        "UPDATE efficiency SET throughput_queries_per_second = -1.0",
        "UPDATE efficiency SET provenance = 'unknown'",
        "UPDATE evaluation SET workers = 0",
        "INSERT INTO search_step VALUES (1, 9, 99)",
        "UPDATE plan SET status = 'perfect'",
        "UPDATE plan SET objective_watts = -1.0",
        "UPDATE plan_allocation SET servers = 0",
        "UPDATE plan_allocation SET server_type = 'not in the fleet'",
        "UPDATE plan_shortfall SET unserved_queries_per_second = -1.0",
        "UPDATE replay_series SET numbers = -1.0, shared_policy_position = NULL "
            + "WHERE quantity = 'drawn_watts'",
        "UPDATE replay_series SET numbers = 'many', shared_policy_position = NULL WHERE quantity = 'servers'",
        "UPDATE replay_series SET number_count = 1025",
        "UPDATE replay_series SET first_position = 7",
        "INSERT INTO replay_series VALUES (99, 'drawn_watts', -1, 0, 1, NULL, 1.0)",
        "UPDATE trace_series SET numbers = -1.0",
        "INSERT INTO trace_series VALUES (99, 'ncf', 0, 1, 1.0)",
        "INSERT INTO replay_load_row VALUES (99, 0, 0, 1.0, 1.0, 0, NULL)",
        "UPDATE trace SET interval_nanoseconds = 0",
        "UPDATE trace_token_length SET input_mean_tokens = -1.0",
        "UPDATE live_check SET live_queries_per_second = -1.0",
        "INSERT INTO live_check VALUES (99, 1.0, NULL, NULL, '', 1)",
        "DELETE FROM trace",
    ])
    func theSchemaRefuses(sql: String) throws {
        let before = try store.tables()
        #expect("\(sql) was accepted") {
            try connection.write { try $0.execute(sql: sql) }
        } throws: { error in
            (error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT
        }
        #expect(try store.tables() == before)
    }

    @Test func valuesThatBreakARuleAreRefusedWithNothingSaved() throws {
        let before = try store.tables()
        let changes: [(inout LoadRun) -> Void] = [
            { $0.power = Watts(-1) }, { $0.power = Watts(.nan) }, { $0.utilisation = Fraction(1.5) },
            { $0.completedRate = QueriesPerSecond(.infinity) }, { $0.duration = .zero },
            { $0.offeredRate = nil },
            { $0.queries = -1 },
        ]
        for change in changes {
            var measurement = Samples.measurement
            change(&measurement)
            // A host not seen before shows that the whole transaction is undone.
            measurement.host = Host(
                name: "new", processor: "new", cores: 1, memory: .zero, operatingSystem: "new")
            #expect {
                try store.save(
                    measurement, verdict: Verdict(doubts: []), model: Samples.model,
                    serverType: Samples.serverType, settingsDigest: Samples.settings)
            } throws: { error in
                guard case StoreError.valueRefused(let path, let message) = error else { return false }
                return path == folder.path() && message.contains("SQLite error")
            }
        }
        #expect(try store.tables() == before)
    }

    @Test func deletingARunKeepsWhatItFoundAndIsNoticed() throws {
        try connection.write { try $0.execute(sql: "DELETE FROM run") }
        let kept = try connection.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM measurement") }
        #expect(kept == 2)
        // No verb deletes: another program did, and a record that names its run no longer is what was saved.
        #expect(throws: StoreError.altered(table: "measurement", id: 1)) { try store.measurements() }
        #expect(!(try store.integrityProblems().isEmpty))
    }

    @Test func deletingAMeasurementTakesItsVerdictAlong() throws {
        try connection.write { try $0.execute(sql: "DELETE FROM measurement") }
        let counts = Dictionary(uniqueKeysWithValues: try store.tables().map { ($0.name, $0.rowCount) })
        #expect(counts["verdict"] == 0)
        #expect(counts["verdict_doubt"] == 0)
    }

    /// Damage that the schema cannot see, and the cell the error names.
    @Test(arguments: [
        (
            "UPDATE measurement SET latency_histogram_blob = x'11FF' WHERE id = 2", "latency_histogram_blob",
            "2"
        ),
        (
            "UPDATE measurement SET generator_lateness_histogram_blob = x'' WHERE id = 1",
            "generator_lateness_histogram_blob", "1"
        ),
        (
            "UPDATE measurement SET service_samples_blob = latency_histogram_blob WHERE id = 1",
            "service_samples_blob", "1"
        ),
    ])
    func aBrokenBlobIsNamed(sql: String, column: String, row: String) throws {
        try connection.write { try $0.execute(sql: sql) }
        #expect {
            try store.measurements()
        } throws: { error in
            guard case StoreError.unreadableValue("measurement", row, column, _, _) = error else {
                return false
            }
            return "\(error)".contains(column)
        }
    }

    /// Rules switched off, as an old or careless tool might.
    @Test(arguments: [
        ("UPDATE measurement SET threads = 0", "measurement"),
        ("UPDATE measurement SET provenance = 'guessed'", "measurement"),
        ("UPDATE replay_efficiency SET target_quantile = 1.5", "replay"),
        ("UPDATE evaluation SET batch_items = -4", "search"),
        ("UPDATE plan_allocation SET servers = -1", "plan"),
        ("UPDATE replay_series SET numbers = 7 WHERE quantity = 'allocation_model_position'", "replay"),
        ("UPDATE replay_series SET numbers = 500 WHERE quantity = 'allocation_interval_position'", "replay"),
        ("UPDATE replay_series SET numbers = -8 WHERE quantity = 'decision_reason'", "replay"),
        ("UPDATE replay_series SET numbers = -1.0 WHERE quantity = 'drawn_watts'", "replay"),
        ("UPDATE replay_series SET numbers = zeroblob(40) WHERE quantity = 'drawn_watts'", "replay"),
        ("UPDATE replay_series SET number_count = 11 WHERE quantity = 'servers'", "replay"),
        ("UPDATE replay_series SET shared_policy_position = 9, numbers = NULL", "replay"),
        ("DELETE FROM replay_series WHERE quantity = 'arrived_queries'", "replay"),
        ("UPDATE trace SET interval_count = 13", "replay"),
        ("UPDATE trace SET interval_nanoseconds = -1", "replay"),
        ("DELETE FROM trace_series", "replay"),
        ("UPDATE trace_token_length SET requests = 0", "replay"),
        ("UPDATE live_check SET doubts = 'boredom'", "search"),
        ("UPDATE trace_series SET numbers = x'3100'", "replay"),
    ])
    func nonsenseThatGotInIsAnErrorAndNotACrash(sql: String, kind: String) throws {
        try connection.writeWithoutTransaction { database in
            try database.execute(
                sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; \(sql)")
        }
        #expect {
            switch kind {
            case "measurement": _ = try store.measurements()
            case "search":
                _ = try store.searchOutcome(for: Samples.searchKey())
                _ = try store.latestSearches(models: [Samples.model], serverTypes: [Samples.serverType])
            case "plan":
                try connection.write { try $0.execute(sql: "DELETE FROM plan WHERE status = 'infeasible'") }
                _ = try store.lastPlan()
            default: _ = try store.lastReplay()
            }
        } throws: { error in
            guard case StoreError.unreadableValue(_, _, _, _, let expected) = error else { return false }
            return !expected.isEmpty
        }
    }

    @Test func aDamagedFileIsReportedAsDamaged() throws {
        try store.close()
        try connection.close()
        let url = URL(fileURLWithPath: folder.path())
        var bytes = try Data(contentsOf: url)
        // Everything but the header page.
        for index in 4_096..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 167) }
        try bytes.write(to: url)
        #expect {
            let store = try Store(path: folder.path())
            _ = try store.measurements()
        } throws: { error in
            guard case StoreError.damaged(let path, let message) = error else { return false }
            return path == folder.path() && message.contains("malformed")
        }
    }

    @Test func brokenReferencesAreFoundByTheIntegrityCheck() throws {
        #expect(try store.integrityProblems() == [])
        try connection.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF; DELETE FROM host")
        }
        let problems = try store.integrityProblems()
        #expect(problems.count == 4)
        #expect(problems.contains("table measurement, row 1: refers to a row of host that is not there"))
    }
}
