import Quantities

/// Where engines keep blocks of keys and values below the device: memory of the host, a disk, or a store that
/// several engines reach.
public struct ServingCacheTier: Hashable, Sendable {
    /// How much it holds.
    public enum Capacity: Hashable, Sendable {
        case bytes(Double)
        /// Of the engines' block.
        case blocks(Int)
    }

    public var name: String
    public var capacity: Capacity
    /// Bytes per second: of a link in each direction, of a station for each server.
    public var bandwidth: Double
    /// Of a transfer.
    public var latency: Nanoseconds
    /// Transfers that a disk serves at a time, loads and writes alike; nil for a link that all of them share.
    public var servers: Int?
    /// Whether it forgets all when an engine that uses it fails.
    public var isLostOnFailure = false
    /// Where the numbers come from.
    public var source: String

    public init(
        name: String, capacity: Capacity, bandwidth: Double, latency: Nanoseconds = .zero,
        servers: Int? = nil, source: String
    ) {
        self.name = name
        self.capacity = capacity
        self.bandwidth = bandwidth
        self.latency = latency
        self.servers = servers
        self.source = source
    }
}

/// Whether what a tier holds is loaded or computed anew.
public enum TierLoading: String, CaseIterable, Hashable, Codable, Sendable {
    /// It is loaded.
    case load
    /// What is sooner, as far as can be told when the request's turn comes.
    case sooner
}

extension ServingOutcome {
    /// One tier, over all engines that have one like it.
    public struct TierFigures: Hashable, Sendable {
        public var name: String
        /// Tiers of the kind: one for each engine, or one that engines share.
        public var count: Int
        /// Bytes that each holds.
        public var capacityBytes: Double
        /// The largest share of one that was taken.
        public var usedShareMost: Double
        /// Prompt tokens that were loaded when their requests were first scheduled, and their share of all.
        public var hitTokens: Int
        public var hitShare: Double?
        public var loads: Int
        public var loadedBytes: Double
        public var writtenBytes: Double
        public var evictedBytes: Double
        /// Bytes that found no room beside what was in use.
        public var skippedBytes: Double
        /// Of a load; nil where there was none.
        public var wait: Latency?
        public var source: String

        public init(
            name: String, count: Int, capacityBytes: Double, usedShareMost: Double, hitTokens: Int,
            hitShare: Double?, loads: Int, loadedBytes: Double, writtenBytes: Double, evictedBytes: Double,
            skippedBytes: Double, wait: Latency?, source: String
        ) {
            self.name = name
            self.count = count
            self.capacityBytes = capacityBytes
            self.usedShareMost = usedShareMost
            self.hitTokens = hitTokens
            self.hitShare = hitShare
            self.loads = loads
            self.loadedBytes = loadedBytes
            self.writtenBytes = writtenBytes
            self.evictedBytes = evictedBytes
            self.skippedBytes = skippedBytes
            self.wait = wait
            self.source = source
        }
    }

    /// Where the tokens of prompts were found that need not be read.
    public struct Tiers: Hashable, Sendable {
        public var tiers: [TierFigures]
        /// Prompt tokens found on the devices, and their share of all.
        public var deviceTokens: Int
        public var deviceShare: Double?
        /// Of the requests that waited for loads; nil where none did.
        public var wait: Latency?

        public init(tiers: [TierFigures], deviceTokens: Int, deviceShare: Double?, wait: Latency?) {
            self.tiers = tiers
            self.deviceTokens = deviceTokens
            self.deviceShare = deviceShare
            self.wait = wait
        }
    }
}

extension ServingCluster {
    /// Whether an engine keeps blocks below its device.
    public var hasTiers: Bool {
        pools.contains { !$0.sharedTiers.isEmpty || $0.engines.contains { !$0.tiers.isEmpty } }
    }

    /// The same cluster without tiers below the devices.
    public var withoutTiers: ServingCluster {
        var cluster = self
        for pool in cluster.pools.indices {
            cluster.pools[pool].sharedTiers = []
            for engine in cluster.pools[pool].engines.indices {
                cluster.pools[pool].engines[engine].tiers = []
            }
        }
        return cluster
    }
}
