import Quantities
import Simulation
import Vocabulary

/// Which simulated tiers stand for which described ones.
struct CacheTierPlan: Sendable {
    /// A described tier, whose copies are simulated one by one.
    struct Kind: Sendable {
        let name: String
        let bytesPerBlock: Double
        let source: String
    }

    private(set) var tiers: [CacheTier] = []
    private(set) var kinds: [Kind] = []
    /// Of each simulated tier, the place of its kind.
    private(set) var kindOfTier: [Int] = []

    /// Tiers that a pool's engines share.
    /// - Returns: their places among the simulated ones.
    mutating func add(_ shared: [ServingCacheTier], of pool: ServingPool, named name: String?) -> [Int] {
        guard let reader = pool.engines.first(where: { $0.rules.role != .decode }) else { return [] }
        return add(shared, of: reader, in: pool, count: 1, named: name)[0]
    }

    /// Tiers that every copy of an engine has alone.
    /// - Returns: for every copy, the places of its tiers among the simulated ones.
    mutating func add(
        _ own: [ServingCacheTier], of engine: ServingEngine, in pool: ServingPool, named name: String?
    ) -> [[Int]] {
        // Engines of several descriptions may have tiers of one name.
        let isOne = pool.engines.count == 1
        let label = isOne ? name : (name.map { "\($0), " } ?? "") + engine.device.name
        return add(own, of: engine, in: pool, count: engine.count, named: label)
    }

    private mutating func add(
        _ described: [ServingCacheTier], of engine: ServingEngine, in pool: ServingPool, count: Int,
        named name: String?
    ) -> [[Int]] {
        let bytes = Double(engine.blockTokens) * pool.model.cacheBytesPerToken(tensorParallel: 1)
        var places = Array(repeating: [Int](), count: count)
        for tier in described {
            let label = name.map { "\($0): \(tier.name)" } ?? tier.name
            kinds.append(Kind(name: label, bytesPerBlock: bytes, source: tier.source))
            for copy in 0..<count {
                places[copy].append(tiers.count)
                tiers.append(Self.played(tier, bytesPerBlock: bytes))
                kindOfTier.append(kinds.count - 1)
            }
        }
        return places
    }

    private static func played(_ tier: ServingCacheTier, bytesPerBlock: Double) -> CacheTier {
        let blocks =
            switch tier.capacity {
            case .blocks(let blocks): blocks
            case .bytes(let bytes): Int(min(bytes / bytesPerBlock, 1e9))
            }
        let perBlock = max(1, Int64((1e12 * bytesPerBlock / tier.bandwidth).rounded()))
        let path: CacheTier.Path =
            if let servers = tier.servers {
                .station(servers: servers, base: tier.latency, picosecondsPerBlock: perBlock)
            } else {
                .link(picosecondsPerBlock: perBlock, latency: tier.latency)
            }
        var played = CacheTier(blocks: blocks, path: path)
        played.isLostOnFailure = tier.isLostOnFailure
        return played
    }
}

extension ServingSimulation {
    /// What the tiers of a cluster did, those of a kind together; nil where there are none.
    func tiers(_ played: TokenOutcome) -> ServingOutcome.Tiers? {
        guard !tierPlan.tiers.isEmpty else { return nil }
        let prompts = played.engines.reduce(0) { $0 + $1.promptTokens }
        func share(_ tokens: Int) -> Double? { prompts > 0 ? Double(tokens) / Double(prompts) : nil }
        let setups = simulation.pools.flatMap(\.ordered).map(\.setup)
        var hits = Array(repeating: 0, count: tierPlan.tiers.count)
        for (setup, figures) in zip(setups, played.engines) {
            for (tier, tokens) in zip(setup.tiers, figures.loadedTokens) { hits[tier] += tokens }
        }
        let kinds = tierPlan.kinds.enumerated().map { index, kind in
            let own = tierPlan.kindOfTier.indices.filter { tierPlan.kindOfTier[$0] == index }
            return figures(kind, own.map { (hits[$0], played.tiers[$0]) }, share: share)
        }
        let cached = played.engines.reduce(0) { $0 + $1.cachedTokens }
        let device = cached - hits.reduce(0, +)
        return ServingOutcome.Tiers(
            tiers: kinds, deviceTokens: device, deviceShare: share(device),
            wait: Self.latency(played.loadWaits))
    }

    private func figures(
        _ kind: CacheTierPlan.Kind, _ copies: [(hits: Int, figures: CacheTierFigures)],
        share: (Int) -> Double?
    ) -> ServingOutcome.TierFigures {
        var waits = LatencyTally()
        for copy in copies { waits.merge(copy.figures.waits) }
        func bytes(_ blocks: (CacheTierFigures) -> Int) -> Double {
            Double(copies.reduce(0) { $0 + blocks($1.figures) }) * kind.bytesPerBlock
        }
        let hits = copies.reduce(0) { $0 + $1.hits }
        let used = copies.map { Double($0.figures.blocksMost) / Double(max(1, $0.figures.blocks)) }
        return ServingOutcome.TierFigures(
            name: kind.name, count: copies.count,
            capacityBytes: Double(copies.first?.figures.blocks ?? 0) * kind.bytesPerBlock,
            usedShareMost: used.max() ?? 0, hitTokens: hits, hitShare: share(hits),
            loads: copies.reduce(0) { $0 + $1.figures.loads }, loadedBytes: bytes(\.loadedBlocks),
            writtenBytes: bytes(\.writtenBlocks), evictedBytes: bytes(\.evictedBlocks),
            skippedBytes: bytes(\.skippedBlocks), wait: Self.latency(waits), source: kind.source)
    }
}
