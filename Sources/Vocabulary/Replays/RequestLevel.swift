import Quantities

/// One policy's service of one model over a window, seen two ways: as a fluid (load against capacity) and
/// query by query.
public struct RequestLevelResult: Hashable, Codable, Sendable {
    /// Queries by what became of them.
    public struct Queries: Hashable, Codable, Sendable {
        public var arrived: Int
        /// Answered after the latency limit; of a language model, beyond any of its limits.
        public var late: Int
        /// Turned away by a full server, or lost with one that failed.
        public var dropped: Int
        /// Never answered.
        public var waiting: Int

        public init(arrived: Int = 0, late: Int = 0, dropped: Int = 0, waiting: Int = 0) {
            self.arrived = arrived
            self.late = late
            self.dropped = dropped
            self.waiting = waiting
        }

        /// Not answered within the limit.
        public var failed: Int { late + dropped + waiting }

        public static func + (left: Self, right: Self) -> Self {
            Self(
                arrived: left.arrived + right.arrived, late: left.late + right.late,
                dropped: left.dropped + right.dropped, waiting: left.waiting + right.waiting)
        }
    }

    /// A part of the window in which neither the load nor the servers changed.
    public struct Segment: Hashable, Codable, Sendable {
        /// Since the start of the trace.
        public let start: Nanoseconds
        public let duration: Nanoseconds
        public let load: QueriesPerSecond
        /// What the servers that take queries are trusted with.
        public let capacity: QueriesPerSecond
        /// Of the queries that arrived in it.
        public let queries: Queries

        public init(
            start: Nanoseconds, duration: Nanoseconds, load: QueriesPerSecond, capacity: QueriesPerSecond,
            queries: Queries
        ) {
            self.start = start
            self.duration = duration
            self.load = load
            self.capacity = capacity
            self.queries = queries
        }

        /// Load over capacity; infinite where there is load and no server.
        public var fullness: Double {
            load == .zero ? 0 : capacity == .zero ? .infinity : load / capacity
        }

        /// Whether the load exceeds the capacity, up to rounding.
        public var isViolatedAsFluid: Bool { fullness > 1 + Coverage.tolerance }

        /// Whether more queries failed than the latency target forgives.
        public func missesTarget(_ target: LatencyTarget) -> Bool {
            Double(queries.failed) > (1 - target.quantile.value) * Double(queries.arrived)
        }
    }

    public let policy: String
    public let model: ModelID
    public let target: LatencyTarget
    /// In order, without gaps.
    public let segments: [Segment]
    /// The latency at the target's quantile of the queries that were answered; nil where none was.
    public let tailLatency: Nanoseconds?
    /// Queries that a failing server held and that were sent elsewhere.
    public let retried: Int
    /// Of a language model; nil of any other, whose queries have one latency.
    public let tokens: TokenLevelFigures?

    public init(
        policy: String, model: ModelID, target: LatencyTarget, segments: [Segment],
        tailLatency: Nanoseconds?, retried: Int, tokens: TokenLevelFigures? = nil
    ) {
        self.policy = policy
        self.model = model
        self.target = target
        self.segments = segments
        self.tailLatency = tailLatency
        self.retried = retried
        self.tokens = tokens
    }

    /// The share of queries that kept every limit; nil where none came.
    public var attained: Fraction? {
        queries.arrived == 0 ? nil : Fraction(1 - Double(queries.failed) / Double(queries.arrived))
    }

    public var queries: Queries { segments.reduce(Queries()) { $0 + $1.queries } }

    /// The share of queries that were not answered within the limit.
    public var failedFraction: Fraction { share(Double(queries.failed), of: Double(queries.arrived)) }

    /// The share of queries that came while the load exceeded the capacity.
    public var fluidViolationFraction: Fraction {
        share(
            segments.filter(\.isViolatedAsFluid).reduce(0) { $0 + $1.load * $1.duration },
            of: segments.reduce(0) { $0 + $1.load * $1.duration })
    }

    /// The share of queries beyond the capacity.
    public var fluidUnservedFraction: Fraction {
        share(
            segments.reduce(0) { $0 + max(.zero, $1.load - $1.capacity) * $1.duration },
            of: segments.reduce(0) { $0 + $1.load * $1.duration })
    }

    /// The share of queries that came in segments that missed the latency target.
    public var missedFraction: Fraction {
        share(
            Double(segments.filter { $0.missesTarget(target) }.reduce(0) { $0 + $1.queries.arrived }),
            of: Double(queries.arrived))
    }

    private func share(_ part: Double, of whole: Double) -> Fraction {
        Fraction(whole == 0 ? 0 : part / whole)
    }
}

/// A window of a replay, simulated query by query under every policy.
public struct RequestLevelOutcome: Hashable, Codable, Sendable {
    public let trace: String
    /// Since the start of the trace.
    public let start: Nanoseconds
    public let duration: Nanoseconds
    /// How queries found their servers, for example `power-of-two`.
    public let dispatch: String
    public let seed: UInt64
    /// In the order of the policies, then of the models.
    public let results: [RequestLevelResult]

    public init(
        trace: String, start: Nanoseconds, duration: Nanoseconds, dispatch: String, seed: UInt64,
        results: [RequestLevelResult]
    ) {
        self.trace = trace
        self.start = start
        self.duration = duration
        self.dispatch = dispatch
        self.seed = seed
        self.results = results
    }
}
