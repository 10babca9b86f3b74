import Catalog
import Controlling
import Files
import Foundation
import Pipeline
import Provisioning
import Quantities
import Replaying
import TestSupport
import Testing
import Traces
import Vocabulary

/// A live controller decides what a replay decides, where no rule cuts.
@Suite struct ReplayEqualityTests {
    /// A week of quarters of an hour from a CSV.
    private func week() throws -> Trace {
        var options = TraceImportOptions()
        options.loads = .models(["a": "feed", "b": "ads", "c": "shop"])
        let (trace, _) = try TraceImporter(options: options).read(
            path: "\(Repository.workloads)/traces/week.csv")
        return trace.scaledToPeak([
            "a": QueriesPerSecond(900), "b": QueriesPerSecond(500), "c": QueriesPerSecond(400),
        ])
    }

    @Test(arguments: ["hercules", "greedy"]) func aWeekFromACSVGivesTheAllocationsOfItsReplay(
        policy: String
    ) async throws {
        let trace = try week()
        let scenario = ControlFixtures.scenario(trace, subject: policy)
        let replay = Replay(
            trace: trace, fleet: scenario.fleet, table: ControlFixtures.table,
            idlePowers: ["s": .zero, "t": .zero, "u": .zero])
        let timeline = try PolicyPlay(
            policy, scenario: scenario, replay: replay, table: ControlFixtures.table
        ).timeline(idlePowers: [:], modelSizes: [:])

        let setup = ControlFixtures.setup(trace, limited: false, subject: policy)
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let run = try ControllerRun(
            setup, .init(source: TraceLoadSource(trace, interval: trace.interval), clock: clock))
        var differing: [Int] = []
        var distinct: Set<Allocation> = []
        for index in 0..<trace.intervalCount {
            let made = await run.tick(at: clock.now())
            let decision = try #require(made)
            #expect(decision.tick == index)
            #expect(decision.cut.isEmpty)
            if decision.allocation != timeline.records[index].allocation { differing.append(index) }
            distinct.insert(decision.allocation)
            clock.advance(by: trace.interval)
        }
        #expect(differing.isEmpty)
        #expect(distinct.count > 50, "the allocation moves")
        let snapshot = await run.snapshot()
        #expect(snapshot.counters.ticks == ["decided": 672])
    }
}
