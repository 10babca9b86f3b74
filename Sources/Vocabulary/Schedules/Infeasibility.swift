/// One limit that keeps schedules of a model from a server type, and how far it is from what they need.
public struct Infeasibility: Hashable, Sendable {
    public let model: ModelID
    public let serverType: ServerTypeID
    public let target: LatencyTarget
    /// The limit's name for people, for example `device memory`.
    public let constraint: String
    /// How many schedules break it.
    public let excluded: Int
    /// How many there are.
    public let considered: Int
    /// What the least demanding schedule needs and what there is.
    public let detail: String

    public init(
        model: ModelID, serverType: ServerTypeID, target: LatencyTarget, constraint: String, excluded: Int,
        considered: Int, detail: String
    ) {
        self.model = model
        self.serverType = serverType
        self.target = target
        self.constraint = constraint
        self.excluded = excluded
        self.considered = considered
        self.detail = detail
    }
}
