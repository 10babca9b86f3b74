import Pipeline
import Quantities
import Testing
import Vocabulary

/// Models that are no language models, on boxes that they share.
@Suite struct SharedBoxStageTests {
    /// Small loads of two models fit one box, where whole boxes of one model each are two. A quarter of a box
    /// serves no more than a quarter of what the box does: fewer threads wait longer for the same tail.
    @Test func smallLoadsOfSeveralModelsShareABox() throws {
        var fixtures = try Fixtures(models: 2)
        fixtures.scenario.search.queries = 500
        let session = try fixtures.session()
        _ = try SearchStage(session).run()
        let table = try session.efficiencyTable()
        let type = fixtures.type
        let entries = try fixtures.scenario.models.map { try #require(table[$0.id, type.id]) }
        let loads = Dictionary(
            uniqueKeysWithValues: entries.map { ($0.model, QueriesPerSecond($0.throughput.value * 0.1)) })
        let outcome = try SharedBoxStage(session).run(demand: Demand(loads), headroom: Fraction(0))
        let plan = outcome.plan
        #expect(plan.boxCount == 1 && plan.shares.count == 2 && plan.shortfall.isEmpty)
        let whole = try #require(outcome.whole)
        #expect(whole.allocation.serverCount == 2 && plan.objective < whole.objective)
        #expect(plan.bound <= plan.objective)
        for share in plan.shares {
            let box = try #require(fixtures.scenario.serverTypes.first { $0.id == share.serverType })
            let entry = try #require(table[share.model, share.serverType])
            let part = Double(share.parts) / Double(box.parts)
            let each = share.capacity.value / Double(share.replicas)
            // Searches end at the best within a few percent.
            #expect(share.parts < box.parts && each <= entry.throughput.value * part * 1.05)
            #expect(share.load <= share.capacity && share.schedule.threadSchedule != nil)
        }
    }
}
