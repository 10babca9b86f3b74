import Foundation
import GRDB
import Quantities
import Store
import Testing
import Vocabulary

/// A database of the version before schedules had kinds still says what it said.
@Suite struct EarlierVersionTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        let dump = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/V036.sql")
        let text = try String(contentsOf: dump, encoding: .utf8)
        let raw = try rawConnection(folder.path())
        try raw.writeWithoutTransaction { try $0.execute(sql: text) }
        let applied = try raw.read {
            try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations ORDER BY identifier")
        }
        #expect(applied.last == "V036-imports")
        try raw.close()
        store = try Store(path: folder.path(), access: .existing)
    }

    @Test func itMigratesWhole() throws {
        #expect(try store.integrityProblems() == [])
        let counts = Dictionary(uniqueKeysWithValues: try store.tables().map { ($0.name, $0.rowCount) })
        for (table, count) in [
            ("search", 12), ("efficiency", 12), ("evaluation", 58), ("search_step", 15), ("plan", 1),
            ("replay", 1), ("replay_interval", 75), ("measurement", 2), ("throughput_comparison", 1),
            ("request_level_result", 6), ("job_cell", 2),
        ] {
            #expect(counts[table] == count, "\(table)")
        }
        for view in ["efficiency_summary", "evaluation_summary", "search_path", "measurement_summary"] {
            let rows = try store.rows(of: view)
            let column = try #require(rows.columns.firstIndex(of: "engine_rules"))
            #expect(!rows.rows.isEmpty && rows.rows.allSatisfy { $0[column] == .null }, "\(view)")
        }
    }

    /// Model, server type, M, O and D, queries/s, W, evaluations, schedules, steps.
    private typealias Found = (String, String, [Int], Double, Double, Int, Int, Int)

    @Test func everySearchComesBackAsItWas() throws {
        let (ncf, wnd, host, card) = ("ncf-1k-rows", "wnd-1k-rows", "cpu-t1", "cpu-t2-v100")
        try expect(
            method: "random", limit: nil, .evaluations, .sparseDense,
            [
                (ncf, host, [6, 2, 64], 1625.0354640232129, 207.39523561879128, 6, 1077, 2),
                (ncf, card, [12, 1, 256], 6126.5123353557974, 293.0022747792051, 6, 4611, 2),
                (wnd, host, [6, 2, 64], 265.87471688183587, 202.23166095859693, 6, 1077, 2),
                (wnd, card, [4, 8, 64], 814.61420220558784, 387.51379351692532, 6, 4611, 1),
            ])
        try expect(
            method: "gradient", limit: Nanoseconds(milliseconds: 10), nil, .whole,
            [
                (ncf, host, [20, 1, 256], 6824.7497185677739, 278.66164381458293, 1, 1077, 1),
                (ncf, card, [40, 1, 256], 20158.791793839431, 422.23357017008095, 2, 4611, 1),
                (wnd, host, [20, 1, 64], 194.32245625113018, 173.27831703031347, 7, 1077, 1),
                (wnd, card, [40, 1, 64], 1419.5992653531575, 382.07564197019019, 10, 4611, 1),
            ])
        try expect(
            method: "gradient", limit: nil, nil, .whole,
            [
                (ncf, host, [20, 1, 256], 6177.9977067245118, 267.39038275016009, 3, 1077, 1),
                (ncf, card, [40, 1, 256], 20158.791793839431, 422.23357017008095, 2, 4611, 1),
                (wnd, host, [10, 2, 256], 495.68726786022461, 249.78271542669248, 5, 1077, 1),
                (wnd, card, [40, 1, 256], 2184.7488293313913, 411.21438605824824, 4, 4611, 1),
            ])
    }

    private func expect(
        method: String, limit: Nanoseconds?, _ stop: SearchStop?, _ partition: ThreadSchedule.Partition,
        _ expected: [Found]
    ) throws {
        let scenario = try #require(try store.lastRun()).scenario
        let models = scenario.models.map { model in
            Model(
                id: model.id, title: model.title, source: model.source, kind: model.kind,
                latencyTarget: LatencyTarget(
                    quantile: model.latencyTarget.quantile, limit: limit ?? model.latencyTarget.limit),
                querySizes: model.querySizes)
        }
        let searches = try store.latestSearches(
            models: models, serverTypes: scenario.serverTypes, method: method)
        #expect(searches.count == expected.count)
        for (search, found) in zip(searches, expected) {
            let outcome = search.outcome
            let entry = try #require(outcome.entry)
            #expect(outcome.model.name == found.0 && outcome.serverType.name == found.1)
            #expect(
                entry.schedule.threadSchedule.map { [$0.threads, $0.workers, $0.batch] } == found.2)
            #expect(entry.schedule.family == partition.rawValue)
            #expect(entry.throughput.value == found.3 && entry.power.value == found.4)
            #expect(entry.evaluations == found.5 && outcome.evaluations.count == found.5)
            #expect(entry.spaceSize == found.6 && outcome.path.count == found.7)
            #expect(outcome.path.last == entry.schedule)
            #expect(stop.map { outcome.stop == $0 } ?? outcome.stop.isFinal)
            #expect(entry.provenance == .modelled && entry.powerProvenance == .estimated)
        }
    }

    @Test func everyEvaluationHasItsGroupsAndHotRows() throws {
        let scenario = try #require(try store.lastRun()).scenario
        let search = try #require(
            try store.latestSearches(
                models: scenario.models.filter { $0.id == "ncf-1k-rows" },
                serverTypes: scenario.serverTypes.filter { $0.id == "cpu-t2-v100" }, method: "random"
            ).first)
        func schedule(
            _ partition: ThreadSchedule.Partition, _ threads: Int, _ workers: Int, _ batch: Int,
            sparse: (Int, Int)? = nil, hot: Double? = nil
        ) -> Schedule {
            Schedule(
                partition: partition, threads: threads, workers: workers, batch: batch,
                sparse: sparse.map { .init(threads: $0.0, workers: $0.1) },
                hotFraction: hot.map { Fraction($0) })
        }
        #expect(
            search.outcome.evaluations.map(\.schedule) == [
                schedule(.sparseDense, 4, 8, 64, sparse: (6, 1)),
                schedule(.sparseDense, 12, 1, 256, sparse: (6, 4)), schedule(.whole, 5, 8, 64),
                schedule(.hostSparse, 8, 1, 256, sparse: (8, 4)),
                schedule(.hostSparse, 8, 1, 64, sparse: (1, 4)),
                schedule(.hostSparse, 4, 1, 16, sparse: (1, 4), hot: 0.01),
            ])
        #expect(
            search.outcome.evaluations.map(\.throughput.value) == [
                1373.0548651407053, 6126.5123353557974, 1271.8126418719082, 2907.3151619402315,
                998.08643349377871, 0,
            ])
        #expect(search.outcome.path == search.outcome.evaluations.prefix(2).map(\.schedule))
    }

    @Test func thePlanAndTheReplayComeBackAsTheyWere() throws {
        let plan = try #require(try store.lastPlan())
        #expect(plan.plan.status == .optimal && plan.plan.objective == Watts(2195.0881947453436))
        #expect(plan.plan.bound == Watts(2195.0881925502554))
        #expect(plan.plan.allocation["ncf-1k-rows", "cpu-t2-v100"] == 3)
        #expect(plan.plan.allocation["wnd-1k-rows", "cpu-t1"] == 1)
        #expect(plan.plan.allocation.serverCount == 6)
        #expect(plan.demand["ncf-1k-rows"] == QueriesPerSecond(60_000))
        #expect(plan.overProvision == Fraction(0.1))

        let replay = try #require(try store.lastReplay())
        #expect(replay.outcome.timelines.map(\.policy) == ["static", "greedy", "hercules"])
        #expect(replay.outcome.timelines.allSatisfy { $0.records.count == 25 })
        let last = try #require(replay.outcome.timelines[2].records.last)
        #expect(last.provisionedPower == Watts(1677.9150965684912))
        #expect(last.drawnPower == Watts(1651.3403370192993))
        #expect(last.allocation["ncf-1k-rows", "cpu-t2-v100"] == 3 && last.allocation.serverCount == 4)
        #expect(
            replay.efficiencyEntries.map(\.schedule) == [
                Schedule(partition: .whole, threads: 20, workers: 1, batch: 256),
                Schedule(partition: .whole, threads: 40, workers: 1, batch: 256),
                Schedule(partition: .whole, threads: 10, workers: 2, batch: 256),
                Schedule(partition: .whole, threads: 40, workers: 1, batch: 256),
            ])
        let window = try #require(try store.requestLevels(of: replay.id).first)
        #expect(window.results.map(\.tailLatency?.count).prefix(2) == [19_791_871, 6_619_135])
    }

    @Test func measurementsAndTheComparisonComeBackAsTheyWere() throws {
        let schedule = Schedule(partition: .whole, threads: 1, workers: 1, batch: 64)
        let stored = try store.measurements()
        #expect(stored.map(\.measurement.schedule) == [schedule, schedule])
        #expect(stored.map(\.measurement.completedRate.value) == [290, 170_663.89700616378])
        #expect(stored.map(\.measurement.queries) == [41, 18_859])
        #expect(
            stored.map { $0.measurement.latencies.latency(at: Quantile(0.5))?.count } == [5_320_703, 481])
        #expect(stored[1].verdict.doubts == [.processorPressure, .otherLoad])
        // What a job would look up before it measures again.
        let types = try store.rows(of: "server_type")
        let column = try #require(types.columns.firstIndex(of: "definition_json"))
        let host = try types.rows.compactMap { row -> ServerType? in
            guard case .text(let json) = row[column] else { return nil }
            return try JSONDecoder().decode(ServerType.self, from: Data(json.utf8))
        }.first(where: \.isThisHost)
        let key = MeasurementKey(
            model: try #require(try store.jobs().first).job.models[0], serverType: try #require(host),
            host: stored[0].measurement.host, engine: "null", engineVersion: "1", schedule: schedule,
            purpose: .cell, pattern: .openPoisson, settingsDigest: stored[0].settingsDigest)
        #expect(try store.measurement(for: key) == stored[0])
        let comparison = try #require(try store.comparisons().first)
        #expect(comparison.schedule == Schedule(partition: .whole, threads: 1, workers: 2, batch: 64))
        #expect(comparison.live == QueriesPerSecond(81_111.760653872305))
        #expect(comparison.profiled == QueriesPerSecond(3_701_348.001975161))
    }
}
