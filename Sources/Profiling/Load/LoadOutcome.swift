import Quantities
import Vocabulary

/// The facts of one open-loop run, over its counted part: everything after the warm-up.
public struct LoadOutcome: Sendable {
    /// Queries that were due in the counted part and were handed to the threads.
    public var arrivedQueries: Int
    /// Of these, the ones whose last piece ended.
    public var completedQueries: Int
    /// Of these, the ones given up because the threads could not keep up.
    public var abandonedQueries: Int
    /// Whether the run was cut short because the backlog showed that the rate cannot be sustained.
    public var isOverloaded: Bool
    /// How long the counted part lasted.
    public var duration: Nanoseconds
    /// Completions within the counted part, by its length.
    public var completedRate: QueriesPerSecond
    /// From scheduled arrival to the end of the last piece; for an abandoned query its age when it was given up, a
    /// lower bound. One value for each arrived query.
    public var latencies: LatencyHistogram
    /// How long after its scheduled arrival each query was handed over.
    public var generatorLateness: LatencyHistogram
    /// A bounded uniform sample of the pieces that began in the counted part.
    public var serviceSamples: [ServiceSample]
    /// Busy time within the counted part, by its length and the number of threads.
    public var utilisation: Fraction
    /// The instant of the start on the system's monotonic clock, which scheduled arrivals are offsets from.
    public var startedAt: Nanoseconds
}

/// What a schedule can do at most: all threads busy all the time.
public struct Saturation: Hashable, Sendable {
    public var itemsPerSecond: Double
    /// At the mean query size.
    public var throughput: QueriesPerSecond
    public var pieces: Int
    public var duration: Nanoseconds
}
