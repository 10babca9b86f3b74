import Quantities

/// Where a request can go.
enum RouteChoice: BitwiseCopyable {
    case engine(Int)
    /// No engine that could hold it is up, but one will be.
    case later
    /// All that could hold it have been switched off.
    case lost
    /// None could ever hold it.
    case never
}

/// Engines that boot, fail and drain. At equal times this comes after tiers, and before arrivals and ends of
/// steps.
extension TokenPlay {
    /// Whether a request is on its way; entries of the future may be of steps that were cut short.
    var isServing: Bool { outcome.arrived > outcome.completed + outcome.rejected + outcome.lost }

    mutating func beginLives(at now: Int64) {
        origin = now
        for engine in 0..<engineCount {
            lives[engine].begin(at: now)
            let life = lives[engine].life
            if let drain = life.drainsAt {
                lifeEvents.schedule(
                    .drain(engine: Int32(engine)), at: Nanoseconds(now + drain.count * 1000))
            }
            if life.bootsAt == .zero, life.bootTime == .zero {
                comeUp(engine, at: now)
            } else {
                boot(engine, at: now + life.bootsAt.count * 1000)
            }
        }
    }

    private mutating func boot(_ engine: Int, at time: Int64) {
        lifeEvents.schedule(
            .boot(engine: Int32(engine), epoch: lives[engine].epoch), at: Nanoseconds(time))
    }

    mutating func play(_ event: LifeEvent, at now: Int64, _ take: (TokenRecord) -> Void) {
        switch event {
        case .boot(let engine, let epoch):
            guard lives[Int(engine)].epoch == epoch else { return }
            lives[Int(engine)].change(to: .booting, at: now)
            let up = now + lives[Int(engine)].life.bootTime.count * 1000
            lifeEvents.schedule(
                .up(engine: engine, epoch: lives[Int(engine)].epoch), at: Nanoseconds(up))
        case .up(let engine, let epoch):
            guard lives[Int(engine)].epoch == epoch else { return }
            comeUp(Int(engine), at: now)
        case .fail(let engine, let epoch):
            guard lives[Int(engine)].epoch == epoch else { return }
            fail(Int(engine), at: now, take)
        case .drain(let engine):
            lives[Int(engine)].isDraining = true
            if lives[Int(engine)].standing != .up {
                switchOff(Int(engine), at: now, take)
            } else {
                retire(Int(engine), at: now, take)
            }
        }
    }

    /// An engine takes requests from now on, first those that wait for one.
    private mutating func comeUp(_ engine: Int, at now: Int64) {
        lives[engine].change(to: .up, at: now)
        if let failure = lives[engine].nextFailure(after: now, origin: origin) {
            lifeEvents.schedule(
                .fail(engine: Int32(engine), epoch: lives[engine].epoch), at: Nanoseconds(failure))
        }
        let pool = Int(poolOfEngine[engine])
        let pending = pools[pool].pending
        pools[pool].pending = []
        // None is lost, as an engine that can hold it comes up or will.
        for call in pending { _ = hand(call, to: pool, at: now) }
    }

    private mutating func fail(_ engine: Int, at now: Int64, _ take: (TokenRecord) -> Void) {
        let pool = Int(poolOfEngine[engine])
        let returned = engines[engine].fail(at: now)
        for tier in engines[engine].setup.tiers where tiers[tier].tier.isLostOnFailure { tiers[tier].clear() }
        lives[engine].change(to: .failed, at: now)
        let life = lives[engine].life
        if let repair = life.repairTime, !lives[engine].isDraining {
            boot(engine, at: now + repair.count * 1000)
        } else {
            lives[engine].isOver = true
        }
        for var call in returned {
            if predicts { load.remove(call.request, from: engine) }
            outcome.returned += 1
            guard simulation.pools[pool].failureRule == .restart else {
                lose(call, at: now, take)
                continue
            }
            if call.lostTokens > 0 { outcome.restarted += 1 }
            outcome.tokensLost += Int(call.lostTokens)
            call.since = -1
            if !hand(call, to: pool, at: now) { lose(call, at: now, take) }
        }
        if lives[engine].isOver { dropHopeless(in: pool, at: now, take) }
    }

    /// Switches an engine off that drains, once it has no request.
    mutating func retire(_ engine: Int, at now: Int64, _ take: (TokenRecord) -> Void) {
        guard lives[engine].isDraining, lives[engine].standing == .up, engines[engine].isEmpty else { return }
        switchOff(engine, at: now, take)
    }

    private mutating func switchOff(_ engine: Int, at now: Int64, _ take: (TokenRecord) -> Void) {
        lives[engine].change(to: .off, at: now)
        lives[engine].isOver = true
        dropHopeless(in: Int(poolOfEngine[engine]), at: now, take)
    }

    /// Loses what waits for engines that never come up again.
    private mutating func dropHopeless(in pool: Int, at now: Int64, _ take: (TokenRecord) -> Void) {
        let pending = pools[pool].pending
        pools[pool].pending = []
        for call in pending where !hand(call, to: pool, at: now) { lose(call, at: now, take) }
    }

    /// A request is never answered.
    mutating func lose(_ call: RoutedRequest, at now: Int64, _ take: (TokenRecord) -> Void) {
        outcome.tokensOfLost += Int(call.generated)
        outcome.end = max(outcome.end, Nanoseconds(now / 1000))
        refusedAsLost = true
        reject(call.request, at: now, take)
    }

    /// Of engines that could take a request none is chosen: whether it can wait for one.
    func alternative(for request: TokenRequest, in range: Range<Int>) -> RouteChoice {
        var isHeldBySome = false
        for engine in range where engines[engine].canHold(request) {
            if !lives[engine].isOver { return .later }
            isHeldBySome = true
        }
        return isHeldBySome ? .lost : .never
    }
}
