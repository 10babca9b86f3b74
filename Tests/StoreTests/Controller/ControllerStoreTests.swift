import Foundation
import GRDB
import Store
import Testing
import Vocabulary

/// A controller's past: only added to, in a chain that shows what was changed behind its back.
@Suite struct ControllerStoreTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ store: Store) throws -> Int64 {
        try store.beginControllerRun(
            atUnixMilliseconds: 1000, host: "h", process: 7, toolVersion: "1",
            scenario: ContentDigest(ofText: "s"), mode: "active")
    }

    private func tick(_ number: Int, run: Int64) -> StoredControlTick {
        StoredControlTick(
            tick: number, run: run, atUnixMilliseconds: 60_000 * Int64(number), missed: 0,
            circumstances: "{\"isPaused\":false}", answers: "[]",
            observations: [
                .init(
                    model: "a", state: "fresh", cause: nil, load: 12.5, ageSeconds: 1.5, samples: 4,
                    expected: 4, assessment: "{\"state\":\"fresh\"}"),
                .init(
                    model: "b", state: "held", cause: "stale", load: nil, ageSeconds: nil, samples: nil,
                    expected: nil, assessment: "{}"),
            ])
    }

    private func decision(_ generation: Int64 = 1, orders: Int = 1) -> StoredControlDecision {
        StoredControlDecision(
            generation: generation, reason: "load_rose", model: "a", objectiveWatts: 100, boundWatts: 99,
            gap: 0.01, route: "direct", seconds: 0.001,
            counterfactuals: [.init(policy: "greedy", watts: 120, servers: 3, isShort: false)],
            orders: (0..<orders).map {
                .init(model: "a", serverType: ServerTypeID("t\($0)"), from: 1, to: 2 + $0)
            },
            text: { id in
                "{\"id\":\(id),\"orders\":[{\"model\":\"a\"}],\"sentence\":\"a needs more\"}"
            }, events: [{ row, decision in "{\"id\":\(row),\"decision\":\(decision)}" }])
    }

    /// A controller that has decided three times, ordered and been told something.
    private func filled() throws -> Store {
        let store = try Store(path: folder.path())
        let run = try run(store)
        for number in 0..<3 {
            let numbers = try #require(try store.save(tick(number, run: run), decision(), lease: nil))
            #expect(numbers.decision == Int64(number + 1))
            try store.noteOrder(
                numbers.orders[0], state: number == 2 ? "accepted" : "applied", detail: "seen",
                atUnixMilliseconds: 1)
            _ = try store.audit(
                actor: "eve", role: "operator", address: "::1", action: "pause", before: "{}", after: nil,
                atUnixMilliseconds: 5)
        }
        return store
    }

    @Test func whatIsSavedIsReadAgain() throws {
        let store = try filled()
        #expect(try store.lastControllerTick()?.tick == 2)
        let ticks = try store.controllerTicks(from: 1, limit: 10)
        #expect(ticks == [tick(1, run: 1), tick(2, run: 1)])
        #expect(try store.controllerTicks(from: 0, limit: 1).map(\.tick) == [0])
        #expect(try store.controllerDecisions(limit: 2).count == 2)
        #expect(try store.controllerDecisions(limit: 2)[0].hasPrefix("{\"id\":3"))
        #expect(try store.controllerDecisions(after: 1, before: 3, limit: 10).count == 1)
        #expect(try store.controllerDecisions(model: "a", reason: "load_rose", limit: 10).count == 3)
        #expect(try store.controllerDecisions(model: "b", limit: 10).isEmpty)
        #expect(try store.controllerDecisions(reason: "overload", limit: 10).isEmpty)
        #expect(try store.controllerDecision(9) == nil)
        #expect(
            try store.controllerEvents(after: 1, limit: 10) == [
                "{\"id\":2,\"decision\":2}", "{\"id\":3,\"decision\":3}",
            ])
        #expect(try store.lastControllerEvent() == 3)
        #expect(try store.openControllerOrders().map(\.id) == [3])
        #expect(try store.controllerAudit(after: 1, limit: 10).map(\.id) == [2, 3])
        #expect(try store.controllerFault() == nil)
        #expect(try store.integrityProblems().isEmpty)
    }

    @Test func rowsAreOnlyAdded() throws {
        try filled().close()
        let raw = try rawConnection(folder.path())
        let tables = [
            "controller_run", "controller_tick", "controller_observation", "controller_decision",
            "controller_order", "controller_order_state", "controller_audit", "controller_chain",
        ]
        for table in tables {
            #expect(throws: DatabaseError.self) {
                try raw.write { try $0.execute(sql: "DELETE FROM \(table)") }
            }
            let column = try raw.read { database in
                try #require(
                    try Row.fetchAll(database, sql: "PRAGMA table_info(\(table))").last?["name"] as String?)
            }
            #expect(throws: DatabaseError.self) {
                try raw.write { try $0.execute(sql: "UPDATE \(table) SET \"\(column)\" = \"\(column)\"") }
            }
        }
    }

    @Test func everyColumnOfThePastIsWatched() throws {
        try filled().close()
        let tables = [
            "controller_tick", "controller_observation", "controller_decision", "controller_counterfactual",
            "controller_order", "controller_order_state", "controller_event", "controller_audit",
        ]
        let original = folder.path("original.sqlite")
        try FileManager.default.copyItem(atPath: folder.path(), toPath: original)
        var tried = 0
        for table in tables {
            let columns = try rawConnection(original).read { database in
                try Row.fetchAll(database, sql: "PRAGMA table_info(\(table))").map { $0["name"] as String }
            }
            for column in columns where column != "id" && column != "tick" && column != "decision_id" {
                let copy = folder.path("copy-\(table)-\(column).sqlite")
                try FileManager.default.copyItem(atPath: original, toPath: copy)
                let raw = try rawConnection(copy)
                let hasChanged = try raw.writeWithoutTransaction { database in
                    let triggers = try String.fetchAll(
                        database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
                    try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
                    try database.execute(sql: "PRAGMA foreign_keys = OFF")
                    for trigger in triggers { try database.execute(sql: "DROP TRIGGER \(trigger)") }
                    try database.execute(
                        sql: """
                            UPDATE \(table) SET "\(column)" = CASE typeof("\(column)")
                                WHEN 'integer' THEN "\(column)" + 1 WHEN 'real' THEN "\(column)" * 1.0000001
                                WHEN 'text' THEN "\(column)" || ' ' ELSE "\(column)" END
                            WHERE rowid = (SELECT max(rowid) FROM \(table)) AND "\(column)" NOT NULL
                            """.replacingOccurrences(
                                of: "WHERE rowid = (SELECT max(rowid) FROM \(table)) AND",
                                with: ["controller_observation", "controller_counterfactual"].contains(table)
                                    ? "WHERE" : "WHERE rowid = (SELECT max(rowid) FROM \(table)) AND"))
                    return database.changesCount > 0
                }
                try raw.close()
                guard hasChanged else { continue }
                tried += 1
                let store = try Store(path: copy, access: .existing)
                #expect(try store.controllerFault() != nil, "\(table).\(column)")
                try store.close()
            }
        }
        #expect(tried > 30)
    }

    @Test func aLinkThatIsTakenOutIsNoticed() throws {
        try filled().close()
        let raw = try rawConnection(folder.path())
        try raw.write { database in
            try database.execute(sql: "DROP TRIGGER controller_chain_kept")
            try database.execute(sql: "DELETE FROM controller_chain WHERE position = 4")
        }
        try raw.close()
        #expect(try Store(path: folder.path(), access: .existing).controllerFault() != nil)
    }

    @Test func anOlderGenerationWritesNothing() throws {
        let store = try Store(path: folder.path())
        let run = try run(store)
        #expect(throws: StoreError.self) { try store.save(tick(0, run: run), decision(), lease: "l") }
        let (one, two) = (
            StoredLease(holder: "one", generation: 1, beat: 0),
            StoredLease(holder: "two", generation: 2, beat: 0)
        )
        #expect(try store.replaceControllerLease("l", nil, with: one, atUnixMilliseconds: 0))
        #expect(try !store.replaceControllerLease("l", nil, with: two, atUnixMilliseconds: 0))
        _ = try store.save(tick(0, run: run), decision(1), lease: "l")
        #expect(try store.replaceControllerLease("l", one, with: two, atUnixMilliseconds: 0))
        #expect(throws: StoreError.self) { try store.save(tick(1, run: run), decision(1), lease: "l") }
        #expect(try store.lastControllerTick()?.tick == 0)
        #expect(throws: StoreError.self) {
            try store.replaceControllerLease("l", two, with: one, atUnixMilliseconds: 0)
        }
        _ = try store.save(tick(1, run: run), decision(2), lease: "l")
        #expect(try store.controllerLease("l") == two && store.controllerLease("m") == nil)
    }

    @Test func theSameTickIsSavedOnce() throws {
        let store = try filled()
        #expect(throws: StoreError.self) { try store.save(tick(2, run: 1), decision(), lease: nil) }
        #expect(try store.controllerDecisions(limit: 10).count == 3)
        #expect(try store.controllerFault() == nil)
    }

    @Test func whatIsOldIsForgottenAndTheRestStaysWhole() throws {
        let store = try filled()
        #expect(try store.forgetControllerTicks(before: 2, atUnixMilliseconds: 9) == 2)
        #expect(try store.controllerTicks(from: 0, limit: 10).map(\.tick) == [2])
        #expect(try store.controllerFault() == nil)
        #expect(try store.forgetControllerTicks(before: 2, atUnixMilliseconds: 9) == 0)
        #expect(try store.controllerAudit(after: 0, limit: 10).count == 3, "the audit stays")
        _ = try store.save(tick(3, run: 1), decision(), lease: nil)
        #expect(try store.controllerFault() == nil)
        try store.close()
        let raw = try rawConnection(folder.path())
        #expect(throws: DatabaseError.self) {
            try raw.write { try $0.execute(sql: "DELETE FROM controller_tick WHERE tick = 2") }
        }
    }
}
