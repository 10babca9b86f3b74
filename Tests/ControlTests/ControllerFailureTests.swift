import Catalog
import Controlling
import Files
import Foundation
import Pipeline
import Provisioning
import Quantities
import Store
import Synchronization
import Testing
import Vocabulary

/// What a controller does when others take its place, when nothing can be written, and when nobody obeys.
@Suite struct ControllerFailureTests {
    /// A source that remembers nothing of the past.
    private struct Forgetful: LoadSource {
        let base: TraceLoadSource
        func read(at time: ControlTime) async -> [InputReading] { await base.read(at: time) }
        func readPast(at _: [ControlTime]) async -> [[InputReading]]? { nil }
    }

    private static let interval = 5.0
    private let trace = ControlFixtures.trace(intervals: 120, seconds: interval)

    private func run(
        _ name: String?, _ clock: SimulatedClock, _ store: Store, _ fleet: ObedientFleet? = nil
    ) throws -> ControllerRun {
        var surroundings = ControllerRun.Surroundings(
            source: Forgetful(base: TraceLoadSource(trace, interval: trace.interval)), clock: clock)
        surroundings.holder = name
        surroundings.fleet = fleet
        surroundings.actuator = fleet
        return try ControllerRun(
            ControlFixtures.setup(trace, mode: fleet == nil ? .advisory : .active, store: store), surroundings
        )
    }

    private func seconds(_ seconds: Double) -> Nanoseconds { Nanoseconds(seconds: seconds) }

    /// Fifty times on each of twenty databases, whoever leads falls asleep just when a decision is due, with
    /// its own clock, and wakes when the other has taken over.
    @Test func aThousandHandoversNeverOverlap() async throws {
        var (handovers, refused) = (0, 0)
        for _ in 0..<20 {
            let folder = try ControlFolder()
            let store = try folder.store()
            let clocks = (0..<2).map { _ in SimulatedClock(wall: ControlFixtures.start) }
            let runs = try (0..<2).map { try run("run \($0)", clocks[$0], try folder.store()) }
            var made: [ControllerDecision] = []
            await runs[0].keepLease(at: clocks[0].now())
            for round in 0..<50 {
                let (leader, other) = (round % 2, 1 - round % 2)
                await runs[leader].keepLease(at: clocks[leader].now())
                if let decision = await runs[leader].tick(at: clocks[leader].now()) { made.append(decision) }
                await runs[other].keepLease(at: clocks[other].now())
                // By its own clock the leader may still act when it wakes, and a decision is due.
                clocks[leader].advance(by: seconds(Self.interval + 1))
                clocks[other].advance(by: seconds(16))
                await runs[other].keepLease(at: clocks[other].now())
                let late = await runs[leader].tick(at: clocks[leader].now())
                #expect(late == nil)
                refused += await runs[leader].snapshot().canWrite ? 0 : 1
                clocks[leader].advance(by: seconds(10 - Self.interval))
                await runs[leader].keepLease(at: clocks[leader].now())
                clocks[other].advance(by: seconds(Self.interval))
                await runs[other].keepLease(at: clocks[other].now())
                if let decision = await runs[other].tick(at: clocks[other].now()) { made.append(decision) }
                handovers += 1
            }
            let stored = try store.controllerDecisions(from: 0, limit: 1000).map {
                try JSONDecoder().decode(ControllerDecision.self, from: Data($0.utf8))
            }
            #expect(stored.count == made.count && stored.count >= 50)
            #expect(stored.map(\.generation) == stored.map(\.generation).sorted())
            #expect(Set(stored.map(\.generation)).count >= 50)
            #expect(try store.controllerFault() == nil)
        }
        #expect(handovers == 1000 && refused == 1000, "\(refused) refused")
    }

    @Test func whatCannotBeWrittenHasNotBeenDecided() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let run = try run("one", clock, store)
        var made: [Int] = []
        for step in 0..<40 {
            await run.keepLease(at: clock.now())
            if step == 20 {
                // Somebody takes over between the look at the lease and the decision, and is not heard of
                // again.
                let lease = try #require(try store.controllerLease("controller"))
                let other = StoredLease(holder: "two", generation: lease.generation + 1, beat: 0)
                #expect(
                    try store.replaceControllerLease("controller", lease, with: other, atUnixMilliseconds: 0))
            }
            if let decision = await run.tick(at: clock.now()) { made.append(decision.tick) }
            clock.advance(by: trace.interval)
        }
        #expect(made == Array(0..<20) + Array(24..<40))
        // What was learnt and decided is what stands in the database, and nothing else.
        var lines: [String] = []
        let day = "\(ControlFixtures.start)".prefix(10)
        _ = try ControlRecord.record(day: String(day), of: store) { lines.append($0) }
        let again = try Rehearsal(ControlFixtures.setup(trace), lines: lines)
        #expect(again.decisions == 36 && again.identical == 36)
    }

    @Test func whoTakesOverSeesTheEndOfOrders() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let fleet = ObedientFleet(available: ["s": 60, "t": 30, "u": 8])
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let runs = try ["one", "two"].map { try run($0, clock, try folder.store(), fleet) }
        await runs[0].keepLease(at: clock.now())
        let first = try #require(await runs[0].tick(at: clock.now()))
        #expect(!first.orders.isEmpty)
        #expect(try store.openControllerOrders().count == first.orders.count)
        await runs[1].keepLease(at: clock.now())
        clock.advance(by: seconds(16))
        await runs[1].keepLease(at: clock.now())
        let second = try #require(await runs[1].tick(at: clock.now()))
        #expect(second.generation == 2)
        let open = try store.openControllerOrders()
        #expect(open.allSatisfy { $0.decision == second.id } && open.count == second.orders.count)
    }

    @Test func ordersThatNobodyCarriesOutEndInOthersPlaces() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let fleet = ObedientFleet(available: ["s": 60, "t": 30, "u": 8])
        fleet.state.withLock { $0.isDeaf = true }
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let run = try run(nil, clock, store, fleet)
        var alarms = 0
        for _ in 0..<20 {
            await run.tick(at: clock.now())
            clock.advance(by: trace.interval)
        }
        for event in try await run.events(after: 0, limit: 1000) where event.text.contains("lags") {
            alarms += 1
        }
        let open = try store.openControllerOrders()
        let pairs = Set(open.map { ModelOnServer(model: $0.order.model, serverType: $0.order.serverType) })
        #expect(!open.isEmpty && open.count == pairs.count, "one of each pair is open")
        // Asked for anew every five seconds, they are late after a minute all the same.
        #expect(alarms > 0)
        #expect(await run.snapshot().pairs.contains { $0.lag > 0 })
    }

    @Test func whatIsOlderThanTheFileSaysIsForgotten() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let hours = ControlFixtures.trace(intervals: 120, seconds: 21_600)
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let setup = ControlFixtures.setup(hours, store: store) { $0.retentionDays = 3 }
        let run = try ControllerRun(
            setup, .init(source: TraceLoadSource(hours, interval: hours.interval), clock: clock))
        for _ in 0..<30 {
            await run.tick(at: clock.now())
            clock.advance(by: hours.interval)
        }
        #expect(try store.controllerTicks(from: 0, limit: 100).map(\.tick) == Array(16..<30))
        #expect(try store.controllerFault() == nil)
    }
}
