import Quantities

/// The machine a measurement was taken on.
public struct Host: Hashable, Codable, Sendable {
    public let name: String
    public let processor: String
    public let cores: Int
    public let memory: Bytes
    public let operatingSystem: String

    public init(name: String, processor: String, cores: Int, memory: Bytes, operatingSystem: String) {
        self.name = name
        self.processor = processor
        self.cores = cores
        self.memory = memory
        self.operatingSystem = operatingSystem
    }

    /// What makes two hosts the same for the reuse of measurements: everything but the name, which a container
    /// changes on every start.
    public var fingerprint: String { "\(processor) / \(cores) cores" }
}

/// What disturbed a measurement while it ran.
public struct HostNoise: Hashable, Codable, Sendable {
    /// Share of processor time that the hypervisor gave to others; nil where it cannot be read.
    public let stealFraction: Fraction?
    /// Share of the time in which some runnable task waited for a processor; nil where it cannot be read.
    public let processorPressureFraction: Fraction?

    public init(stealFraction: Fraction?, processorPressureFraction: Fraction?) {
        self.stealFraction = stealFraction
        self.processorPressureFraction = processorPressureFraction
    }
}

/// A distribution of latencies as counts of recorded values, in ascending order.
public struct LatencyHistogram: Hashable, Codable, Sendable {
    /// One distinct recorded value and how often it occurred.
    public struct Bin: Hashable, Codable, Sendable {
        public let latency: Nanoseconds
        public let count: Int
        public init(latency: Nanoseconds, count: Int) {
            self.latency = latency
            self.count = count
        }
    }

    /// Ascending by latency, each count at least 1.
    public let bins: [Bin]

    /// - Precondition: bins ascend strictly and have positive counts.
    public init(bins: [Bin]) {
        precondition(bins.allSatisfy { $0.count > 0 }, "an empty bin is left out")
        precondition(zip(bins, bins.dropFirst()).allSatisfy { $0.latency < $1.latency }, "bins ascend")
        self.bins = bins
    }

    /// The number of recorded values.
    public var count: Int { bins.reduce(0) { $0 + $1.count } }

    /// The smallest recorded value with at least `order * count` values at or below it; nil when empty. O(bins).
    public func latency(at order: Quantile) -> Nanoseconds? {
        let rank = max(1, Int((order.value * Double(count)).rounded(.up)))
        var seen = 0
        for bin in bins {
            seen += bin.count
            if seen >= rank { return bin.latency }
        }
        return nil
    }

    /// The mean of all recorded values; nil when empty. O(bins).
    public var mean: Nanoseconds? {
        guard count > 0 else { return nil }
        let sum = bins.reduce(0.0) { $0 + Double($1.latency.count) * Double($1.count) }
        return Nanoseconds(Int64((sum / Double(count)).rounded()))
    }

    /// The largest recorded value; nil when empty.
    public var max: Nanoseconds? { bins.last?.latency }

    private func max(_ a: Int, _ b: Int) -> Int { a > b ? a : b }
}

/// The time one inference thread took for one piece, under the co-location of its schedule.
public struct ServiceSample: Hashable, Codable, Sendable {
    public let items: Int
    public let time: Nanoseconds

    public init(items: Int, time: Nanoseconds) {
        self.items = items
        self.time = time
    }
}

/// The facts of one load run against one schedule. What to think of them is a `Verdict`'s matter.
public struct Measurement: Hashable, Codable, Sendable {
    /// How queries were offered.
    public enum LoadPattern: String, Codable, Sendable, CaseIterable {
        /// Arrivals as a Poisson process, whatever the server does.
        case openPoisson
        /// A new piece as soon as a thread is free: saturation.
        case closed
    }

    /// Why the run was made.
    public enum Purpose: String, Codable, Sendable, CaseIterable {
        /// Service times and latencies of a cell of the schedule grid.
        case cell
        /// A live check of a rate that the simulation predicts to be sustainable.
        case confirmation
    }

    public var model: ModelID
    public var serverType: ServerTypeID
    public var schedule: Schedule
    public var purpose: Purpose
    public var pattern: LoadPattern
    public var host: Host
    public var engine: String
    public var engineVersion: String
    /// nil for a closed loop.
    public var offeredRate: QueriesPerSecond?
    public var completedRate: QueriesPerSecond
    public var queries: Int
    public var duration: Nanoseconds
    /// From scheduled arrival to the end of the last piece.
    public var latencies: LatencyHistogram
    /// How late the generator itself was against its own schedule.
    public var generatorLateness: LatencyHistogram
    public var serviceSamples: [ServiceSample]
    /// Share of the inference threads' time spent on inference.
    public var utilisation: Fraction
    public var power: Watts
    public var powerProvenance: PowerProvenance
    public var noise: HostNoise
    public var provenance: Provenance
    public var seed: UInt64
    /// Seconds since 1970-01-01T00:00:00Z.
    public var measuredAtUnixSeconds: Int64
    public var toolVersion: String

    public init(
        model: ModelID, serverType: ServerTypeID, schedule: Schedule, purpose: Purpose, pattern: LoadPattern,
        host: Host, engine: String, engineVersion: String, offeredRate: QueriesPerSecond?,
        completedRate: QueriesPerSecond, queries: Int, duration: Nanoseconds, latencies: LatencyHistogram,
        generatorLateness: LatencyHistogram, serviceSamples: [ServiceSample], utilisation: Fraction,
        power: Watts, powerProvenance: PowerProvenance, noise: HostNoise, provenance: Provenance,
        seed: UInt64,
        measuredAtUnixSeconds: Int64, toolVersion: String
    ) {
        self.model = model
        self.serverType = serverType
        self.schedule = schedule
        self.purpose = purpose
        self.pattern = pattern
        self.host = host
        self.engine = engine
        self.engineVersion = engineVersion
        self.offeredRate = offeredRate
        self.completedRate = completedRate
        self.queries = queries
        self.duration = duration
        self.latencies = latencies
        self.generatorLateness = generatorLateness
        self.serviceSamples = serviceSamples
        self.utilisation = utilisation
        self.power = power
        self.powerProvenance = powerProvenance
        self.noise = noise
        self.provenance = provenance
        self.seed = seed
        self.measuredAtUnixSeconds = measuredAtUnixSeconds
        self.toolVersion = toolVersion
    }
}

/// A judgement over a measurement, kept apart from its facts.
public struct Verdict: Hashable, Codable, Sendable {
    /// Why a measurement should not be relied on.
    public enum Doubt: String, Codable, Sendable, CaseIterable {
        /// Too few queries stand behind the tail quantile.
        case tooFewQueries
        /// The hypervisor took processor time away.
        case stolenTime
        /// Other tasks competed for the processors.
        case processorPressure
        /// The generator fell behind its own schedule.
        case generatorBehind
    }

    public let doubts: [Doubt]
    public var isValid: Bool { doubts.isEmpty }

    public init(doubts: [Doubt]) { self.doubts = doubts }
}
