import Quantities

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

    /// The smallest recorded value with at least `order * count` values at or below it; nil when empty.
    /// O(bins).
    public func latency(at order: Quantile) -> Nanoseconds? {
        latency(rank: Int((order.value * Double(count)).rounded(.up)))
    }

    /// The value of a rank in ascending order, from 1; lower ranks count as 1, higher ones have no value.
    /// O(bins).
    public func latency(rank: Int) -> Nanoseconds? {
        let rank = max(1, rank)
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
public struct LoadRun: Hashable, Codable, Sendable {
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
        /// One rate tried in the live search for the highest one that meets the target.
        case bisection
        /// What the schedule does with all its threads always busy.
        case saturation
    }

    /// Why the run ended.
    public enum Ending: String, Codable, Sendable, CaseIterable {
        /// It lasted as long as was asked.
        case complete
        /// The tail's confidence interval had decided whether the target is met.
        case decided
        /// The backlog showed that the rate cannot be sustained.
        case overloaded
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
    /// Share of the inference threads' time spent on inference; nil where they are not ours to watch.
    public var utilisation: Fraction?
    /// Mean power over the counted part; nil where nothing is known of it.
    public var power: Watts?
    /// nil exactly where `power` is.
    public var powerProvenance: PowerProvenance?
    public var noise: HostNoise
    public var provenance: Provenance
    public var seed: UInt64
    /// Seconds since 1970-01-01T00:00:00Z.
    public var measuredAtUnixSeconds: Int64
    public var toolVersion: String
    /// Counts runs made on purpose with the same settings, from 1.
    public var repetition = 1
    /// Counts the runs of one repetition, from 1: a disturbed run is made again, and both are kept.
    public var attempt = 1
    public var ending = Ending.complete
    /// What was left out at the start because latencies had not settled; nil where that was not looked for.
    public var warmUp: WarmUp?
    /// Queries in one busy period share its delay: so many independent ones would tell the tail as well as
    /// these do. nil where that was not looked for.
    public var effectiveQueries: Double?
    /// From the moment at which a piece and a thread were both there to the start of the inference: the
    /// median and the 99th percentile; nil where the threads are not ours to watch.
    public var dispatchMedian: Nanoseconds?
    public var dispatchP99: Nanoseconds?
    /// What the watts cover, for people.
    public var powerBoundary: String?
    /// Before any load, by the same meter.
    public var idlePower: Watts?
    /// Which cores and memory nodes the threads were held to, for people.
    public var placement: String?
    /// Where an imported measurement was found: a text or digest by which its importer knows the source.
    public var source: String?
    /// In which the runtime says that it computes, under its own name; nil where it does not say.
    public var inferencePrecision: String?
    /// Of a language model's run.
    public var tokens: TokenFigures?
    /// Of a pipeline: then `serviceSamples` are those of its dense part, and `dispatchMedian` and
    /// `dispatchP99` tell of its sparse threads.
    public var sparseStage: SparseStage?

    /// Whether the run was cut short because the rate cannot be sustained.
    public var isOverloaded: Bool { ending == .overloaded }

    /// What a pipeline of sparse and dense threads shows beside what every run does.
    public struct SparseStage: Hashable, Codable, Sendable {
        /// Of the sparse parts of pieces.
        public var serviceSamples: [ServiceSample]
        /// Share of the sparse threads' time spent on inference.
        public var utilisation: Fraction
        /// Share of the dense threads' time spent on inference.
        public var denseUtilisation: Fraction
        /// From the end of a piece's sparse part to the start of its dense part: the median and the 99th
        /// percentile; nil where no piece went through both.
        public var handOverMedian: Nanoseconds?
        public var handOverP99: Nanoseconds?
        /// The median of the same for pieces that found a dense thread idle: the time to wake it up; nil
        /// where none did.
        public var denseDispatchMedian: Nanoseconds?

        public init(
            serviceSamples: [ServiceSample], utilisation: Fraction, denseUtilisation: Fraction,
            handOverMedian: Nanoseconds?, handOverP99: Nanoseconds?, denseDispatchMedian: Nanoseconds?
        ) {
            self.serviceSamples = serviceSamples
            self.utilisation = utilisation
            self.denseUtilisation = denseUtilisation
            self.handOverMedian = handOverMedian
            self.handOverP99 = handOverP99
            self.denseDispatchMedian = denseDispatchMedian
        }
    }

    /// The part of a run in which it had not settled.
    public struct WarmUp: Hashable, Codable, Sendable {
        public var duration: Nanoseconds
        public var queries: Int

        public init(duration: Nanoseconds, queries: Int) {
            self.duration = duration
            self.queries = queries
        }
    }

    /// What not every run has stands at its default and is set afterwards.
    public init(
        model: ModelID, serverType: ServerTypeID, schedule: Schedule, purpose: Purpose, pattern: LoadPattern,
        host: Host, engine: String, engineVersion: String, offeredRate: QueriesPerSecond?,
        completedRate: QueriesPerSecond, queries: Int, duration: Nanoseconds, latencies: LatencyHistogram,
        generatorLateness: LatencyHistogram, serviceSamples: [ServiceSample], utilisation: Fraction?,
        power: Watts?, powerProvenance: PowerProvenance?, noise: HostNoise, provenance: Provenance,
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
