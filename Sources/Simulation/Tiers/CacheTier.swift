import Quantities

/// A place below the device that keeps blocks of keys and values: memory of the host, a disk, or a store that
/// other machines reach as well.
///
/// Full blocks of prompts are written to every tier of an engine when a prompt has been read, as vLLM's
/// connectors do by default. A block is found once its write has ended; the least recently used goes first.
public struct CacheTier: Sendable, Hashable {
    /// What blocks go over.
    public enum Path: Sendable, Hashable {
        /// Bandwidth in each direction that all transfers under way share evenly; the latency follows.
        case link(picosecondsPerBlock: Int64, latency: Nanoseconds)
        /// Servers behind one queue for loads and writes, each busy with one transfer at a time.
        case station(servers: Int, base: Nanoseconds, picosecondsPerBlock: Int64)
    }

    /// Blocks that it holds at most.
    public var blocks: Int
    public var path: Path
    /// Whether it forgets all when an engine that uses it fails, as memory of a process does.
    public var isLostOnFailure = false

    public init(blocks: Int, path: Path) {
        self.blocks = blocks
        self.path = path
    }

    /// The most tiers of an engine.
    public static let tiersMax = 4

    /// What keeps it from being played; nil where nothing does.
    var fault: String? {
        if !(1...Int(Int32.max)).contains(blocks) { return "room for \(blocks) blocks" }
        switch path {
        case .link(let time, let latency):
            if time < 1 || latency < .zero { return "transfers that take no time" }
        case .station(let servers, let base, let time):
            if servers < 1 { return "\(servers) servers" }
            if time < 1 || base < .zero { return "transfers that take no time" }
        }
        return nil
    }
}

/// Whether a block in a tier is loaded or computed anew.
public enum TierChoice: String, CaseIterable, Sendable, Hashable {
    /// What a tier holds is loaded, as vLLM does.
    case load
    /// What is sooner: the transfer among those under way now, or reading the tokens in steps of their own.
    case sooner
}

/// What one tier did.
public struct CacheTierFigures: Sendable {
    public var loads = 0
    public var loadedBlocks = 0
    public var writes = 0
    public var writtenBlocks = 0
    /// Blocks that were to be written and found no room beside those in use.
    public var skippedBlocks = 0
    public var evictedBlocks = 0
    public var blocksMost = 0
    public var blocks = 0
    /// From the beginning of a load to its end.
    public var waits = LatencyTally()
    /// Of writes.
    public var writing = LatencyTally()

    public init() {}
}
