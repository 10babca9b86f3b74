import Catalog
import Controlling
import Foundation
import Provisioning
import Quantities
import Store
import Vocabulary

/// A file that is read again while its controller runs: judged as a whole first, and in force as a whole or
/// not at all.
extension ControllerRun {
    /// The share of the servers that a file may move at once without somebody having said so.
    private static let movedShareMax = 0.2

    /// A file that could be put in force, with what an engine came to that went through the past under it.
    private struct Candidate: Sendable {
        let opened: Reopened
        let setup: ControlSetup
        let memory: ControlMemory
        /// The last tick that was gone through.
        let last: ControlInputs?
    }

    func reload(
        _ command: ControllerCommand, confirms: Bool, by actor: ControllerActor, at now: ControlTime
    ) async throws {
        var candidate: Candidate?
        do {
            let found = try await candidateFile()
            candidate = found
            if !confirms { try requireFewMoves(found) }
            try await untilNoTick()
            try check(command, at: surroundings.clock.now())
            let before = try ControlCoding.text(["digest": digest])
            try write(command, by: actor, before: before, at: now)
            try adopt(found, by: actor, at: now)
        } catch {
            await candidate?.opened.settle(false)
            let refusal = error as? ControllerRefusal ?? .badFile(detail: "\(error)")
            note([.init(kind: .alarm, text: "\(actor.name) reloaded: \(refusal)")], at: now.wall)
            throw refusal
        }
        await candidate?.opened.settle(true)
        revision += 1
    }

    /// Reads the file and drives a fresh engine through the past, beside the ticks that go on meanwhile.
    private func candidateFile() async throws -> Candidate {
        guard let reopen = surroundings.reopen else {
            throw ControllerRefusal.notNow(why: "this controller was started without a file to read again")
        }
        let (current, store) = (setup, store)
        return try await Task.detached {
            let opened = try reopen()
            do {
                try Self.requireSame(opened.setup.document, current.document)
                let setup = opened.setup.replacingStore(with: store)
                var engine = try ControlEngine(setup)
                let past = try store.map { try ControlRebuild(setup, store: $0).run(&engine) } ?? nil
                return Candidate(opened: opened, setup: setup, memory: engine.memory, last: past?.inputs)
            } catch {
                await opened.settle(false)
                throw error
            }
        }.value
    }

    /// What takes a restart.
    private static func requireSame(
        _ new: ControllerDocument, _ old: ControllerDocument
    ) throws(ControllerRefusal) {
        var changed: [String] = []
        if new.interval != old.interval { changed.append("interval_seconds") }
        if new.database != old.database { changed.append("database") }
        if new.interface != old.interface { changed.append("interface") }
        if new.alarms != old.alarms { changed.append("alarms") }
        guard changed.isEmpty else {
            throw .badFile(
                detail: "\(changed.joined(separator: ", ")): found a change, which takes a restart")
        }
    }

    /// A file whose plan for the same loads differs in many servers is not taken by accident.
    private func requireFewMoves(_ candidate: Candidate) throws {
        guard var inputs = candidate.last, decision != nil else { return }
        inputs.tick += 1
        inputs.circumstances.isFirst = false
        func plan(_ setup: ControlSetup, _ memory: ControlMemory) throws -> Allocation {
            // What limits leave undone today is done tomorrow.
            var trial = try ControlEngine(setup, limits: setup.bounds, comparesPolicies: false)
            trial.memory = memory
            var own = inputs
            own.assessments = own.assessments.filter { setup.models.contains($0.key) }
            return try trial.decide(own, mode: .advisory).decision.allocation
        }
        let (old, new) = (try plan(setup, engine.memory), try plan(candidate.setup, candidate.memory))
        let changes = old.pairs.union(new.pairs).map {
            new[$0.model, $0.serverType] - old[$0.model, $0.serverType]
        }
        let starts = changes.reduce(0) { $0 + max(0, $1) }
        let stops = changes.reduce(0) { $0 - min(0, $1) }
        let share = Double(max(starts, stops)) / Double(max(1, old.serverCount))
        guard share <= Self.movedShareMax else {
            throw ControllerRefusal.notNow(
                why: "the file would start \(starts) and stop \(stops) of \(old.serverCount) servers, "
                    + "expected at most a fifth unless it is confirmed")
        }
    }

    /// Waits for a tick to end; ticks are bounded, and so is this.
    private func untilNoTick() async throws {
        for _ in 0..<3000 where isTicking { try await Task.sleep(for: .milliseconds(10)) }
        guard !isTicking else { throw ControllerRefusal.notNow(why: "a tick has been going on for 30 s") }
    }

    private func adopt(_ candidate: Candidate, by actor: ControllerActor, at now: ControlTime) throws {
        var next = try ControlEngine(candidate.setup)
        next.memory = candidate.memory
        if let store {
            // What was decided since the past was gone through.
            _ = try ControlRebuild(candidate.setup, store: store).run(&next, after: candidate.last?.tick)
        }
        digest = try candidate.setup.digest
        (setup, engine) = (candidate.setup, next)
        surroundings.source = candidate.opened.source
        // A file may take back what it allowed, and never allows more than whoever started it.
        if !setup.mode.acts, mode.acts { mode = setup.mode }
        unremembered = ControlMemory.ticks
        note(
            [.init(kind: .mode, text: "\(actor.name) reloaded the file: \(digest.prefix(12))")], at: now.wall)
    }
}
