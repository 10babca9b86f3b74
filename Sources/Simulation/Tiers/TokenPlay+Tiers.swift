import Quantities

/// Something happens at a tier.
struct TierTick: BitwiseCopyable {
    let tier: Int32
}

/// Tiers below the devices. At equal times they come before arrivals and ends of steps.
extension TokenPlay {
    static func tiers(
        of simulation: TokenSimulation, _ engines: [TokenSimulation.Engine], names: UnsafePointer<UInt64>?
    ) -> UnsafeMutablePointer<TierState> {
        let tiers = UnsafeMutablePointer<TierState>.allocate(capacity: simulation.tiers.count)
        for (index, tier) in simulation.tiers.enumerated() {
            let users = engines.indices.filter { engines[$0].setup.tiers.contains(index) }
            let blockTokens = users.first.map { engines[$0].setup.blockTokens } ?? 1
            (tiers + index).initialize(
                to: TierState(tier, users: users, blockTokens: blockTokens, names: names))
        }
        return tiers
    }

    /// Enters when something happens next at a tier, where that has changed.
    mutating func announce(_ tier: Int) {
        let next = tiers[tier].next
        guard next != tiers[tier].announced else { return }
        tiers[tier].announced = next
        if next != .max { tierEvents.schedule(TierTick(tier: Int32(tier)), at: Nanoseconds(next)) }
    }

    mutating func playTier(_ tick: TierTick, at now: Int64) {
        let tier = Int(tick.tier)
        // Of an entry that no longer holds there is another one.
        guard tiers[tier].next == now else { return }
        let loads = tiers[tier].arrive(at: now)
        tiers[tier].announced = .max
        announce(tier)
        // What was written may let others begin, so that no row of steps goes on over it.
        for engine in tiers[tier].users where engines[engine].candidateCount > 0 {
            engines[engine].cut(at: now)
            scheduleEnds(of: engine)
        }
        for load in loads where engines[load.engine].life == load.life {
            guard let start = engines[load.engine].arrive(load.job) else { continue }
            outcome.loadWaits.record(Nanoseconds((now - start) / 1000))
            engines[load.engine].noticeLoad(at: now, jumps: simulation.jumps)
            scheduleEnds(of: load.engine)
        }
        guard simulation.verifies else { return }
        if !tiers[tier].store.isConsistent { outcome.imbalances.append("the blocks of tier \(tier)") }
        for load in loads { outcome.imbalances += engines[load.engine].imbalances() }
    }
}

extension TokenSimulation {
    /// What keeps the tiers from being played; nil where nothing does.
    var tierFault: String? {
        for (index, tier) in tiers.enumerated() {
            if let fault = tier.fault { return "tier \(index + 1): \(fault)" }
        }
        var users: [Int: (pool: Int, blockTokens: Int)] = [:]
        for (pool, engines) in pools.map(\.engines).enumerated() {
            for setup in engines.map(\.setup) {
                for tier in setup.tiers {
                    guard tiers.indices.contains(tier) else { return "tier \(tier + 1) of \(tiers.count)" }
                    guard let first = users[tier] else {
                        users[tier] = (pool, setup.blockTokens)
                        continue
                    }
                    if first.pool != pool { return "tier \(tier + 1) in two pools, whose contents differ" }
                    if first.blockTokens != setup.blockTokens {
                        return "tier \(tier + 1) for blocks of \(first.blockTokens) and "
                            + "\(setup.blockTokens) tokens"
                    }
                }
            }
        }
        return nil
    }
}
