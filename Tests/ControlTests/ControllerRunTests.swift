import Catalog
import Controlling
import Files
import Foundation
import Pipeline
import Provisioning
import Quantities
import Store
import Synchronization
import TestSupport
import Testing
import Vocabulary

/// A run from its inputs to its rows.
@Suite struct ControllerRunTests {
    private let trace = ControlFixtures.trace(intervals: 120)
    private let operatorOf = ControllerActor(name: "eve", role: "operator", address: "127.0.0.1")

    private var source: TraceLoadSource { TraceLoadSource(trace, interval: trace.interval) }

    /// Decisions of so many ticks.
    private func play(
        _ setup: ControlSetup, _ surroundings: ControllerRun.Surroundings, ticks: Int
    ) async throws -> [ControllerDecision] {
        let run = try ControllerRun(setup, surroundings)
        var made: [ControllerDecision] = []
        for _ in 0..<ticks {
            if let decision = await run.tick(at: surroundings.clock.now()) { made.append(decision) }
            try await surroundings.clock.sleep(
                until: surroundings.clock.now().monotonic + trace.interval)
        }
        return made
    }

    private func servers(_ decision: ControllerDecision, _ model: ModelID) -> [Int] {
        ["s", "t", "u"].map { decision.allocation[model, ServerTypeID($0)] }
    }

    // MARK: Trust

    @Test func aDeadExporterStopsNothingOfItsModelAndChangesNothingElse() async throws {
        // Where servers are scarce, what one model holds is missing for others.
        let setup = ControlFixtures.setup(trace, limited: false, isAmple: true)
        func played(_ fault: @escaping @Sendable (Int, ModelID) -> InputReading.Answer?) async throws
            -> [ControllerDecision]
        {
            let clock = SimulatedClock(wall: ControlFixtures.start)
            return try await play(
                setup,
                .init(source: FailingSource(source, interval: trace.interval, fault: fault), clock: clock),
                ticks: 60)
        }
        let dead = try await played { tick, model in
            (20..<40).contains(tick) && model == "b" ? .failed(.unreachable, detail: "gone") : nil
        }
        // The same, had the last load before been read again and again.
        let last = try #require(dead[19].load["b"])
        let frozen = try await played { tick, model in
            guard (20..<41).contains(tick), model == "b" else { return nil }
            return .value(
                LoadValue(
                    queriesPerSecond: last,
                    lastSampleAt: ControlFixtures.start.adding(seconds: Double(tick) * 60), samples: 2,
                    expected: 2))
        }
        for tick in 20..<40 {
            #expect(dead[tick].trust["b"]?.state == .held)
            #expect(servers(dead[tick], "a") == servers(frozen[tick], "a"))
            #expect(servers(dead[tick], "c") == servers(frozen[tick], "c"))
            #expect(!dead[tick].orders.contains { $0.model == "b" && $0.stops })
        }
        #expect(dead[40].trust["b"]?.cause == .recovering)
        #expect(dead[41].trust["b"]?.state == .fresh)
        #expect(dead[20...40].allSatisfy { ($0.needed["b"] ?? 0) >= last })
    }

    @Test func withoutMostOfTheModelsNothingIsTouched() async throws {
        let setup = ControlFixtures.setup(trace)
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let made = try await play(
            setup,
            .init(
                source: FailingSource(source, interval: trace.interval) { tick, model in
                    (30..<45).contains(tick) && model != "a" ? .failed(.unreachable, detail: "gone") : nil
                }, clock: clock), ticks: 60)
        for tick in 30..<46 {
            #expect(made[tick].orders.isEmpty && made[tick].fleetHold != nil)
            #expect(made[tick].allocation == made[29].allocation)
        }
        #expect(made[46].fleetHold == nil)
    }

    @Test func whateverIsReadNothingStopsOfAModelThatIsHeld() async throws {
        let faults: [InputReading.Answer] = [
            .failed(.unreachable, detail: ""), .failed(.partial, detail: ""), .counters([]),
            .value(
                LoadValue(
                    queriesPerSecond: .nan, lastSampleAt: ControlFixtures.start, samples: 2, expected: 2)),
            .value(
                LoadValue(
                    queriesPerSecond: 1e308, lastSampleAt: ControlFixtures.start, samples: 2, expected: 2)),
            .value(
                LoadValue(queriesPerSecond: 0, lastSampleAt: ControlFixtures.start, samples: 2, expected: 2)),
            .value(LoadValue(queriesPerSecond: -5, lastSampleAt: nil, samples: nil, expected: nil)),
        ]
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let made = try await play(
            ControlFixtures.setup(trace),
            .init(
                source: FailingSource(source, interval: trace.interval) { tick, model in
                    let draw = (tick * 31 + (model == "a" ? 7 : model == "b" ? 13 : 17)) % 23
                    return tick > 3 && draw < faults.count ? faults[draw] : nil
                }, clock: clock), ticks: 120)
        #expect(made.count == 120)
        var held = 0
        for decision in made {
            for (model, trust) in decision.trust where trust.state == .held {
                held += 1
                #expect(!decision.orders.contains { $0.model == model && $0.stops })
            }
        }
        #expect(held > 50)
    }

    // MARK: The past

    @Test func aRunThatIsKilledGoesOnAsIfNothingHadHappened() async throws {
        let one = try ControlFolder()
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let whole = try await play(
            ControlFixtures.setup(trace, limited: false, store: try one.store()),
            .init(source: source, clock: clock),
            ticks: 60)
        for end in [1, 40] {
            let folder = try ControlFolder()
            let clock = SimulatedClock(wall: ControlFixtures.start)
            _ = try await play(
                ControlFixtures.setup(trace, limited: false, store: try folder.store()),
                .init(source: source, clock: clock), ticks: end)
            let rest = try await play(
                ControlFixtures.setup(trace, limited: false, store: try folder.store()),
                .init(source: source, clock: clock), ticks: 60 - end)
            #expect(rest.map(\.tick) == Array(end..<60))
            // The first tick after a start stops nothing, the next makes up for it.
            for (before, after) in zip(whole[end...], rest) {
                #expect(before.needed == after.needed && before.forecast == after.forecast)
                guard after.tick > end + 1 else { continue }
                #expect(before.allocation == after.allocation, "killed after \(end), tick \(after.tick)")
            }
            #expect(!rest[0].orders.contains { $0.stops })
            #expect(try folder.store().controllerFault() == nil)
        }
    }

    @Test func thePastAndTheRestAreTheWhole() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let setup = ControlFixtures.setup(trace, store: store)
        let clock = SimulatedClock(wall: ControlFixtures.start)
        _ = try await play(setup, .init(source: source, clock: clock), ticks: 50)
        var whole = try ControlEngine(setup)
        _ = try ControlRebuild(setup, store: store).run(&whole)
        #expect(whole.planning.planned == 0 && whole.planning.recalled >= 50)
        var prefix = try ControlEngine(setup)
        _ = try ControlRebuild(setup, store: store).run(&prefix, until: 22)
        #expect(prefix.state != whole.state)
        var parts = try ControlEngine(setup)
        _ = try ControlRebuild(setup, store: store).run(&parts, until: 49)
        #expect(parts.state == whole.state)
        #expect(parts.savings == whole.savings)
    }

    @Test func aDayIsRehearsedToTheLastBit() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let setup = ControlFixtures.setup(trace, store: store)
        let clock = SimulatedClock(wall: ControlFixtures.start.adding(seconds: 86_400 - 40 * 60))
        _ = try await play(setup, .init(source: source, clock: clock), ticks: 100)
        var lines: [String] = []
        let day = "\(ControlFixtures.start.adding(seconds: 90_000))".prefix(10)
        let count = try ControlRecord.record(day: String(day), of: store) { lines.append($0) }
        #expect(count == 60 && lines.count == 100)
        let again = try Rehearsal(setup, lines: lines)
        #expect(again.decisions == 60 && again.identical == 60 && again.changed == 0)
        #expect(again.wattsBefore == again.wattsNow && again.differences.isEmpty)
        let changed = ControlFixtures.setup(trace) { $0.limits.fleet.max = 20 }
        let other = try Rehearsal(changed, lines: lines)
        #expect(other.decisions == 60 && other.changed > 0 && other.identical < 60)
        #expect(other.wattsNow < other.wattsBefore && other.shortNow >= other.shortBefore)
        #expect(!other.differences.isEmpty)
        #expect(throws: ControlRecord.Failure.self) { try Rehearsal(setup, lines: ["{}"]) }
        #expect(throws: ControlRecord.Failure.noTicks(day: "2001-01-01")) {
            try ControlRecord.record(day: "2001-01-01", of: store) { _ in }
        }
        #expect(throws: ControlRecord.Failure.notADay(found: "yesterday")) {
            try ControlRecord.record(day: "yesterday", of: store) { _ in }
        }
    }

    // MARK: Clocks

    @Test func clocksMayJumpAndProcessesStop() async throws {
        let folder = try ControlFolder()
        let setup = ControlFixtures.setup(trace, store: try folder.store())
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let run = try ControllerRun(setup, .init(source: source, clock: clock))
        var ticks: [Int] = []
        for step in 0..<40 {
            for _ in 0..<3 {
                if let made = await run.tick(at: clock.now()) { ticks.append(made.tick) }
            }
            switch step {
            case 10: clock.setWall(ControlFixtures.start.adding(seconds: -3600))
            case 15: clock.setWall(ControlFixtures.start.adding(seconds: 90_000))
            case 20: clock.advance(by: trace.interval * 9)
            default: break
            }
            clock.advance(by: trace.interval)
        }
        #expect(ticks == Array(0...20) + Array(30...48))
        #expect(Set(ticks).count == ticks.count)
    }

    @Test func whatWasMissedIsLearntAfterwards() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let setup = ControlFixtures.setup(trace, limited: false, store: store)
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let run = try ControllerRun(setup, .init(source: source, clock: clock))
        let undisturbed = SimulatedClock(wall: ControlFixtures.start)
        let whole = try await play(
            ControlFixtures.setup(trace, limited: false), .init(source: source, clock: undisturbed),
            ticks: 60)
        for _ in 0..<30 {
            _ = await run.tick(at: clock.now())
            clock.advance(by: trace.interval)
        }
        clock.advance(by: trace.interval * 12)
        let after = try #require(await run.tick(at: clock.now()))
        #expect(after.tick == 42)
        #expect(after.load == whole[42].load && after.forecast == whole[42].forecast)
        #expect(try store.controllerTicks(from: 0, limit: 100).map(\.tick) == Array(0...42))
        #expect(try store.controllerDecisions(limit: 100).count == 31)
        var rebuilt = try ControlEngine(setup)
        _ = try ControlRebuild(setup, store: store).run(&rebuilt)
        #expect(rebuilt.state.lastIndex == 42 && rebuilt.planning.planned == 0)
        #expect(try store.controllerFault() == nil)
    }

    // MARK: Acting

    @Test func nothingIsOrderedThatIsNotWrittenAndWhatIsSeenCounts() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let fleet = ObedientFleet(available: ["s": 60, "t": 30, "u": 8]) { order in
            let open = (try? store.openControllerOrders()) ?? []
            return open.contains { $0.id == order.id && $0.order.to == order.to }
        }
        let setup = ControlFixtures.setup(trace, mode: .active, store: store)
        let clock = SimulatedClock(wall: ControlFixtures.start)
        var surroundings = ControllerRun.Surroundings(source: source, clock: clock)
        surroundings.fleet = fleet
        surroundings.actuator = fleet
        let made = try await play(setup, surroundings, ticks: 60)
        let orders = fleet.state.withLock { $0.orders }
        #expect(orders.count == made.reduce(0) { $0 + $1.orders.count } && orders.count > 20)
        #expect(fleet.state.withLock { $0.serving } == made.last?.allocation)
        #expect(try store.openControllerOrders().count == made[59].orders.count, "the rest was read back")
        #expect(try store.controllerFault() == nil)
    }

    @Test func ordersThatAreNotCarriedOutAreNotStacked() async throws {
        let folder = try ControlFolder()
        let fleet = ObedientFleet(available: ["s": 60, "t": 30, "u": 8])
        let setup = ControlFixtures.setup(trace, mode: .active, store: try folder.store())
        let clock = SimulatedClock(wall: ControlFixtures.start)
        var surroundings = ControllerRun.Surroundings(source: source, clock: clock)
        surroundings.fleet = fleet
        surroundings.actuator = fleet
        fleet.state.withLock { $0.isDeaf = true }
        let made = try await play(setup, surroundings, ticks: 10)
        // Asked for at once; from the next tick on the pair lags, and nothing is started on top of it.
        var starts: [ModelOnServer: Int] = [:]
        for order in made.flatMap(\.orders) where !order.stops {
            starts[ModelOnServer(model: order.model, serverType: order.serverType), default: 0] += 1
        }
        #expect(!starts.isEmpty && starts.values.allSatisfy { $0 == 1 })
        #expect(made.flatMap(\.cut).contains { $0.rule == "A1" })
    }

    @Test func modesThatAdviseHaveNothingToActWith() async throws {
        let setup = ControlFixtures.setup(trace, mode: .active)
        let clock = SimulatedClock(wall: ControlFixtures.start)
        #expect(throws: ControllerRefusal.self) {
            try ControllerRun(setup, .init(source: source, clock: clock))
        }
        let fleet = ObedientFleet(available: ["s": 60, "t": 30, "u": 8])
        var surroundings = ControllerRun.Surroundings(source: source, clock: clock)
        surroundings.fleet = fleet
        surroundings.actuator = fleet
        surroundings.mode = .advisory
        let made = try await play(setup, surroundings, ticks: 30)
        #expect(made.contains { !$0.orders.isEmpty })
        #expect(fleet.state.withLock { $0.orders.isEmpty })
    }

    @Test func whoOnlyObservesLearnsAndDecidesNothing() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let clock = SimulatedClock(wall: ControlFixtures.start)
        var surroundings = ControllerRun.Surroundings(source: source, clock: clock)
        surroundings.mode = .observe
        let run = try ControllerRun(ControlFixtures.setup(trace, store: store), surroundings)
        for _ in 0..<5 {
            #expect(await run.tick(at: clock.now()) == nil)
            clock.advance(by: trace.interval)
        }
        let snapshot = await run.snapshot()
        #expect(snapshot.tick == 4 && snapshot.decision == nil && !snapshot.hasTrustedPlan)
        #expect(snapshot.models.allSatisfy { $0.trust.state == .fresh && $0.load != nil })
        #expect(try store.controllerDecisions(limit: 10).isEmpty)
        #expect(try store.controllerTicks(from: 0, limit: 10).count == 5)
    }

    @Test func aProposalIsCarriedOutWhenItIsApproved() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let fleet = ObedientFleet(available: ["s": 60, "t": 30, "u": 8])
        let setup = ControlFixtures.setup(trace, mode: .approve, store: store)
        let clock = SimulatedClock(wall: ControlFixtures.start)
        var surroundings = ControllerRun.Surroundings(source: source, clock: clock)
        surroundings.fleet = fleet
        surroundings.actuator = fleet
        let run = try ControllerRun(setup, surroundings)
        await run.tick(at: clock.now())
        let proposal = try #require(await run.snapshot().proposals.first)
        #expect(fleet.state.withLock { $0.orders.isEmpty } && (proposal.watts ?? 0) > 0)
        try await run.perform(.approve(proposal: proposal.id), by: operatorOf)
        #expect(fleet.state.withLock { $0.orders.count } == proposal.orders.count)
        #expect(await run.snapshot().proposals.isEmpty)
        clock.advance(by: trace.interval)
        await run.tick(at: clock.now())
        if let later = await run.snapshot().proposals.first {
            clock.advance(by: trace.interval * 2)
            await #expect(throws: ControllerRefusal.self) {
                try await run.perform(.approve(proposal: later.id), by: operatorOf)
            }
        }
        #expect(try store.controllerAudit(after: 0, limit: 10).map(\.action) == ["approve"])
        #expect(try store.controllerFault() == nil)
    }

    // MARK: Commands

    @Test func whatAPersonAsksIsWrittenDownAndDone() async throws {
        let folder = try ControlFolder()
        let store = try folder.store()
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let run = try ControllerRun(
            ControlFixtures.setup(trace, limited: false, store: store), .init(source: source, clock: clock))
        let first = try #require(await run.tick(at: clock.now()))
        let revision = await run.snapshot().revision
        try await run.perform(.pause(revision: revision), by: operatorOf)
        await #expect(throws: ControllerRefusal.revision(found: revision, expected: revision + 1)) {
            try await run.perform(.resume(revision: revision), by: operatorOf)
        }
        clock.advance(by: trace.interval * 6)
        let paused = try #require(await run.tick(at: clock.now()))
        #expect(paused.allocation == first.allocation && paused.cut.contains { $0.rule == "paused" })
        try await run.perform(.resume(revision: nil), by: operatorOf)
        let override = PairOverride(
            model: "a", serverType: "u", min: 0, max: 0, until: clock.now().wall.adding(seconds: 300),
            reason: "repairs")
        try await run.perform(.override(override, revision: nil), by: operatorOf)
        clock.advance(by: trace.interval)
        let bound = try #require(await run.tick(at: clock.now()))
        #expect(bound.allocation["a", "u"] == 0)
        clock.advance(by: trace.interval * 5)
        _ = await run.tick(at: clock.now())
        #expect(await run.snapshot().overrides.isEmpty, "it ends by itself")
        try await run.perform(.rollback(decision: first.id, revision: nil), by: operatorOf)
        clock.advance(by: trace.interval)
        let back = try #require(await run.tick(at: clock.now()))
        // What the load of now needs is kept, whatever the earlier plan had.
        for model in ControlFixtures.models {
            for type in ["s", "t", "u"].map({ ServerTypeID($0) }) {
                let isCut = back.cut.contains {
                    $0.model == model && $0.serverType == type && $0.rule == "S4"
                }
                #expect(isCut || back.allocation[model, type] == first.allocation[model, type])
            }
        }
        for wrong in [
            ControllerCommand.override(
                PairOverride(
                    model: "nobody", serverType: "u", min: 0, max: 0,
                    until: clock.now().wall.adding(seconds: 9), reason: ""), revision: nil),
            .setMode(.active, revision: nil), .approve(proposal: 99),
        ] {
            await #expect(throws: ControllerRefusal.self) { try await run.perform(wrong, by: operatorOf) }
        }
        let audit = try await run.audit(after: 0, limit: 100)
        #expect(audit.map(\.action) == ["pause", "resume", "override", "rollback"])
        #expect(audit.allSatisfy { $0.actor == "eve" && $0.digest.count == 64 })
        let events = try await run.events(after: 0, limit: 1000)
        #expect(events.map(\.id) == Array(1...Int64(events.count)))
        #expect(try await run.decision(first.id)?.sentence == first.sentence)
        #expect(try await run.history(last: 100).count == 5)
        #expect(try store.controllerFault() == nil)
    }

    @Test func twoControllersNeverDecideForOneTick() async throws {
        let folder = try ControlFolder()
        let clock = SimulatedClock(wall: ControlFixtures.start)
        var runs: [ControllerRun] = []
        for name in ["one", "two"] {
            var surroundings = ControllerRun.Surroundings(source: source, clock: clock)
            surroundings.holder = name
            runs.append(
                try ControllerRun(ControlFixtures.setup(trace, store: try folder.store()), surroundings))
        }
        // Whoever acts falls asleep for a while, again and again.
        var decided: [Int: [Int]] = [:]
        var generations: [Int64] = []
        for second in stride(from: 0, to: 3600, by: 2) {
            for place in runs.indices where (second / 120) % 3 != place {
                await runs[place].keepLease(at: clock.now())
                if let made = await runs[place].tick(at: clock.now()) {
                    decided[made.tick, default: []].append(place)
                    generations.append(made.generation)
                }
            }
            clock.advance(by: Nanoseconds(seconds: 2))
        }
        #expect(decided.count > 20)
        #expect(decided.values.allSatisfy { $0.count == 1 })
        #expect(generations == generations.sorted() && Set(generations).count > 3)
        #expect(try folder.store().controllerFault() == nil)
    }
}
