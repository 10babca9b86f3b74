import Quantities

/// How a cell of a profile job stands.
public enum CellState: String, Hashable, Sendable, CaseIterable {
    case waiting
    case leased
    case done
    case failed
}

/// How one cell of a job stands, for people.
public struct StoredCell: Hashable, Sendable {
    public let hostFingerprint: String
    public let model: String
    public let serverType: String
    public let engine: String
    public let schedule: String
    public let load: String
    public let repetition: Int
    public let state: CellState
    public let expected: Nanoseconds
    /// How long it took; nil unless it was measured by this job.
    public let took: Nanoseconds?
    public let failures: Int
    public let interruptions: Int
    /// Who is at it, or was last: the host's name and the process number.
    public let worker: String?
    /// Since when, where it is leased.
    public let leaseBeganAtUnixSeconds: Int64?
    /// Since 1970-01-01T00:00:00Z.
    public let leaseExpiresAt: Nanoseconds?
    public let error: String?
    public let measurement: RecordID<LoadRun>?
    public let completedRate: QueriesPerSecond?
    public let latencyP95: Nanoseconds?
    public let doubts: String?

    public init(
        hostFingerprint: String, model: String, serverType: String, engine: String, schedule: String,
        load: String, repetition: Int, state: CellState, expected: Nanoseconds, took: Nanoseconds? = nil,
        failures: Int = 0, interruptions: Int = 0, worker: String? = nil,
        leaseBeganAtUnixSeconds: Int64? = nil, leaseExpiresAt: Nanoseconds? = nil, error: String? = nil,
        measurement: RecordID<LoadRun>? = nil, completedRate: QueriesPerSecond? = nil,
        latencyP95: Nanoseconds? = nil, doubts: String? = nil
    ) {
        self.hostFingerprint = hostFingerprint
        self.model = model
        self.serverType = serverType
        self.engine = engine
        self.schedule = schedule
        self.load = load
        self.repetition = repetition
        self.state = state
        self.expected = expected
        self.took = took
        self.failures = failures
        self.interruptions = interruptions
        self.worker = worker
        self.leaseBeganAtUnixSeconds = leaseBeganAtUnixSeconds
        self.leaseExpiresAt = leaseExpiresAt
        self.error = error
        self.measurement = measurement
        self.completedRate = completedRate
        self.latencyP95 = latencyP95
        self.doubts = doubts
    }
}
