import Foundation
import GRDB
import Quantities
import Store
import Testing
import Vocabulary

/// Every table that holds schedules holds every kind of them.
@Suite struct ScheduleKindTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    private static let engine = Schedule.engine(
        EngineRules(
            tensorParallel: 2, sequencesMax: 64, tokenBudget: 2048, chunkTokens: 512, precision: .fp8))
    private static let rules =
        #"{"chunkTokens":512,"expertParallel":1,"pipelineParallel":1,"precision":"fp8","role":"mixed","#
        + #""sequencesMax":64,"tensorParallel":2,"tokenBudget":2048}"#

    private static let all: [Schedule] = [
        Schedule(partition: .whole, threads: 64, workers: 1, batch: 1),
        Schedule(
            partition: .hostSparse, threads: 2, workers: 1, batch: 32, sparse: .init(threads: 3, workers: 2),
            hotFraction: Fraction(0.1)),
        engine,
        .engine(EngineRules(sequencesMax: 64, tokenBudget: 2048)),
        .engine(EngineRules(sequencesMax: 64, tokenBudget: 2048, role: .decode)),
    ]

    private func entry(_ schedule: Schedule) -> EfficiencyEntry {
        let sample = Samples.entry()
        return EfficiencyEntry(
            model: sample.model, serverType: sample.serverType, target: sample.target,
            powerBudget: sample.powerBudget, schedule: schedule, throughput: sample.throughput,
            power: sample.power, powerProvenance: sample.powerProvenance, provenance: sample.provenance,
            method: sample.method, evaluations: sample.evaluations, spaceSize: sample.spaceSize)
    }

    @Test(arguments: all.indices) func searchesComeBackWhole(index: Int) throws {
        let evaluations = Self.all.map {
            ScheduleEvaluation(
                schedule: $0, throughput: QueriesPerSecond(5), power: Watts(70), provenance: .modelled)
        }
        let outcome = SearchOutcome(
            entry: entry(Self.all[index]), model: Samples.model.id, serverType: Samples.serverType.id,
            evaluations: evaluations, path: Self.all.reversed())
        try store.save(
            outcome, key: Samples.searchKey(), toolVersion: "1", atUnixSeconds: 1)
        #expect(try store.searchOutcome(for: Samples.searchKey())?.outcome == outcome)
        #expect(try store.integrityProblems() == [])
    }

    @Test func measurementsAreFoundByTheirScheduleAlone() throws {
        for (index, schedule) in Self.all.enumerated() {
            var measurement = Samples.measurement
            measurement.schedule = schedule
            measurement.queries = 100 + index
            try store.save(
                measurement, verdict: Verdict(doubts: []), model: Samples.model,
                serverType: Samples.serverType, settingsDigest: Samples.settings)
        }
        #expect(try store.measurements().map(\.measurement.schedule) == Self.all)
        for (index, schedule) in Self.all.enumerated() {
            var key = Samples.key
            key.schedule = schedule
            #expect(try store.measurement(for: key)?.measurement.queries == 100 + index, "\(schedule)")
        }
    }

    @Test func precisionAndJoiningTellSchedulesApart() throws {
        let split = Schedule(partition: .whole, threads: 2, workers: 1, batch: 16)
        let schedules = [
            split, Schedule(partition: .whole, threads: 2, workers: 1, batch: 16, precision: .bf16),
            Schedule(partition: .whole, threads: 2, workers: 1, batch: 16, joinWait: .zero),
            Schedule(
                partition: .whole, threads: 2, workers: 1, batch: 16, precision: .f32,
                joinWait: Nanoseconds(milliseconds: 1.5)),
        ]
        for (index, schedule) in schedules.enumerated() {
            var measurement = Samples.measurement
            measurement.schedule = schedule
            measurement.queries = 100 + index
            measurement.inferencePrecision = "bf16"
            try store.save(
                measurement, verdict: Verdict(doubts: []), model: Samples.model,
                serverType: Samples.serverType, settingsDigest: Samples.settings)
        }
        #expect(try store.measurements().map(\.measurement.schedule) == schedules)
        for (index, schedule) in schedules.enumerated() {
            var key = Samples.key
            key.schedule = schedule
            let found = try store.measurement(for: key)?.measurement
            #expect(found?.queries == 100 + index && found?.inferencePrecision == "bf16", "\(schedule)")
        }
        #expect(Set(schedules).count == 4 && schedules.sorted().first == split)
    }

    @Test func replaysAndComparisonsComeBackWhole() throws {
        let table = EfficiencyTable([entry(Self.engine)])
        try store.save(
            Samples.replay, efficiency: table, inputsDigest: Samples.inputs, seed: 1, toolVersion: "1",
            atUnixSeconds: 1)
        #expect(try store.lastReplay()?.efficiencyEntries == table.entries)
        var comparison = ComparisonTests.comparison(live: 200, profiled: 220)
        comparison.schedule = Self.engine
        try store.save(comparison, model: Samples.model, serverType: Samples.serverType)
        #expect(try store.comparisons() == [comparison])
    }

    @Test func viewsShowTheRulesBesideTheColumns() throws {
        try store.save(
            SearchOutcome(
                entry: entry(Self.engine), model: Samples.model.id, serverType: Samples.serverType.id,
                evaluations: Self.all.map {
                    ScheduleEvaluation(
                        schedule: $0, throughput: QueriesPerSecond(5), power: Watts(70),
                        provenance: .modelled)
                }, path: [Self.engine]), key: Samples.searchKey(), toolVersion: "1", atUnixSeconds: 1)
        for (view, rows) in [("efficiency_summary", 1), ("evaluation_summary", 5), ("search_path", 1)] {
            let found = try store.rows(of: view)
            let column = try #require(found.columns.firstIndex(of: "engine_rules"), "\(view)")
            let threads = try #require(found.columns.firstIndex(of: "threads"))
            #expect(found.rows.count == rows)
            #expect(found.rows.contains { $0[column] == .text(Self.rules) && $0[threads] == .integer(64) })
            #expect(found.rows.count { $0[column] == .null } == (view == "evaluation_summary" ? 2 : 0))
        }
        for view in ["measurement_summary", "throughput_comparison_summary"] {
            #expect(try store.rows(of: view).columns.contains("engine_rules"))
        }
    }

    @Test(arguments: [
        (#"engine_rules = '{"sequencesMax":64}'"#, "an engine's rules as JSON"),
        (
            #"engine_rules = replace(engine_rules, '"tokenBudget":2048', '"tokenBudget":0')"#,
            "an engine's rules as JSON"
        ), ("threads = 65", "rules that agree with the columns beside them: whole M=65 O=1 D=1"),
    ])
    func rulesThatWereEditedAreAnErrorThatNamesTheCell(change: String, expected: String) throws {
        var measurement = Samples.measurement
        measurement.schedule = Self.engine
        try store.save(
            measurement, verdict: Verdict(doubts: []), model: Samples.model, serverType: Samples.serverType,
            settingsDigest: Samples.settings)
        try rawConnection(folder.path()).write {
            try $0.execute(sql: "UPDATE measurement SET \(change)")
        }
        let error = #expect(throws: StoreError.self) { try store.measurements() }
        guard case .unreadableValue("measurement", "1", "engine_rules", _, expected) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func textThatIsNoJSONIsRefusedByTheSchema() throws {
        var measurement = Samples.measurement
        measurement.schedule = Self.engine
        try store.save(
            measurement, verdict: Verdict(doubts: []), model: Samples.model, serverType: Samples.serverType,
            settingsDigest: Samples.settings)
        let raw = try rawConnection(folder.path())
        #expect(throws: DatabaseError.self) {
            try raw.write { try $0.execute(sql: "UPDATE measurement SET engine_rules = 'TP=2'") }
        }
    }
}
