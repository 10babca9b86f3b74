import Controlling
import Foundation
import Pipeline
import Quantities
import Store
import Synchronization
import Testing
import Vocabulary

/// A lease that stands elsewhere than in the database, as in a cluster whose controllers share none.
@Suite struct ControllerLeaseTests {
    private let trace = ControlFixtures.trace(intervals: 120)

    private final class MemoryLease: SharedLease {
        struct State {
            var record: LeaseRecord?
            var isSilent = false
        }

        let state = Mutex(State())

        func lease() throws -> LeaseRecord? {
            try state.withLock { state in
                guard !state.isSilent else { throw CancellationError() }
                return state.record
            }
        }

        func replace(_ old: LeaseRecord?, with new: LeaseRecord, at _: WallTime) throws -> Bool {
            try state.withLock { state in
                guard !state.isSilent else { throw CancellationError() }
                guard state.record == old else { return false }
                state.record = new
                return true
            }
        }
    }

    private func run(
        _ name: String, _ store: Store, _ lease: MemoryLease, _ clock: SimulatedClock, _ fleet: ObedientFleet
    ) throws -> ControllerRun {
        var surroundings = ControllerRun.Surroundings(
            source: TraceLoadSource(trace, interval: trace.interval), clock: clock)
        (surroundings.holder, surroundings.leases) = (name, lease)
        (surroundings.fleet, surroundings.actuator) = (fleet, fleet)
        return try ControllerRun(ControlFixtures.setup(trace, mode: .active, store: store), surroundings)
    }

    @Test func generationsNeverFallWhicheverDatabaseIsWrittenTo() async throws {
        let folders = [try ControlFolder(), try ControlFolder()]
        let (lease, clock) = (MemoryLease(), SimulatedClock(wall: ControlFixtures.start))
        let fleet = ObedientFleet(available: ["s": 60, "t": 30, "u": 8])
        let runs = try ["one", "two"].enumerated().map {
            try run($1, try folders[$0].store(), lease, clock, fleet)
        }
        var leaders: [Int] = []
        for second in stride(from: 0, to: 1800, by: 2) {
            // Whoever leads falls asleep for a while, again and again.
            for place in runs.indices where (second / 120) % 3 != place {
                await runs[place].keepLease(at: clock.now())
                if await runs[place].tick(at: clock.now()) != nil { leaders.append(place) }
            }
            clock.advance(by: Nanoseconds(seconds: 2))
        }
        let orders = fleet.state.withLock { $0.orders }
        let generations = orders.map(\.generation)
        #expect(Set(leaders) == [0, 1] && Set(generations).count > 3)
        #expect(generations == generations.sorted())
        for folder in folders { #expect(try folder.store().controllerFault() == nil) }
    }

    @Test func aLeaseThatBeganAnewIsTakenAboveWhatTheDatabaseHasSeen() async throws {
        let folder = try ControlFolder()
        let (lease, clock) = (MemoryLease(), SimulatedClock(wall: ControlFixtures.start))
        let fleet = ObedientFleet(available: ["s": 60, "t": 30, "u": 8])
        let store = try folder.store()
        _ = try store.replaceControllerLease(
            "controller", nil, with: StoredLease(holder: "earlier", generation: 7, beat: 3),
            atUnixMilliseconds: 1)
        let one = try run("one", store, lease, clock, fleet)
        await one.keepLease(at: clock.now())
        let made = try #require(await one.tick(at: clock.now()))
        #expect(made.generation == 8 && lease.state.withLock { $0.record?.generation } == 8)
    }

    @Test func whoCannotRenewStopsActingAndGoesOnWhenItCanAgain() async throws {
        let folder = try ControlFolder()
        let (lease, clock) = (MemoryLease(), SimulatedClock(wall: ControlFixtures.start))
        let fleet = ObedientFleet(available: ["s": 60, "t": 30, "u": 8])
        let one = try run("one", try folder.store(), lease, clock, fleet)
        await one.keepLease(at: clock.now())
        #expect(await one.tick(at: clock.now()) != nil)
        lease.state.withLock { $0.isSilent = true }
        clock.advance(by: trace.interval)
        await one.keepLease(at: clock.now())
        #expect(await one.tick(at: clock.now()) == nil)
        #expect(await !one.snapshot().isLeader)
        // It may be the network and not the disk.
        #expect(await one.snapshot().canWrite)
        lease.state.withLock { $0.isSilent = false }
        await one.keepLease(at: clock.now())
        #expect(await one.tick(at: clock.now())?.generation == 1)
    }
}
