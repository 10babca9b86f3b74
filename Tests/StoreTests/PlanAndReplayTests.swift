import GRDB
import Quantities
import Store
import Testing
import Vocabulary

@Suite struct PlanTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    @discardableResult
    private func save(
        _ plan: Plan, fleet: Fleet = Samples.fleet, table: EfficiencyTable = Samples.table,
        run: RecordID<StoredRun>? = nil
    ) throws -> RecordID<Plan> {
        try store.save(
            plan, demand: Samples.demand, fleet: fleet, overProvision: Fraction(0.125), efficiency: table,
            method: "hercules", toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_200, run: run)
    }

    @Test func aPlanComesBackWhole() throws {
        let id = try save(Samples.plan)
        let stored = try #require(try store.lastPlan())
        #expect(stored.id == id)
        #expect(stored.plan == Samples.plan)
        #expect(stored.demand == Samples.demand)
        #expect(stored.fleet == Samples.fleet)
        #expect(stored.overProvision == Fraction(0.125))
        #expect(stored.method == "hercules")
        #expect(stored.plannedAtUnixSeconds == 1_790_000_200)
        #expect(
            stored.bases.map {
                [$0.model.name, $0.serverType.name, $0.provenance.rawValue, $0.powerProvenance.rawValue]
            }
                == [
                    ["ncf", "gpu-v100", "modelled", "metered"],
                    ["ncf", "this-host", "measured", "estimated"],
                    ["rm1-200k-rows", "this-host", "measured", "estimated"],
                ])
        #expect(stored.bases.map(\.throughput.value) == [5_100, 2_000.5, 312.5])
        #expect(stored.bases.map(\.power.value) == [410, 99.5, 133.375])
    }

    @Test func anInfeasiblePlanComesBackWithItsShortfalls() throws {
        try save(Samples.plan)
        try save(Samples.infeasiblePlan)
        #expect(try store.lastPlan()?.plan == Samples.infeasiblePlan)
    }

    @Test func thePlansGoalAndRouteComeBack() throws {
        var goal = PlanGoal(weights: [.money: 1, .servers: 2.5])
        goal.rates.pricesPerHour = ["gpu-v100": 1.25]
        goal.constraints.survives = .anyRack(servers: 20)
        goal.constraints.pinned["ncf", "gpu-v100"] = 2
        goal.constraints.minServers = ["ncf": 3]
        let plan = Plan(
            status: .feasible, allocation: Samples.plan.allocation, objective: Samples.plan.objective,
            bound: nil,
            shortfalls: [],
            valuation: Plan.Valuation(name: goal.name, unit: goal.unit, value: 12.5, bound: 12.25))
        try store.save(
            plan, demand: Samples.demand, fleet: Samples.fleet, overProvision: .zero,
            efficiency: Samples.table,
            method: "hercules", toolVersion: "0", atUnixSeconds: 1, goal: goal, route: "branched")
        let stored = try #require(try store.lastPlan())
        #expect(stored.plan == plan)
        #expect(stored.plan.gap == Fraction(0.02))
        #expect(stored.goal == goal)
        #expect(stored.route == "branched")
        try save(Samples.plan)
        #expect(try store.lastPlan()?.goal == PlanGoal())
    }

    @Test func anAllocationWithoutAnEntryIsRefusedByName() throws {
        let table = EfficiencyTable(Samples.table.entries.filter { $0.serverType != "gpu-v100" })
        #expect(
            throws: StoreError.inconsistent(
                what: "the plan's allocation", found: "ncf on gpu-v100",
                expected: "pairs with an efficiency entry")
        ) { try save(Samples.plan, table: table) }
        #expect(throws: StoreError.self) {
            try save(Samples.plan, fleet: Fleet(id: "f", counts: [Samples.serverType.id: 9]))
        }
        #expect(try store.lastPlan() == nil)
    }

    @Test func theSummaryAgreesWithThePlan() throws {
        try save(Samples.plan)
        let rows = try store.rows(of: "plan_summary")
        let row = Dictionary(uniqueKeysWithValues: zip(rows.columns, rows.rows[0]))
        #expect(row["gap_fraction"] == .real(try #require(Samples.plan.gap).value))
        #expect(row["servers"] == .integer(7))
        #expect(row["available_servers"] == .integer(15))
        #expect(row["load_queries_per_second"] == .real(10_000.25))
        #expect(row["provenance"] == .text("measured modelled"))
        #expect(row["power_provenance"] == .text("estimated metered"))
    }

    @Test func plansAreFoundByRun() throws {
        let first = try store.beginRun(of: Samples.scenario, seed: 1, toolVersion: "1", atUnixSeconds: 1)
        let second = try store.beginRun(of: Samples.scenario, seed: 1, toolVersion: "1", atUnixSeconds: 2)
        let id = try save(Samples.plan, run: first)
        try save(Samples.infeasiblePlan)
        #expect(try store.lastPlan(of: first)?.id == id)
        #expect(try store.lastPlan(of: second) == nil)
    }
}

@Suite struct ReplayTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    @discardableResult
    private func save(
        _ outcome: ReplayOutcome = Samples.replay, inputs: ContentDigest = Samples.inputs
    ) throws -> RecordID<ReplayOutcome> {
        try store.save(
            outcome, efficiency: Samples.table, inputsDigest: inputs, seed: .max - 9,
            toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_300)
    }

    @Test func aReplayComesBackWhole() throws {
        let id = try save()
        let stored = try #require(try store.lastReplay())
        #expect(stored.id == id)
        #expect(stored.outcome == Samples.replay)
        #expect(stored.efficiencyEntries == Samples.table.entries)
        #expect(stored.inputsDigest == Samples.inputs)
        #expect(stored.seed == UInt64.max - 9)
        #expect(stored.outcome.savings == Samples.replay.savings)
        #expect(try store.replay(ofInputs: Samples.inputs) == stored)
        #expect(try store.replay(ofInputs: Samples.settings) == nil)
    }

    @Test func repeatingAReplayDoesNotSwellTheFile() throws {
        try save()
        let before = try store.tables()
        try save()
        #expect(try store.tables() == before)
        try save(inputs: Samples.settings)
        let counts = Dictionary(uniqueKeysWithValues: try store.tables().map { ($0.name, $0.rowCount) })
        #expect(counts["replay"] == 2)
        #expect(counts["trace"] == 1)
        #expect(counts["replay_interval"] == 2 * 3 * 12)
        #expect(counts["replay_interval_row"] == 0)
        #expect(try store.integrityProblems() == [])
    }

    @Test func theSummaryAgreesWithTheTimelines() throws {
        try save()
        let rows = try rawConnection(folder.path()).read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM replay_summary")
        }
        #expect(rows.count == 3)
        func isClose(_ left: Double, _ right: Double) -> Bool {
            abs(left - right) <= 1e-9 * max(1, abs(right))
        }
        for timeline in Samples.replay.timelines {
            let row = try #require(rows.first { $0["policy"] == timeline.policy })
            #expect(isClose(row["mean_provisioned_watts"], timeline.meanProvisionedPower.value))
            #expect(isClose(row["peak_provisioned_watts"], timeline.peakProvisionedPower.value))
            #expect(isClose(row["mean_drawn_watts"], timeline.meanDrawnPower.value))
            #expect(isClose(row["provisioned_energy_joules"], timeline.provisionedEnergy.value))
            #expect(isClose(row["drawn_energy_joules"], timeline.drawnEnergy.value))
            #expect(isClose(row["mean_servers"], timeline.meanServers))
            #expect(row["peak_servers"] == timeline.peakServers)
            #expect(isClose(row["violation_fraction"], timeline.violationFraction.value))
            #expect(isClose(row["unserved_fraction"], timeline.unservedFraction.value))
            #expect(timeline.violationFraction.value > 0 && timeline.unservedFraction.value > 0)
            #expect(row["is_subject"] == (timeline.policy == "hercules"))
            #expect(row["provenance"] == "measured modelled")
        }
    }

    @Test func theIntervalViewsGiveNamesAndTimes() throws {
        try save()
        let row = try #require(
            try rawConnection(folder.path()).read { database in
                try Row.fetchOne(
                    database,
                    sql: """
                        SELECT * FROM replay_interval_summary
                        WHERE policy = 'greedy' AND interval_position = 3 AND model = 'ncf'
                        """)
            })
        #expect(row["starts_at_utc"] == "2023-11-14 22:30:00")
        #expect(row["load_queries_per_second"] == Samples.trace.demand(at: 3)["ncf"].value)
        #expect(row["servers"] == 1)
        let allocations = try store.rows(of: "replay_allocation_summary")
        let expected = Samples.replay.timelines.flatMap { $0.records.flatMap(\.allocation.shares) }.count
        #expect(allocations.rowCount == expected)
        #expect(allocations.rows.contains { $0.contains(.text("gpu-v100")) })
    }

    @Test func aPolicyWithoutIntervalsComesBack() throws {
        let empty = ReplayOutcome(
            trace: Samples.trace, subject: "none",
            timelines: [
                Timeline(policy: "none", interval: Samples.trace.interval, records: [], decisionSeconds: 0)
            ])
        try save(empty)
        #expect(try store.lastReplay()?.outcome == empty)
    }
}

@Suite struct RunTests {
    @Test func runsComeBackWithTheirScenario() throws {
        let folder = try TemporaryFolder()
        let store = try Store(path: folder.path())
        #expect(try store.lastRun() == nil)
        let first = try store.beginRun(
            of: Samples.scenario, seed: .max, toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_000)
        #expect(try store.lastRun()?.status == .running)
        #expect(try store.lastRun()?.finishedAtUnixSeconds == nil)
        try store.finishRun(first, status: .failed, atUnixSeconds: 1_790_000_050)

        var other = Samples.scenario
        other.id = "other"
        let second = try store.beginRun(of: other, seed: 3, toolVersion: "2", atUnixSeconds: 1_790_000_060)
        #expect(try store.lastRun()?.id == second)
        #expect(try store.lastRun()?.scenario == other)
        let found = try #require(try store.lastRun(ofScenario: "quickstart"))
        #expect(found.id == first)
        #expect(found.scenario == Samples.scenario)
        #expect(found.seed == .max)
        #expect(found.status == .failed)
        #expect(found.startedAtUnixSeconds == 1_790_000_000)
        #expect(found.finishedAtUnixSeconds == 1_790_000_050)
        #expect(try store.lastRun(ofScenario: "none") == nil)
    }

    @Test func aRunCannotBeFinishedAsRunningNorAnUnknownOne() throws {
        let folder = try TemporaryFolder()
        let store = try Store(path: folder.path())
        let run = try store.beginRun(of: Samples.scenario, seed: 1, toolVersion: "1", atUnixSeconds: 1)
        #expect(throws: StoreError.self) { try store.finishRun(run, status: .running, atUnixSeconds: 2) }
        #expect(throws: StoreError.unknownRecord(table: "run", id: 77)) {
            try store.finishRun(RecordID(77), status: .finished, atUnixSeconds: 2)
        }
    }

    @Test func anEditedScenarioIsNoticed() throws {
        let folder = try TemporaryFolder()
        let store = try Store(path: folder.path())
        _ = try store.beginRun(of: Samples.scenario, seed: 1, toolVersion: "1", atUnixSeconds: 1)
        try rawConnection(folder.path()).write { database in
            try database.execute(
                sql: "UPDATE scenario SET definition_json = replace(definition_json, '0.95', '1.95')")
        }
        #expect {
            try store.lastRun()
        } throws: { error in
            guard case StoreError.unreadableValue("run", "1", "definition_json", _, _) = error else {
                return false
            }
            return true
        }
    }
}
