import Controlling
import Foundation
import Provisioning
import Quantities
import Store
import Vocabulary

extension ControllerRun: LiveController {
    public func snapshot() async -> ControllerSnapshot {
        let now = surroundings.clock.now()
        let next = schedule.next(after: now.monotonic)
        let since = lastTick.map { (now.monotonic - $0.monotonic).seconds }
        let trustedFor = lastTrustedTick.map { (now.monotonic - $0.monotonic).seconds }
        let interval = setup.document.interval.seconds
        return ControllerSnapshot(
            mode: mode, isPaused: isPaused, revision: revision,
            isLeader: generation(at: now.monotonic) != nil,
            leader: lease == nil ? surroundings.holder : lease?.holder,
            generation: generation(at: now.monotonic) ?? 0, scenarioDigest: digest, startedAt: startedAt,
            now: now.wall, tick: lastIndex ?? 0, intervalSeconds: interval, lastTickAt: lastTick?.wall,
            nextTickAt: now.wall.adding(seconds: (next - now.monotonic).seconds), secondsSinceTick: since,
            fleetHold: fleetHold, canWrite: canWrite, decision: decision,
            hasTrustedPlan: trustedFor.map { $0 <= 3 * interval } ?? false, models: modelStatuses,
            pairs: pairStatuses, available: available, wattsMax: setup.document.limits.watts,
            savings: engine.savings.savings, proposals: proposals, overrides: overrides, counters: counters)
    }

    private var modelStatuses: [ControllerSnapshot.ModelStatus] {
        setup.models.map { model in
            .init(
                model: model,
                trust: trusts[model]
                    ?? InputTrust(state: .held, cause: .unreachable, detail: "not read yet"),
                load: loads[model], forecast: decision?.forecast[model],
                needed: decision?.needed[model], capacity: capacities[model],
                headroom: decision?.headroom[model])
        }
    }

    private var pairStatuses: [ControllerSnapshot.PairStatus] {
        let problem = engine.problem
        // A pair that lags is wanted no higher until it comes: what was ordered says how far it lags.
        let lagging = orders.open.filter { $0.value.state == .lagging }
        let limits = setup.limits
        var statuses: [ControllerSnapshot.PairStatus] = []
        for (m, model) in problem.models.enumerated() {
            for (h, type) in problem.serverTypes.enumerated()
            where problem.throughputs[problem.index(model: m, serverType: h)] > 0 {
                let pair = ModelOnServer(model: model, serverType: type)
                let target = decision?.allocation[model, type] ?? 0
                let serving = observed?.serving[model, type] ?? target
                let bounds = overrides.last { $0.model == model && $0.serverType == type }
                let cut = decision?.cut.last { $0.model == model && $0.serverType == type }
                statuses.append(
                    .init(
                        model: model, serverType: type, target: target, serving: serving,
                        starting: observed?.starting[model, type] ?? 0,
                        draining: observed?.draining[model, type] ?? 0,
                        min: bounds?.min ?? limits.pairs[pair]?.min,
                        max: bounds?.max ?? limits.pairs[pair]?.max,
                        lag: lagging[pair].map { abs($0.to - serving) } ?? 0,
                        cannot: cut.map { "\($0.rule): \($0.allowed) of \($0.asked)" }))
            }
        }
        return statuses
    }

    private var available: [ServerTypeID: Int] {
        observed?.available
            ?? Dictionary(uniqueKeysWithValues: zip(engine.problem.serverTypes, engine.problem.available))
    }

    // MARK: The past

    public nonisolated func decisions(_ query: DecisionQuery) async throws -> [ControllerDecision] {
        guard let store else { return [] }
        return try store.controllerDecisions(
            after: query.after, before: query.before, model: query.model, reason: query.reason?.rawValue,
            limit: query.limit
        ).map { try ControlCoding.value(ControllerDecision.self, of: $0) }
    }

    public nonisolated func decision(_ id: Int64) async throws -> ControllerDecision? {
        try store?.controllerDecision(id).map {
            try ControlCoding.value(ControllerDecision.self, of: $0)
        }
    }

    public nonisolated func events(after id: Int64, limit: Int) async throws -> [ControllerEvent] {
        guard let store else { return [] }
        return try store.controllerEvents(after: id, limit: limit).map {
            try ControlCoding.value(ControllerEvent.self, of: $0)
        }
    }

    /// Looks ten times a second, for a minute at most.
    public func waitForEvent(after id: Int64, seconds: Double) async {
        let looks = Int(min(max(0, seconds.isFinite ? seconds : 0), 60) * 10)
        for _ in 0..<looks where lastEvent <= id {
            do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
        }
    }

    public nonisolated func audit(after id: Int64, limit: Int) async throws -> [AuditEntry] {
        guard let store else { return [] }
        return try store.controllerAudit(after: id, limit: limit).map {
            AuditEntry(
                id: $0.id, at: WallTime(unixMilliseconds: $0.atUnixMilliseconds), actor: $0.actor,
                role: $0.role, address: $0.address, action: $0.action, before: $0.before, after: $0.after,
                digest: $0.digest)
        }
    }

    public func history(last limit: Int) async throws -> [HistoryPoint] {
        guard let store else { return [] }
        let figures = FleetDraw(engine.problem, idlePowers: setup.scenario.idlePowers)
        let most = min(max(0, limit), 10_080)
        let from = max(0, (lastIndex ?? 0) - most + 1)
        return try store.controllerDecisions(from: from, limit: most).map { text in
            let made = try ControlCoding.value(ControllerDecision.self, of: text)
            var watts = made.instead.mapValues(\.watts)
            watts[SavingsLedger.plan] = figures.alternative(made.allocation, loads: [:]).watts
            return HistoryPoint(
                at: made.at, tick: made.tick, load: made.load, forecast: made.forecast, needed: made.needed,
                capacity: figures.capacities(of: made.allocation), headroom: made.headroom,
                held: made.trust.filter { $0.value.state == .held }.map(\.key).sorted(),
                servers: made.allocation.countsByServerType, watts: watts, boundWatts: made.boundWatts)
        }
    }

    public func scorecard() async throws -> ControllerScorecard {
        engine.savings.scorecard(against: setup.document.baseline)
    }
}
