import Quantities

/// What a profile job comes to on one host, before it runs there or between two runs.
public struct JobOutlook: Hashable, Sendable {
    /// One measurement to come, or made already.
    public struct Cell: Hashable, Sendable {
        public let model: ModelID
        /// The engine's name.
        public let engine: String
        public let schedule: Schedule
        public let load: OfferedLoad
        /// Counted from 1.
        public let repetition: Int
        /// How long measuring it is expected to take.
        public let expected: Nanoseconds
        public let state: CellState

        public init(
            model: ModelID, engine: String, schedule: Schedule, load: OfferedLoad, repetition: Int,
            expected: Nanoseconds, state: CellState
        ) {
            self.model = model
            self.engine = engine
            self.schedule = schedule
            self.load = load
            self.repetition = repetition
            self.expected = expected
            self.state = state
        }
    }

    /// The name of the job.
    public let job: String
    public let host: Host
    /// What the host stands for.
    public let serverType: ServerTypeID
    /// In the order in which they are measured.
    public let cells: [Cell]
    /// How long one process works on the job at most; nil for no limit.
    public let timeBudget: Nanoseconds?
    /// Schedules of the job that this host, or an engine, cannot run.
    public let leftOut: [Schedule]

    public init(
        job: String, host: Host, serverType: ServerTypeID, cells: [Cell], timeBudget: Nanoseconds?,
        leftOut: [Schedule]
    ) {
        self.job = job
        self.host = host
        self.serverType = serverType
        self.cells = cells
        self.timeBudget = timeBudget
        self.leftOut = leftOut
    }

    /// The cells that are not measured yet.
    public var open: [Cell] { cells.filter { $0.state != .done } }
}

/// How a profile job stands on one kind of host.
public struct JobProgress: Hashable, Sendable {
    /// The name of the job.
    public let job: String
    public let hostFingerprint: String
    public let cells: [StoredCell]

    public init(job: String, hostFingerprint: String, cells: [StoredCell]) {
        self.job = job
        self.hostFingerprint = hostFingerprint
        self.cells = cells
    }

    /// How many cells stand so.
    public func count(_ state: CellState) -> Int { cells.count { $0.state == state } }

    /// Seconds until all is done, by what the cells measured so far took against what was expected of them,
    /// shared by the processes that are at it; nil where nobody is.
    public var secondsLeft: Double? {
        let open = cells.filter { $0.state == .waiting || $0.state == .leased }
        let workers = Set(cells.filter { $0.state == .leased }.compactMap(\.worker)).count
        if open.isEmpty { return 0 }
        guard workers > 0 else { return nil }
        let measured = cells.filter { $0.took != nil }
        let took = measured.reduce(0) { $0 + ($1.took?.seconds ?? 0) }
        let expected = measured.reduce(0) { $0 + $1.expected.seconds }
        let left = open.reduce(0) { $0 + $1.expected.seconds }
        return left * (expected > 0 ? took / expected : 1) / Double(workers)
    }
}
