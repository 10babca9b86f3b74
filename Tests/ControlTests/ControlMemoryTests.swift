import Controlling
import Foundation
import GRDB
import Pipeline
import Provisioning
import Quantities
import Store
import TestSupport
import Testing
import Vocabulary

/// An engine that was written down goes on as one that was never stopped.
@Suite struct ControlMemoryTests {
    private let trace = ControlFixtures.trace(intervals: 120)

    private func setup(_ forecaster: String, store: Store) -> ControlSetup {
        ControlFixtures.setup(trace, store: store, forecaster: forecaster)
    }

    private func play(_ setup: ControlSetup, ticks: Int, from clock: SimulatedClock) async throws {
        let source = TraceLoadSource(trace, interval: trace.interval)
        // One model is not believed for a while, so that ledgers have something to remember.
        let failing = FailingSource(source, interval: trace.interval) { tick, model in
            model == "b" && tick % 40 > 30 ? .failed(.unreachable, detail: "gone") : nil
        }
        let run = try ControllerRun(setup, .init(source: failing, clock: clock))
        for _ in 0..<ticks {
            await run.tick(at: clock.now())
            clock.advance(by: trace.interval)
        }
    }

    @Test(arguments: ["last_value", "seasonal_naive", "holt_winters", "quantile", "best"])
    func thePastIsGoneThroughFromWhereItWasWrittenDown(_ forecaster: String) async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let setup = setup(forecaster, store: store)
        try await play(setup, ticks: 110, from: SimulatedClock(wall: ControlFixtures.start))
        var early = try ControlEngine(setup)
        let first = try #require(try ControlRebuild(setup, store: store).run(&early, until: 75))
        #expect(first.ticks == 76 && first.inputs.tick == 75)
        try early.memory.save(of: setup, in: store)
        var (quick, whole) = (try ControlEngine(setup), try ControlEngine(setup))
        let rest = try #require(try ControlRebuild(setup, store: store).run(&quick))
        let all = try #require(try ControlRebuild(setup, store: store).run(&whole, remembers: false))
        #expect(rest.ticks == 34 && all.ticks == 110 && rest.inputs == all.inputs)
        #expect(quick.memory == whole.memory && quick.memory != early.memory)
        // And so does what they decide next.
        var inputs = all.inputs
        inputs.tick += 1
        #expect(
            try quick.decide(inputs, mode: .advisory).decision.allocation
                == whole.decide(inputs, mode: .advisory).decision.allocation)
        // A memory of a later tick says nothing of an earlier one.
        var before = try ControlEngine(setup)
        #expect(try ControlRebuild(setup, store: store).run(&before, until: 40)?.ticks == 41)
    }

    @Test func aMemoryOfAnotherSetupOrAnotherPastIsWorthNothing() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let setup = setup("last_value", store: store)
        try await play(setup, ticks: 30, from: SimulatedClock(wall: ControlFixtures.start))
        var engine = try ControlEngine(setup)
        _ = try ControlRebuild(setup, store: store).run(&engine)
        try engine.memory.save(of: setup, in: store)
        func goneThrough(_ setup: ControlSetup) throws -> Int? {
            var fresh = try ControlEngine(setup)
            return try ControlRebuild(setup, store: store).run(&fresh)?.ticks
        }
        #expect(try goneThrough(setup) == 0)
        #expect(
            try goneThrough(ControlFixtures.setup(trace, store: store) { $0.limits.fleet.max = 20 }) == 30)
        #expect(try goneThrough(self.setup("holt_winters", store: store)) == 30)
        let path = folder.url.appendingPathComponent("test.sqlite").path
        // Whatever is changed of it, the ticks are gone through.
        for change in [
            "memory_json = replace(memory_json, '\"lastTick\":29', '\"lastTick\":28')", "memory_json = '{}'",
            "chain_digest = '\(String(repeating: "0", count: 64))'", "tick = 99",
        ] {
            try engine.memory.save(of: setup, in: store)
            #expect(try goneThrough(setup) == 0)
            try await DatabaseQueue(path: path).write {
                try $0.execute(sql: "UPDATE controller_memory SET \(change)")
            }
            #expect(try goneThrough(setup) == 30, "\(change)")
        }
        #expect(try store.controllerFault() == nil)
    }

    @Test func aRunWritesItselfDownTwiceADayOfMinutes() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let setup = setup("last_value", store: store)
        let clock = SimulatedClock(wall: ControlFixtures.start)
        try await play(setup, ticks: ControlMemory.ticks + 25, from: clock)
        var engine = try ControlEngine(setup)
        #expect(try ControlRebuild(setup, store: store).run(&engine)?.ticks == 25)
        var whole = try ControlEngine(setup)
        _ = try ControlRebuild(setup, store: store).run(&whole, remembers: false)
        #expect(engine.memory == whole.memory)
    }
}
