import Quantities
import Vocabulary

/// What two searches must have in common for one's outcome to stand in for the other's.
public struct SearchKey: Hashable, Sendable {
    /// Only its `behaviourDigest` counts; the target is a part of the key by itself.
    public var model: Model
    /// Only its `behaviourDigest` counts.
    public var serverType: ServerType
    /// The latency target the schedules were held to.
    public var target: LatencyTarget
    /// nil when power was not limited.
    public var powerBudget: Watts?
    /// The search method's name.
    public var method: String
    /// Everything else the outcome depends on: the space, the number of queries, the seed, the measurements
    /// used.
    public var inputsDigest: ContentDigest

    /// - Parameter target: The model's own where nil.
    public init(
        model: Model, serverType: ServerType, target: LatencyTarget? = nil, powerBudget: Watts?,
        method: String,
        inputsDigest: ContentDigest
    ) {
        self.model = model
        self.serverType = serverType
        self.target = target ?? model.latencyTarget
        self.powerBudget = powerBudget
        self.method = method
        self.inputsDigest = inputsDigest
    }
}

/// A search's outcome, as stored.
public struct StoredSearch: Hashable, Sendable {
    /// Names the search in other calls.
    public let id: RecordID<SearchOutcome>
    /// Its entry is nil where no schedule meets the constraints.
    public let outcome: SearchOutcome
    /// The latency target the schedules were held to.
    public let target: LatencyTarget
    /// nil when power was not limited.
    public let powerBudget: Watts?
    /// The search method's name.
    public let method: String
    /// As in the key it was saved under.
    public let inputsDigest: ContentDigest
    /// The version of the tool that searched.
    public let toolVersion: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public let searchedAtUnixSeconds: Int64
    /// The run it belongs to; nil where it was made by itself.
    public let run: RecordID<StoredRun>?
}
