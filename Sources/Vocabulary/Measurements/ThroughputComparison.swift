import Quantities

/// Latency-bounded throughput of one schedule on this machine, found two ways.
public struct ThroughputComparison: Hashable, Codable, Sendable {
    public var model: ModelID
    public var serverType: ServerTypeID
    public var host: Host
    public var engine: String
    public var engineVersion: String
    public var schedule: Schedule
    public var target: LatencyTarget
    /// The highest live rate that met the target; zero where none did.
    public var liveMet: QueriesPerSecond
    /// The lowest live rate above it that missed; nil where none was found to.
    public var liveMissed: QueriesPerSecond?
    /// Between the two, by ratio.
    public var live: QueriesPerSecond
    /// By simulation over the cells measured right before and right after the live rates: the mean of both.
    public var profiled: QueriesPerSecond
    /// The same without what is known of service times under other loads.
    public var plain: QueriesPerSecond
    /// By simulation over the cell of the profile, which may be of another hour; nil in comparisons that were
    /// made against that cell alone.
    public var stored: QueriesPerSecond?
    /// Rates tried live.
    public var rates: Int
    /// Rates of which no run was undisturbed.
    public var doubtfulRates: Int
    public var provenance: Provenance
    public var seed: UInt64
    /// Seconds since 1970-01-01T00:00:00Z.
    public var comparedAtUnixSeconds: Int64
    public var toolVersion: String

    public init(
        model: ModelID, serverType: ServerTypeID, host: Host, engine: String, engineVersion: String,
        schedule: Schedule, target: LatencyTarget, liveMet: QueriesPerSecond, liveMissed: QueriesPerSecond?,
        live: QueriesPerSecond, profiled: QueriesPerSecond, plain: QueriesPerSecond,
        stored: QueriesPerSecond? = nil, rates: Int, doubtfulRates: Int, provenance: Provenance, seed: UInt64,
        comparedAtUnixSeconds: Int64,
        toolVersion: String
    ) {
        self.model = model
        self.serverType = serverType
        self.host = host
        self.engine = engine
        self.engineVersion = engineVersion
        self.schedule = schedule
        self.target = target
        self.liveMet = liveMet
        self.liveMissed = liveMissed
        self.live = live
        self.profiled = profiled
        self.plain = plain
        self.stored = stored
        self.rates = rates
        self.doubtfulRates = doubtfulRates
        self.provenance = provenance
        self.seed = seed
        self.comparedAtUnixSeconds = comparedAtUnixSeconds
        self.toolVersion = toolVersion
    }

    /// By how much the simulation is above (or below) what live load showed; nil where no live rate met the
    /// target.
    public var difference: Fraction? { Self.difference(profiled, live) }
    /// The same of the simulation that knows nothing of loads.
    public var plainDifference: Fraction? { Self.difference(plain, live) }

    /// The same of the profile's cell.
    public var storedDifference: Fraction? { stored.flatMap { Self.difference($0, live) } }

    private static func difference(_ found: QueriesPerSecond, _ live: QueriesPerSecond) -> Fraction? {
        live > .zero ? Fraction((found.value - live.value) / live.value) : nil
    }

    /// The median size of some differences, whatever their sign; nil for none.
    public static func medianSize(_ differences: [Fraction?]) -> Fraction? {
        let sizes = differences.compactMap { $0.map { abs($0.value) } }.sorted()
        guard !sizes.isEmpty else { return nil }
        let middle = sizes.count / 2
        return Fraction(
            sizes.count % 2 == 1 ? sizes[middle] : (sizes[middle - 1] + sizes[middle]) / 2)
    }
}
