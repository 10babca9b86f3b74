import Controlling
import Foundation
import Provisioning
import Quantities
import Store
import Vocabulary

/// Orders: given, read back, asked for again.
extension ControllerRun {
    /// Compares what was ordered with what is seen.
    func look(_ reading: FleetReading?, at time: ControlTime) {
        guard case .seen(let fleet, _)? = reading else { return }
        var there = fleet.serving
        for share in fleet.starting.shares { there[share.model, share.serverType] += share.count }
        let before = observed?.available ?? fleet.available
        let findings = orders.look(
            there: there, serving: fleet.serving,
            isExplained: { pair in
                (fleet.available[pair.serverType] ?? 0) < (before[pair.serverType] ?? 0)
            }, at: time.monotonic)
        for finding in findings { tell(finding, at: time) }
    }

    func tell(_ finding: OrderBook.Finding, at time: ControlTime) {
        switch finding {
        case .applied(let order, let pair):
            count(\.orders, "applied")
            noteOrder(order, .applied, "read back", at: time)
            note([about(pair, .order, "order \(order) is carried out")], at: time.wall)
        case .replaced(let order, _):
            noteOrder(order, .cancelled, "another order took its place", at: time)
        case .lagging(let order, let pair, let wanted, let seen):
            noteOrder(order, .lagging, "\(seen) of \(wanted)", at: time)
            note([about(pair, .alarm, "order \(order) lags: \(seen) of \(wanted) servers")], at: time.wall)
        case .unwanted(let order, _):
            noteOrder(order, .cancelled, "late, and no longer wanted", at: time)
        case .drift(let pair, let expected, let seen):
            note(
                [about(pair, .drift, "found \(seen) servers, expected \(expected): adopted")], at: time.wall)
        case .twoMasters(let pair):
            note([about(pair, .alarm, "somebody else changes it too: left alone")], at: time.wall)
        case .breaker(let pair):
            note([about(pair, .alarm, "started and stopped to and fro: held for an hour")], at: time.wall)
        }
    }

    private func about(
        _ pair: ModelOnServer, _ kind: ControllerEvent.Kind, _ text: String
    ) -> ControllerBooks.Note {
        .init(kind: kind, text: text, model: pair.model, serverType: pair.serverType)
    }

    func noteOrder(_ id: Int64, _ state: OrderBook.State, _ detail: String, at time: ControlTime) {
        do {
            try store?.noteOrder(
                id, state: state.rawValue, detail: detail, atUnixMilliseconds: time.wall.unixMilliseconds)
        } catch {
            canWrite = false
        }
    }

    /// Gives orders that have been written down, in order; one that somebody else was quicker with ends
    /// there, and the next tick plans anew.
    func carryOut(
        _ numbered: [(id: Int64, order: ControllerDecision.Order)], of made: ControllerDecision,
        _ reading: FleetReading?, at time: ControlTime
    ) async {
        guard mode.acts, let actuator = surroundings.actuator else { return }
        var versions: [ModelOnServer: String] = [:]
        if case .seen(_, let seen)? = reading {
            for version in seen {
                versions[ModelOnServer(model: version.model, serverType: version.serverType)] =
                    version.version
            }
        }
        for (id, order) in numbered {
            for finding in orders.place(id, order, at: time.monotonic) { tell(finding, at: time) }
            // The lease may have run out while others answered.
            guard generation(at: surroundings.clock.now().monotonic) == made.generation else {
                noteOrder(id, .cancelled, "the lease was lost", at: time)
                orders.note(.fenced(detail: "the lease was lost"), of: id, at: time.monotonic)
                continue
            }
            let pair = ModelOnServer(model: order.model, serverType: order.serverType)
            let answer = await actuator.order(
                FleetOrder(
                    id: id, decision: made.id, model: order.model, serverType: order.serverType,
                    from: order.from, to: order.to, generation: made.generation, version: versions[pair]))
            orders.note(answer, of: id, at: time.monotonic)
            switch answer {
            case .accepted: noteOrder(id, .accepted, "", at: time)
            case .conflict(let detail): noteOrder(id, .conflict, detail, at: time)
            case .fenced(let detail), .refused(let detail):
                count(\.orders, "refused")
                noteOrder(id, .refused, detail, at: time)
            case .failed: break
            }
        }
    }

    /// Puts a decision before a person, for two intervals.
    func propose(_ made: ControllerDecision, at time: ControlTime) {
        proposals.removeAll { $0.expires <= time.wall }
        guard !made.orders.isEmpty else { return }
        let problem = engine.problem
        var before = made.allocation
        for order in made.orders { before[order.model, order.serverType] = order.from }
        proposals.append(
            .init(
                id: made.id,
                expires: time.wall.adding(seconds: 2 * setup.document.interval.seconds),
                orders: made.orders,
                watts: problem.power(of: problem.counts(of: made.allocation))
                    - problem.power(of: problem.counts(of: before)), sentence: made.sentence))
        proposals.removeFirst(max(0, proposals.count - 100))
    }

    // MARK: Lease

    /// The generation under which this controller may act now; 1 where it shares its database with nobody.
    func generation(at monotonic: Nanoseconds) -> Int64? {
        guard let lease else { return 1 }
        return lease.generation(at: monotonic)
    }

    /// Takes, renews or waits for the lease.
    package func keepLease(at time: ControlTime) async {
        guard var watch = lease, !isLeasing, let store, let holder = surroundings.holder else {
            return
        }
        isLeasing = true
        defer { (lease, isLeasing) = (watch, false) }
        let own = StoreLease(store: store)
        let keeper = surroundings.leases ?? own
        do {
            let found = try await keeper.lease()
            let step = watch.step(found, at: time.monotonic)
            // Whoever takes over begins anew, and never in the middle of a decision.
            if isTicking { guard case .renew = step else { return } }
            let new: LeaseRecord
            switch step {
            case .wait: return
            case .renew(let old):
                new = LeaseRecord(holder: holder, generation: old.generation, beat: old.beat + 1)
            case .take, .replace:
                // Higher than any that the database has seen, wherever the lease stands.
                let highest = max(found?.generation ?? 0, try own.lease()?.generation ?? 0)
                new = LeaseRecord(holder: holder, generation: highest + 1, beat: 0)
            }
            guard try await keeper.replace(found, with: new, at: time.wall) else { return watch.lost() }
            if new.beat == 0 {
                if surroundings.leases != nil, try !own.replace(own.lease(), with: new, at: time.wall) {
                    return watch.lost()
                }
                try takeOver(at: time)
            }
            watch.holds(new, asked: time.monotonic)
            if new.beat == 0 {
                note(
                    [.init(kind: .lease, text: "\(holder) holds generation \(new.generation)")], at: time.wall
                )
            }
        } catch is StoreError {
            // Not renewed: it runs out by itself.
            canWrite = false
        } catch {
            // Nor where whoever keeps it does not answer.
        }
    }

    // MARK: Events

    /// What a tick has to tell.
    func notes(of outcome: ControlEngine.Outcome, _ made: ControllerDecision) -> [ControllerBooks.Note] {
        var notes: [ControllerBooks.Note] = [.init(kind: .decision, text: made.sentence)]
        for change in outcome.changes {
            let why = [change.trust.cause?.rawValue, change.trust.detail].compactMap { $0 }
                .joined(separator: ": ")
            switch change.change {
            case .heldNow:
                notes.append(
                    .init(kind: .hold, text: "\(change.model) is held: \(why)", model: change.model))
            case .releasedNow:
                notes.append(
                    .init(kind: .release, text: "\(change.model) is believed again", model: change.model))
            case .heldFor(let minutes):
                notes.append(
                    .init(
                        kind: .alarm, text: "\(change.model) has been held for \(minutes) minutes: \(why)",
                        model: change.model))
            }
        }
        if made.status == .infeasible {
            notes.append(.init(kind: .alarm, text: "the fleet cannot serve the load"))
        }
        if [.kept, .greedy].contains(made.route) {
            notes.append(.init(kind: .alarm, text: "the planner failed: route \(made.route.rawValue)"))
        }
        return notes
    }

    /// Adds events that belong to no tick.
    func note(_ notes: [ControllerBooks.Note], at: WallTime) {
        for note in notes {
            do {
                if let books { lastEvent = try books.add(note, at: at) }
            } catch {
                canWrite = false
            }
        }
    }
}

extension ControllerCounters {
    /// Upper bounds of the times that plans take, in seconds; longer ones come last.
    public static let planBounds = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]

    mutating func note(planSeconds seconds: Double) {
        if planSeconds.isEmpty { planSeconds = Array(repeating: 0, count: Self.planBounds.count + 1) }
        planSeconds[Self.planBounds.firstIndex { seconds <= $0 } ?? Self.planBounds.count] += 1
        planSecondsSum += seconds
    }
}

extension FleetObservation {
    /// Servers of each type that do nothing.
    var free: [ServerTypeID: Int] {
        var free = available
        for allocation in [serving, starting, draining] {
            for (type, count) in allocation.countsByServerType { free[type, default: 0] -= count }
        }
        return free
    }
}
