import Quantities
import Vocabulary

/// Whether a model's load may be acted on.
public enum TrustState: String, Hashable, Codable, Sendable, CaseIterable {
    /// Fresh and complete.
    case fresh
    /// Fresh, complete and zero: nobody asks for the model.
    case idle
    /// One sample is missing: good enough to raise, not to lower.
    case thinOK = "thin_ok"
    /// Not believed: the model keeps what it has.
    case held
}

/// Why a load is not believed.
public enum TrustCause: String, Hashable, Codable, Sendable, CaseIterable {
    /// The last sample is older than three scrape intervals.
    case stale
    /// Too few samples in the window.
    case thin
    /// No number, below zero, no series, or more series than promised.
    case invalid
    /// The answer carried warnings or was cut short.
    case partial
    /// No answer in time, or none at all.
    case unreachable
    /// The clock of whoever answers differs from ours.
    case skew
    /// More than the fleet could ever serve, or far more than lately.
    case implausible
    /// The query itself is wrong, or not allowed.
    case misconfigured
    /// Trusted again, but not yet long enough.
    case recovering
}

/// What was made of one reading.
public struct InputTrust: Hashable, Codable, Sendable {
    public var state: TrustState
    /// nil where the load is believed.
    public var cause: TrustCause?
    /// In words, for a person; nil where there is nothing to say.
    public var detail: String?
    /// Of the last sample; nil where no sample is known.
    public var ageSeconds: Double?
    /// Samples in the window, and how many there should be; nil where nobody says.
    public var samples: Int?
    public var expected: Int?
    /// Since when the model is held; nil where it is not.
    public var since: WallTime?
    /// The load as it was worked out, believed or not, in queries/s; nil where there is none.
    public var queriesPerSecond: Double?
    /// Resets of counters in the window.
    public var resets: Int?

    public init(
        state: TrustState, cause: TrustCause? = nil, detail: String? = nil, ageSeconds: Double? = nil,
        samples: Int? = nil, expected: Int? = nil, since: WallTime? = nil, queriesPerSecond: Double? = nil,
        resets: Int? = nil
    ) {
        self.state = state
        self.cause = cause
        self.detail = detail
        self.ageSeconds = ageSeconds
        self.samples = samples
        self.expected = expected
        self.since = since
        self.queriesPerSecond = queriesPerSecond
        self.resets = resets
    }

    /// Whether the load may be acted on, if only upwards.
    public var isTrusted: Bool { state != .held }
}
