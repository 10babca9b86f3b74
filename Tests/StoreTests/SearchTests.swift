import GRDB
import Quantities
import Store
import Testing
import Vocabulary

@Suite struct SearchTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    @discardableResult
    private func save(_ outcome: SearchOutcome, _ key: SearchKey) throws -> RecordID<SearchOutcome> {
        try store.save(outcome, key: key, toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_100)
    }

    @Test func anOutcomeComesBackWhole() throws {
        let id = try save(Samples.search(), Samples.searchKey())
        let stored = try #require(try store.searchOutcome(for: Samples.searchKey()))
        #expect(stored.id == id)
        #expect(stored.outcome == Samples.search())
        #expect(stored.target == Samples.model.latencyTarget)
        #expect(stored.method == "gradient")
        #expect(stored.inputsDigest == Samples.inputs)
        #expect(stored.toolVersion == "1.2.3-test")
        #expect(stored.searchedAtUnixSeconds == 1_790_000_100)
    }

    @Test func findingNothingFeasibleIsAnOutcomeToo() throws {
        #expect(try store.searchOutcome(for: Samples.searchKey()) == nil)
        try save(Samples.search(nil), Samples.searchKey())
        #expect(try store.searchOutcome(for: Samples.searchKey())?.outcome == Samples.search(nil))
        let table = try store.efficiencyTable(models: [Samples.model], serverTypes: [Samples.serverType])
        #expect(table.entries == [])
    }

    @Test func anyOtherKeyMisses() throws {
        try save(Samples.search(), Samples.searchKey())
        var tighter = Samples.searchKey()
        tighter.target = LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 99))
        var tail = Samples.searchKey()
        tail.target = LatencyTarget(quantile: Quantile(0.99), limit: Nanoseconds(milliseconds: 100))
        let others = [
            tighter, tail, Samples.searchKey(Samples.otherModel),
            Samples.searchKey(Samples.model, Samples.otherServerType),
            Samples.searchKey(powerBudget: Watts(200)), Samples.searchKey(method: "exhaustive"),
            Samples.searchKey(inputs: Samples.settings),
        ]
        for key in others { #expect(try store.searchOutcome(for: key) == nil) }
    }

    @Test func aRepeatedSearchTakesThePlaceOfTheFirst() throws {
        try save(Samples.search(), Samples.searchKey())
        try save(Samples.search(nil), Samples.searchKey())
        let counts = Dictionary(uniqueKeysWithValues: try store.tables().map { ($0.name, $0.rowCount) })
        #expect(counts["search"] == 1)
        #expect(counts["efficiency"] == 0)
        #expect(counts["evaluation"] == 4)
        #expect(counts["search_step"] == 4)
        #expect(try store.integrityProblems() == [])
    }

    @Test func theTableHoldsTheLatestEntryOfEachPair() throws {
        let second = Samples.entry(throughput: 400)
        try save(Samples.search(), Samples.searchKey())
        try save(Samples.search(second), Samples.searchKey(inputs: Samples.settings))
        let other = Samples.entry(Samples.otherModel, Samples.otherServerType, provenance: .modelled)
        try save(Samples.search(other), Samples.searchKey(Samples.otherModel, Samples.otherServerType))
        let budgeted = Samples.entry(throughput: 50, powerBudget: Watts(90))
        try save(Samples.search(budgeted), Samples.searchKey(powerBudget: Watts(90)))
        let exhaustive = Samples.entry(throughput: 444, method: "exhaustive")

        let models = [Samples.otherModel, Samples.model]
        let serverTypes = [Samples.serverType, Samples.otherServerType]
        #expect(
            try store.efficiencyTable(models: models, serverTypes: serverTypes).entries == [other, second])
        #expect(
            try store.efficiencyTable(models: models, serverTypes: serverTypes, powerBudget: Watts(90))
                .entries
                == [budgeted])
        try save(Samples.search(exhaustive), Samples.searchKey(method: "exhaustive"))
        #expect(
            try store.efficiencyTable(models: models, serverTypes: serverTypes, method: "gradient").entries
                == [other, second])
        #expect(
            try store.efficiencyTable(models: [Samples.model], serverTypes: serverTypes).entries == [
                exhaustive
            ])
    }

    @Test func anInfeasibleLatestSearchHidesAnOlderEntry() throws {
        try save(Samples.search(), Samples.searchKey())
        try save(Samples.search(nil), Samples.searchKey(inputs: Samples.settings))
        let table = try store.efficiencyTable(models: [Samples.model], serverTypes: [Samples.serverType])
        #expect(table[Samples.model.id, Samples.serverType.id] == nil)
    }

    @Test func entriesOfAnotherDefinitionOrTargetAreNotMixedIn() throws {
        try save(Samples.search(), Samples.searchKey())
        let edited = Model(
            id: Samples.model.id, title: "", source: "", kind: Samples.otherModel.kind,
            latencyTarget: Samples.model.latencyTarget, querySizes: Samples.model.querySizes)
        let tightened = Model(
            id: Samples.model.id, title: "", source: "", kind: Samples.model.kind,
            latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(1)),
            querySizes: Samples.model.querySizes)
        for model in [edited, tightened] {
            #expect(
                try store.efficiencyTable(models: [model], serverTypes: [Samples.serverType]).entries == [])
        }
    }

    @Test func anOutcomeThatContradictsItsKeyIsRefused() throws {
        let outcomes = [
            Samples.search(Samples.entry(Samples.otherModel)),
            Samples.search(Samples.entry(powerBudget: Watts(3))),
            Samples.search(Samples.entry(method: "random")),
            SearchOutcome(
                entry: nil, model: Samples.model.id, serverType: Samples.serverType.id, evaluations: [],
                path: [Samples.schedule]),
        ]
        for outcome in outcomes {
            #expect(throws: StoreError.self) { try save(outcome, Samples.searchKey()) }
        }
        #expect(try store.tables().allSatisfy { $0.rowCount == 0 || $0.name == "ordinal" })
    }

    @Test func theViewMarksThePath() throws {
        try save(Samples.search(), Samples.searchKey())
        let rows = try store.rows(of: "evaluation_summary")
        let column = try #require(rows.columns.firstIndex(of: "is_on_path"))
        #expect(rows.rows.map { $0[column] } == [.integer(1), .integer(0), .integer(1), .integer(1)])
    }

    @Test func theViewTellsTheLatestAndTheInfeasible() throws {
        try save(Samples.search(), Samples.searchKey())
        try save(Samples.search(nil), Samples.searchKey(inputs: Samples.settings))
        let rows = try rawConnection(folder.path()).read { database in
            try Row.fetchAll(
                database,
                sql:
                    """
                    SELECT is_feasible, is_latest, queries_per_joule FROM efficiency_summary ORDER BY \
                    search_id
                    """
            )
        }
        #expect(rows[0]["is_feasible"] == 1 && rows[0]["is_latest"] == 0)
        #expect(rows[0]["queries_per_joule"] == Samples.entry().queriesPerJoule)
        #expect(rows[1]["is_feasible"] == 0 && rows[1]["is_latest"] == 1)
    }
}
