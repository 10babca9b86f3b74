import Quantities

/// A kind of server: what the planner counts and the analytic model computes with.
public struct ServerType: Hashable, Codable, Sendable {
    public let id: ServerTypeID
    public let title: String
    /// nil where only figures of others say what the server does; then nothing can be computed of it.
    public let processor: Processor?
    /// nil as the processor is.
    public let memory: MemorySystem?
    /// Memory modules that pool embedding rows next to the DRAM devices, where fitted.
    public let nearMemory: NearMemory?
    public let accelerator: Accelerator?
    /// A systolic array with or without macros that compute in memory, which runs networks layer by layer.
    public let edge: EdgeDevice?
    public let power: PowerCurve
    /// Whether this type stands for the machine the tool runs on, to be profiled rather than modelled.
    public let isThisHost: Bool
    /// Where the figures come from, one citation per line.
    public let sources: [String]
    /// Of one server, in whatever currency the catalogue is written in; nil where it is not given.
    public let pricePerHour: Double?

    public init(
        id: ServerTypeID, title: String, processor: Processor?, memory: MemorySystem?,
        nearMemory: NearMemory?,
        accelerator: Accelerator?, power: PowerCurve, isThisHost: Bool, sources: [String],
        pricePerHour: Double? = nil, edge: EdgeDevice? = nil
    ) {
        self.edge = edge
        self.id = id
        self.title = title
        self.processor = processor
        self.memory = memory
        self.nearMemory = nearMemory
        self.accelerator = accelerator
        self.power = power
        self.isThisHost = isThisHost
        self.sources = sources
        self.pricePerHour = pricePerHour
    }
}

/// The host processors of a server, all sockets together.
public struct Processor: Hashable, Codable, Sendable {
    public let cores: Int
    /// Peak single-precision rate of one core at its all-core vector frequency.
    public let peakPerCore: FlopsPerSecond
    /// Last-level cache, all sockets together.
    public let lastLevelCache: Bytes

    public init(cores: Int, peakPerCore: FlopsPerSecond, lastLevelCache: Bytes) {
        self.cores = cores
        self.peakPerCore = peakPerCore
        self.lastLevelCache = lastLevelCache
    }
}

/// The host memory of a server, all channels together.
public struct MemorySystem: Hashable, Codable, Sendable {
    public let capacity: Bytes
    /// Peak bandwidth of all channels.
    public let bandwidth: BytesPerSecond

    public init(capacity: Bytes, bandwidth: BytesPerSecond) {
        self.capacity = capacity
        self.bandwidth = bandwidth
    }
}

/// Near-memory pooling: ranks gather and sum in parallel, and only the sums cross the memory bus.
public struct NearMemory: Hashable, Codable, Sendable {
    /// How many ranks per channel work in parallel; the gather bandwidth grows by this factor.
    public let rankParallelism: Int

    public init(rankParallelism: Int) { self.rankParallelism = rankParallelism }
}

/// A discrete accelerator behind PCIe; a server has `count` equal ones.
public struct Accelerator: Hashable, Codable, Sendable {
    public let name: String
    public let count: Int
    /// Peak rate of one device in the precision of its software; single precision where none is named.
    public let peak: FlopsPerSecond
    public let memory: Bytes
    public let bandwidth: BytesPerSecond
    /// Effective host-to-device bandwidth of one device.
    public let hostLink: BytesPerSecond
    /// Fixed cost of starting one kernel.
    public let launchOverhead: Nanoseconds
    /// What runs models on it; nil stands for an unoptimised framework.
    public let software: SoftwareStack?
    /// What engines of language models need to know of it; nil where nothing says what joins the devices.
    public let sheet: AcceleratorSheet?

    public init(
        name: String, count: Int, peak: FlopsPerSecond, memory: Bytes, bandwidth: BytesPerSecond,
        hostLink: BytesPerSecond, launchOverhead: Nanoseconds, software: SoftwareStack? = nil,
        sheet: AcceleratorSheet? = nil
    ) {
        self.sheet = sheet
        self.name = name
        self.count = count
        self.peak = peak
        self.memory = memory
        self.bandwidth = bandwidth
        self.hostLink = hostLink
        self.launchOverhead = launchOverhead
        self.software = software
    }
}

/// Power of a whole server as a function of the utilisation of its parts, at the board.
///
/// Each part draws `idle + (peak - idle) * s(u)` at utilisation `u`, with `s(u) = u / (u + (1 - u) * k)`. A
/// `halfLoadFactor` k of 1 is a straight line; below 1 the curve is concave, as real servers' curves are. The
/// rational form is used instead of a power because it rounds the same with every C library.
public struct PowerCurve: Hashable, Codable, Sendable {
    /// Everything but the accelerator.
    public let hostIdle: Watts
    public let hostPeak: Watts
    /// All accelerators together; zero without one.
    public let acceleratorIdle: Watts
    public let acceleratorPeak: Watts
    /// The `k` of the curve, above 0.
    public let halfLoadFactor: Double

    public init(
        hostIdle: Watts, hostPeak: Watts, acceleratorIdle: Watts, acceleratorPeak: Watts,
        halfLoadFactor: Double
    ) {
        self.hostIdle = hostIdle
        self.hostPeak = hostPeak
        self.acceleratorIdle = acceleratorIdle
        self.acceleratorPeak = acceleratorPeak
        self.halfLoadFactor = halfLoadFactor
    }

    /// Power with nothing running.
    public var idle: Watts { hostIdle + acceleratorIdle }
    /// Power with every part busy.
    public var peak: Watts { hostPeak + acceleratorPeak }

    /// Power at the given utilisations, each clamped to 0...1.
    public func power(hostUtilisation: Double, acceleratorUtilisation: Double) -> Watts {
        hostIdle + (hostPeak - hostIdle) * shape(hostUtilisation)
            + acceleratorIdle
            + (acceleratorPeak - acceleratorIdle) * shape(acceleratorUtilisation)
    }

    /// The share of the range from idle to peak that a part draws at a utilisation, clamped to 0...1.
    public func shape(_ utilisation: Double) -> Double {
        let clamped = min(max(utilisation, 0), 1)
        return clamped == 0 ? 0 : clamped / (clamped + (1 - clamped) * halfLoadFactor)
    }

    /// The utilisation at which a part draws a share of the range from idle to peak, clamped to 0...1.
    public func utilisation(drawing share: Double) -> Double {
        let clamped = min(max(share, 0), 1)
        return clamped * halfLoadFactor / (1 - clamped + clamped * halfLoadFactor)
    }
}

/// How many servers of each type there are.
public struct Fleet: Hashable, Codable, Sendable {
    public let id: String
    public let counts: [ServerTypeID: Int]

    public init(id: String, counts: [ServerTypeID: Int]) {
        self.id = id
        self.counts = counts
    }

    /// The server types in name order.
    public var serverTypes: [ServerTypeID] { counts.keys.sorted() }
    /// Whether there is at least one server of a type.
    public func hasServers(of type: ServerTypeID) -> Bool { (counts[type] ?? 0) > 0 }
    /// All servers of all types.
    public var serverCount: Int { counts.values.reduce(0, +) }
}
