import Foundation
import GRDB
import Quantities
import Store
import Testing
import Vocabulary

/// The views over series give back, bit for bit, what was saved.
@Suite struct SeriesViewTests {
    let folder: TemporaryFolder
    let store: Store
    let connection: DatabaseQueue

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
        try store.save(
            Samples.replay, efficiency: Samples.table, inputsDigest: Samples.inputs, seed: 1,
            toolVersion: "1", atUnixSeconds: 1)
        connection = try rawConnection(folder.path())
    }

    private func rows(_ sql: String) throws -> [Row] {
        try connection.read { try Row.fetchAll($0, sql: sql) }
    }

    @Test func intervalsAndLoads() throws {
        let intervals = try rows("SELECT * FROM replay_interval ORDER BY policy_id, position")
        let records = Samples.replay.timelines.flatMap { Array($0.records) }
        #expect(intervals.count == records.count)
        for (row, record) in zip(intervals, records) {
            #expect(row["provisioned_watts"] == record.provisionedPower.value)
            #expect(row["drawn_watts"] == record.drawnPower.value)
            #expect(row["servers"] == record.allocation.serverCount)
            #expect(row["unserved_queries"] == record.unservedQueries)
            #expect(row["plan_status"] == record.planStatus.rawValue)
            #expect(row["plan_gap_fraction"] == record.planGap?.value)
            #expect(row["starting_joules"] == record.activity?.startingEnergy.value)
        }
        let loads = try rows(
            "SELECT * FROM replay_load ORDER BY policy_id, interval_position, model_position")
        let models = Samples.trace.models
        #expect(loads.count == records.count * models.count)
        for (index, row) in loads.enumerated() {
            let (record, model) = (records[index / models.count], models[index % models.count])
            #expect(row["load_queries_per_second"] == record.load.loads[model]?.value)
            #expect(row["capacity_queries_per_second"] == record.capacity.loads[model]?.value)
            #expect(row["forecast_queries_per_second"] == record.forecast?.loads[model]?.value)
            #expect(row["is_violated"] == (record.violatedModels.contains(model) ? 1 : 0))
        }
    }

    @Test func whatOthersHaveStandsOnce() throws {
        let shared = try rows(
            "SELECT DISTINCT shared_policy_position FROM replay_series "
                + "WHERE quantity = 'load_queries_per_second'"
        )
        #expect(shared.map { $0["shared_policy_position"] as Int? } == [-1], "the trace holds all loads")
        #expect(try !rows("SELECT 1 FROM replay_series WHERE shared_policy_position >= 0").isEmpty)
    }

    @Test func serversDecisionsAndOrders() throws {
        let allocations = try rows(
            """
            SELECT policy, interval_position, model, server_type, servers FROM replay_allocation_summary
            """)
        let steps = try rows("SELECT * FROM replay_serving")
        let decisions = try rows("SELECT * FROM replay_decision ORDER BY policy_id, position")
        let orders = try rows("SELECT * FROM replay_action ORDER BY policy_id, decision_position, position")
        for timeline in Samples.replay.timelines {
            for (interval, record) in timeline.records.enumerated() {
                let found = allocations.filter {
                    $0["policy"] == timeline.policy && $0["interval_position"] == interval
                }
                var allocation = Allocation()
                for row in found {
                    let model = ModelID(row["model"] as String)
                    allocation[model, ServerTypeID(row["server_type"] as String)] = row["servers"]
                }
                #expect(allocation == record.allocation)
            }
        }
        let changes = Samples.replay.timelines.flatMap { timeline in
            timeline.servingSteps.indices.map { timeline.servingSteps.changes(of: $0).count }
        }
        #expect(steps.count == changes.reduce(0, +))
        let logged = Samples.replay.timelines.flatMap { Array($0.decisions) }
        #expect(decisions.map { $0["reason"] as String } == logged.map(\.reason.rawValue))
        #expect(decisions.map { $0["at_nanoseconds"] as Int64 } == logged.map(\.at.count))
        #expect(decisions.map { $0["needed_queries_per_second"] } == logged.map { $0.neededNow?.value })
        #expect(decisions.map { $0["model_position"] == nil } == logged.map { $0.model == nil })
        let actions = logged.flatMap(\.actions)
        #expect(orders.map { $0["servers"] as Int } == actions.map(\.count))
        #expect(orders.map { $0["action"] == "start" } == actions.map(\.isStart))
    }

    @Test func aBrokenSeriesIsFoundByTheCheck() throws {
        #expect(try store.integrityProblems() == [])
        try connection.write { database in
            try database.execute(
                sql: """
                    UPDATE replay_series SET numbers = substr(numbers, 1, 5)
                    WHERE quantity = 'drawn_watts' AND typeof(numbers) = 'blob'
                    """)
            #expect(database.changesCount > 0)
        }
        let problems = try store.integrityProblems()
        #expect(problems.contains { $0.contains("drawn_watts") })
        #expect(throws: StoreError.self) { try store.lastReplay() }
    }

    @Test func aScenarioHoldsItsTraceByItsDigest() throws {
        for (seed, name) in [(1, "one"), (2, "two")] {
            var scenario = Samples.scenario
            scenario.id = name
            _ = try store.beginRun(
                of: scenario, seed: UInt64(seed), toolVersion: "1", atUnixSeconds: Int64(seed))
        }
        #expect(try store.lastRun()?.scenario.trace == Samples.trace)
        #expect(try rows("SELECT 1 FROM trace").count == 1)
        let held = try rows("SELECT json_type(definition_json, '$.trace') AS kind FROM scenario")
        #expect(held.map { $0["kind"] as String? } == [nil, nil])
        try connection.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF; DELETE FROM trace")
        }
        #expect(throws: StoreError.self) { try store.lastRun() }
    }
}
