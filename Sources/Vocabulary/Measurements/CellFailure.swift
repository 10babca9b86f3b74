/// That a model failed in a cell: the runtime refused it, or computed less than it was asked for.
///
/// A measurement of the same cell that is made later lifts it.
public struct CellFailure: Hashable, Codable, Sendable {
    public let model: ModelID
    public let serverType: ServerTypeID
    public let schedule: Schedule
    public let host: Host
    public let engine: String
    public let engineVersion: String
    /// What went wrong, for people.
    public let message: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public let failedAtUnixSeconds: Int64
    public let toolVersion: String

    public init(
        model: ModelID, serverType: ServerTypeID, schedule: Schedule, host: Host, engine: String,
        engineVersion: String, message: String, failedAtUnixSeconds: Int64, toolVersion: String
    ) {
        self.model = model
        self.serverType = serverType
        self.schedule = schedule
        self.host = host
        self.engine = engine
        self.engineVersion = engineVersion
        self.message = message
        self.failedAtUnixSeconds = failedAtUnixSeconds
        self.toolVersion = toolVersion
    }
}
