import Controlling
import Foundation
import Provisioning
import Quantities
import Store
import Vocabulary

/// What a person may ask: written into the audit first, then done.
extension ControllerRun {
    /// How long the plan of an earlier decision is kept when it is put in force again.
    private static let rollbackSeconds = 1800.0

    public func perform(_ command: ControllerCommand, by actor: ControllerActor) async throws {
        let now = surroundings.clock.now()
        try check(command, at: now)
        if case .reload(let confirms, _) = command {
            return try await reload(command, confirms: confirms, by: actor, at: now)
        }
        let before = try ControlCoding.text(
            OperatorState(mode: mode, isPaused: isPaused, overrides: overrides))
        try write(command, by: actor, before: before, at: now)
        switch command {
        case .setMode(let mode, _):
            self.mode = mode
            note([.init(kind: .mode, text: "\(actor.name) set the mode \(mode.rawValue)")], at: now.wall)
        case .pause:
            isPaused = true
            note([.init(kind: .mode, text: "\(actor.name) paused the controller")], at: now.wall)
        case .resume:
            isPaused = false
            for pair in orders.pausedPairs(at: now.monotonic) { orders.resume(pair) }
            note([.init(kind: .mode, text: "\(actor.name) resumed the controller")], at: now.wall)
        case .override(let override, _): put(override)
        case .rollback(let id, _): try await rollBack(to: id, by: actor, at: now)
        case .approve(let id): try await approve(id, at: now)
        case .reject(let id): proposals.removeAll { $0.id == id }
        case .acknowledge(let id, let applied):
            note(
                [.init(kind: .ack, text: "decision \(id): \(applied.serverCount) servers")], at: now.wall)
        case .reload: break
        }
        revision += 1
    }

    /// What an operator has changed, for the audit.
    private struct OperatorState: Codable {
        let mode: ControllerMode
        let isPaused: Bool
        let overrides: [PairOverride]
    }

    func write(
        _ command: ControllerCommand, by actor: ControllerActor, before: String, at now: ControlTime
    ) throws {
        do {
            _ = try store?.audit(
                actor: actor.name, role: actor.role, address: actor.address, action: command.name,
                before: before, after: try ControlCoding.text(command),
                atUnixMilliseconds: now.wall.unixMilliseconds)
            counters.auditRows += 1
        } catch {
            canWrite = false
            throw ControllerRefusal.cannotWrite(detail: "\(error)")
        }
    }

    func check(_ command: ControllerCommand, at now: ControlTime) throws(ControllerRefusal) {
        if let asked = command.revision, asked != revision {
            throw .revision(found: asked, expected: revision)
        }
        switch command {
        case .setMode(let mode, _):
            guard !mode.acts || (setup.mode.acts && surroundings.actuator != nil) else {
                throw .notNow(
                    why: "mode \(mode.rawValue): found a controller whose file says \(setup.mode.rawValue), "
                        + "expected approve or active there and something that changes the fleet")
            }
        case .override(let override, _): try check(override, at: now)
        case .approve(let id), .reject(let id):
            guard let proposal = proposals.first(where: { $0.id == id }) else {
                throw .unknown(what: "proposal", found: "\(id)")
            }
            guard now.wall < proposal.expires else {
                throw .notNow(why: "proposal \(id) was good until \(proposal.expires)")
            }
        case .pause, .resume, .rollback, .acknowledge, .reload: break
        }
        guard generation(at: now.monotonic) != nil else {
            throw .notNow(why: "another controller holds the lease: ask \(lease?.holder ?? "that one")")
        }
    }

    private func check(_ override: PairOverride, at now: ControlTime) throws(ControllerRefusal) {
        let problem = engine.problem
        guard problem.models.contains(override.model) else {
            throw .unknown(what: "model", found: override.model.name)
        }
        guard problem.serverTypes.contains(override.serverType) else {
            throw .unknown(what: "server type", found: override.serverType.name)
        }
        for bound in [override.min, override.max].compactMap({ $0 }) where bound < 0 {
            throw .invalid(what: "servers", found: "\(bound)", expected: "at least 0")
        }
        if let min = override.min, let max = override.max, min > max {
            throw .invalid(what: "min", found: "\(min)", expected: "at most max, which is \(max)")
        }
        guard override.until > now.wall else {
            throw .invalid(what: "until", found: "\(override.until)", expected: "a time after \(now.wall)")
        }
    }

    private func put(_ override: PairOverride) {
        overrides.removeAll { $0.model == override.model && $0.serverType == override.serverType }
        if override.min != nil || override.max != nil { overrides.append(override) }
    }

    private func rollBack(to id: Int64, by actor: ControllerActor, at now: ControlTime) async throws {
        guard let earlier = try await decision(id) else {
            throw ControllerRefusal.unknown(what: "decision", found: "\(id)")
        }
        let until = now.wall.adding(seconds: Self.rollbackSeconds)
        for model in engine.problem.models {
            for type in engine.problem.serverTypes {
                let count = earlier.allocation[model, type]
                put(
                    PairOverride(
                        model: model, serverType: type, min: count, max: count, until: until,
                        reason: "decision \(id) again, by \(actor.name)"))
            }
        }
    }

    /// Orders of a proposal are written down like any other before they are given.
    private func approve(_ id: Int64, at now: ControlTime) async throws {
        guard let place = proposals.firstIndex(where: { $0.id == id }) else { return }
        let proposal = proposals.remove(at: place)
        guard let store, let generation = generation(at: now.monotonic) else { return }
        let reading = await surroundings.fleet?.fleet(at: now)
        let first = proposal.orders
        let numbers = try store.addControllerOrders(
            first.map { .init(model: $0.model, serverType: $0.serverType, from: $0.from, to: $0.to) },
            decision: id, generation: generation, lease: lease == nil ? nil : ControllerBooks.lease,
            atUnixMilliseconds: now.wall.unixMilliseconds)
        guard var made = try await decision(id) else { return }
        made.generation = generation
        await carryOut(Array(zip(numbers, first)), of: made, reading, at: now)
    }
}

extension ControllerCommand {
    /// What the audit calls it.
    var name: String {
        switch self {
        case .setMode: "mode"
        case .pause: "pause"
        case .resume: "resume"
        case .override: "override"
        case .rollback: "rollback"
        case .approve: "approve"
        case .reject: "reject"
        case .acknowledge: "acknowledge"
        case .reload: "reload"
        }
    }

    /// Of the snapshot on which it was asked.
    var revision: Int64? {
        switch self {
        case .setMode(_, let revision), .pause(let revision), .resume(let revision),
            .override(_, let revision), .rollback(_, let revision), .reload(_, let revision):
            revision
        case .approve, .reject, .acknowledge: nil
        }
    }
}
