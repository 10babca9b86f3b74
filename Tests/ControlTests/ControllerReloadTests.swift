import Catalog
import Controlling
import Foundation
import Pipeline
import Quantities
import Store
import Synchronization
import Testing
import Vocabulary

/// A file that is read again while its controller runs (rule P5).
@Suite struct ControllerReloadTests {
    private let trace = ControlFixtures.trace(intervals: 120)
    private let someone = ControllerActor(name: "eve", role: "operator", address: "127.0.0.1")

    private struct Broken: Error, CustomStringConvertible { var description: String { "c.yaml:3: found x" } }

    /// Which sources were told that they are in force, or not.
    private final class Settled: Sendable {
        let told = Mutex<[Bool]>([])
        func note(_ isAdopted: Bool) { told.withLock { $0.append(isAdopted) } }
    }

    /// A run whose file is changed before tick 60, and its decisions.
    private func play(
        _ settled: Settled, confirms: Bool = false, store: Store,
        _ change: @escaping @Sendable (inout ControllerDocument) throws -> Void
    ) async throws -> (decisions: [ControllerDecision], refusal: ControllerRefusal?, run: ControllerRun) {
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let source = TraceLoadSource(trace, interval: trace.interval)
        var surroundings = ControllerRun.Surroundings(source: source, clock: clock)
        let trace = trace
        surroundings.reopen = {
            var document = ControlFixtures.setup(trace).document
            try change(&document)
            let said = document
            return .init(setup: ControlFixtures.setup(trace) { $0 = said }, source: source) {
                settled.note($0)
            }
        }
        let run = try ControllerRun(ControlFixtures.setup(trace, store: store), surroundings)
        var made: [ControllerDecision] = []
        var refusal: ControllerRefusal?
        for tick in 0..<100 {
            if tick == 60 {
                do {
                    try await run.perform(.reload(confirms: confirms, revision: nil), by: someone)
                } catch { refusal = error as? ControllerRefusal }
            }
            if let decision = await run.tick(at: clock.now()) { made.append(decision) }
            clock.advance(by: trace.interval)
        }
        return (made, refusal, run)
    }

    private func servers(_ decision: ControllerDecision, _ model: ModelID) -> Int {
        decision.allocation.shares.reduce(0) { $0 + ($1.model == model ? $1.count : 0) }
    }

    private func events(_ store: Store) throws -> [String] {
        try store.controllerEvents(after: 0, limit: 1000)
    }

    @Test func theSameFileChangesNothing() async throws {
        let (one, two) = (try ControlFolder(), try ControlFolder())
        let settled = Settled()
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let run = try ControllerRun(
            ControlFixtures.setup(trace, store: try one.store()),
            .init(source: TraceLoadSource(trace, interval: trace.interval), clock: clock))
        var whole: [ControllerDecision] = []
        for _ in 0..<100 {
            if let decision = await run.tick(at: clock.now()) { whole.append(decision) }
            clock.advance(by: trace.interval)
        }
        let store = try two.store()
        let again = try await play(settled, store: store) { _ in }
        #expect(again.refusal == nil && settled.told.withLock { $0 } == [true])
        #expect(again.decisions.map(\.allocation) == whole.map(\.allocation))
        #expect(again.decisions.map(\.forecast) == whole.map(\.forecast))
        #expect(try store.controllerAudit(after: 0, limit: 10).map(\.action) == ["reload"])
        #expect(try store.controllerFault() == nil)
    }

    @Test func whatMovesMoreThanAFifthHasToBeConfirmed() async throws {
        let (one, two) = (try ControlFolder(), try ControlFolder())
        let settled = Settled()
        let store = try one.store()
        // Fewer of every model than its load needs.
        @Sendable func fewer(_ document: inout ControllerDocument) {
            for model in ControlFixtures.models {
                document.limits.models[model, default: ControllerDocument.Bounds()].max = 4
            }
        }
        let refused = try await play(settled, store: store, fewer)
        guard case .notNow(let why)? = refused.refusal else {
            Issue.record("found \(String(describing: refused.refusal)), expected a refusal")
            return
        }
        #expect(why.contains("a fifth") && settled.told.withLock { $0 } == [false])
        #expect(refused.decisions[70...].contains { $0.allocation.serverCount > 12 })
        #expect(try events(store).contains { $0.contains("alarm") && $0.contains("a fifth") })
        let taken = try await play(settled, confirms: true, store: try two.store(), fewer)
        #expect(taken.refusal == nil && settled.told.withLock { $0 } == [false, true])
        let before = try #require(taken.decisions[59].allocation.serverCount as Int?)
        // Step by step: limits hold for a file too.
        let after = taken.decisions[60].allocation.serverCount
        #expect(before > 12 && after >= before - max(1, before / 10), "from \(before) to \(after)")
        // What covers the load is not taken away, and nothing is added to it.
        for (old, new) in zip(taken.decisions[60...], taken.decisions[61...]) {
            for model in ControlFixtures.models {
                let counts = [old, new].map { servers($0, model) }
                #expect(counts[1] <= max(4, counts[0]), "\(model) at \(new.tick)")
            }
        }
    }

    @Test func whatIsWrongChangesNothing() async throws {
        let wrong: [(String, @Sendable (inout ControllerDocument) throws -> Void)] = [
            ("c.yaml:3: found x", { _ in throw Broken() }),
            ("interval_seconds", { $0.interval = Nanoseconds(seconds: 30) }),
            (
                "interface, alarms",
                {
                    $0.interface.listen = "127.0.0.1:1"
                    $0.alarms = .init(webhook: "http://127.0.0.1:1")
                }
            ),
        ]
        for (words, change) in wrong {
            let folder = try ControlFolder()
            let store = try folder.store()
            let played = try await play(Settled(), store: store, change)
            guard case .badFile(let detail)? = played.refusal else {
                Issue.record("found \(String(describing: played.refusal)), expected a file that is not taken")
                continue
            }
            #expect(detail.contains(words))
            #expect(played.decisions.count == 100)
            #expect(try events(store).contains { $0.contains("stays in force") })
            #expect(try store.controllerAudit(after: 0, limit: 10).isEmpty)
        }
    }

    @Test func aFileTakesBackWhatItAllowed() async throws {
        let folder = try ControlFolder()
        let clock = SimulatedClock(wall: ControlFixtures.start)
        let trace = trace
        let source = TraceLoadSource(trace, interval: trace.interval)
        var surroundings = ControllerRun.Surroundings(source: source, clock: clock)
        surroundings.actuator = ObedientFleet(available: ["s": 60, "t": 30, "u": 8])
        surroundings.reopen = { .init(setup: ControlFixtures.setup(trace), source: source) }
        let run = try ControllerRun(
            ControlFixtures.setup(trace, mode: .active, store: try folder.store()), surroundings)
        await run.tick(at: clock.now())
        #expect(await run.snapshot().mode == .active)
        try await run.perform(.reload(confirms: false, revision: nil), by: someone)
        #expect(await run.snapshot().mode == .advisory)
        await #expect(throws: ControllerRefusal.self) {
            try await run.perform(.setMode(.active, revision: nil), by: someone)
        }
    }
}
