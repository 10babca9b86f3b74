import Pipeline
import Quantities
import Store
import Testing
import Vocabulary

/// Every row says which run it belongs to, which version wrote it and when.
@Suite struct RecorderTests {
    @Test func outcomesCarryRunVersionAndTime() throws {
        let fixtures = try Fixtures()
        let run = try fixtures.run()
        let recorder = Recorder(store: fixtures.store, run: run, now: { 1_790_000_000 })
        let key = SearchKey(
            model: fixtures.model, serverType: fixtures.type, powerBudget: nil, method: "m",
            inputsDigest: ContentDigest(ofText: "i"))
        let outcome = SearchOutcome(
            entry: nil, model: fixtures.model.id, serverType: fixtures.type.id, evaluations: [], path: [])
        try recorder.save(outcome, as: key)
        let stored = try #require(try fixtures.store.searchOutcome(for: key))
        #expect(stored.run == run)
        #expect(stored.toolVersion == Recorder.toolVersion)
        #expect(stored.searchedAtUnixSeconds == 1_790_000_000)
    }

    @Test func theEndOfARunIsNoted() throws {
        let fixtures = try Fixtures()
        let recorder = Recorder(store: fixtures.store, run: try fixtures.run(), now: { 7 })
        try recorder.finish(.failed)
        #expect(try fixtures.store.lastRun()?.status == .failed)
        // Records of batch jobs belong to no run, and there is nothing to note.
        try Recorder(store: fixtures.store, run: nil).finish(.finished)
        #expect(try fixtures.store.lastRun()?.status == .failed)
    }
}
