import Files
import Quantities
import Vocabulary

/// Reads `cache_tiers` of an engine and `shared_tiers` of a pool.
enum CacheTierReader {
    private enum Key: String, SectionKey {
        case name, blocks, servers, source
        case capacity = "capacity_gb"
        case bandwidth = "bandwidth_gb_per_s"
        case latency = "latency_us"
        case lostOnFailure = "lost_on_failure"
    }

    /// The most tiers that an engine may seek in, its own and shared ones.
    private static let tiersMax = 4

    /// Tiers that an engine has alone.
    static func tiers(_ value: YAMLValue, of engine: ServingEngine) throws(FileError) -> [ServingCacheTier] {
        try require(engine, at: value)
        guard engine.rules.role != .decode else {
            throw .invalidValue(
                value.place, found: "an engine that reads no prompts", expected: "role mixed or prefill")
        }
        return try list(value)
    }

    /// Tiers that the engines of a pool share.
    static func sharedTiers(
        _ value: YAMLValue?, of engines: [ServingEngine]
    ) throws(FileError) -> [ServingCacheTier] {
        guard let value else { return [] }
        let shared = try list(value)
        for engine in engines where engine.rules.role != .decode {
            try require(engine, at: value)
            guard let own = engine.tiers.first(where: { own in shared.contains { $0.name == own.name } })
            else {
                guard engine.tiers.count + shared.count > tiersMax else { continue }
                throw .invalidValue(
                    value.place, found: "\(engine.tiers.count + shared.count) tiers of an engine",
                    expected: "at most \(tiersMax)")
            }
            throw .invalidValue(
                value.place, found: "\(own.name), which an engine has alone", expected: "another name")
        }
        return shared
    }

    /// What is forgotten on the device cannot be kept below it.
    private static func require(_ engine: ServingEngine, at value: YAMLValue) throws(FileError) {
        if engine.keepsPrefixes, engine.batching != .llamaCpp { return }
        throw .invalidValue(
            value.place, found: "tiers below an engine that finds no prefixes again",
            expected: "prefix_caching, and a policy other than llamacpp")
    }

    private static func list(_ value: YAMLValue) throws(FileError) -> [ServingCacheTier] {
        var tiers: [ServingCacheTier] = []
        for item in try value.filledList(max: tiersMax) {
            let tier = try tier(item)
            guard !tiers.contains(where: { $0.name == tier.name }) else {
                throw .invalidValue(
                    item.place, found: "\(tier.name) a second time", expected: "a name of its own")
            }
            tiers.append(tier)
        }
        return tiers
    }

    private static func tier(_ value: YAMLValue) throws(FileError) -> ServingCacheTier {
        let keys = try value.section(Key.self)
        try keys.require(.name, .bandwidth, .source)
        let (key, size) = try keys.either(.capacity, .blocks)
        let capacity: ServingCacheTier.Capacity =
            key == .capacity
            ? .bytes(try size.number(.from(0.001, to: 1e7)) * 1e9)
            : .blocks(try size.wholeNumber(to: 1_000_000_000))
        let latency = try keys.optional(.latency)?.number(.from(0, to: 1e7)) ?? 0
        var tier = ServingCacheTier(
            name: try keys[.name].name(), capacity: capacity,
            bandwidth: try keys[.bandwidth].number(.from(0.001, to: 100_000)) * 1e9,
            latency: Nanoseconds(seconds: latency * 1e-6),
            servers: try keys.optional(.servers)?.wholeNumber(to: 10_000), source: try keys[.source].text())
        if let truth = keys.optional(.lostOnFailure) { tier.isLostOnFailure = try truth.truth() }
        return tier
    }
}
