import Quantities

/// A batch of measurements as a person writes it down: every model with every engine, schedule and load, so
/// many times over.
///
/// Two jobs that are equal are the same job, in whichever database file they stand. What a host contributes
/// (its cores, which server type it stands for, the versions of its engines) is not part of the job: each
/// host expands the job for itself into `JobCell`s.
public struct ProfileJob: Hashable, Codable, Sendable {
    /// The name, which is also that of its file.
    public var id: String
    public var title: String
    public var seed: UInt64
    /// The models, already cut to the table sizes the job asks for.
    public var models: [Model]
    public var engines: [EngineSettings]
    /// Which server type a host stands for; the first rule that matches its name counts.
    public var hosts: [HostRule]
    public var schedules: JobSchedules
    public var loads: [OfferedLoad]
    /// How often each combination is measured, with another seed each time.
    public var repetitions: Int
    /// How long load is offered in each cell.
    public var cellDuration: Nanoseconds

    public init(
        id: String, title: String, seed: UInt64, models: [Model], engines: [EngineSettings],
        hosts: [HostRule], schedules: JobSchedules, loads: [OfferedLoad], repetitions: Int,
        cellDuration: Nanoseconds
    ) {
        self.id = id
        self.title = title
        self.seed = seed
        self.models = models
        self.engines = engines
        self.hosts = hosts
        self.schedules = schedules
        self.loads = loads
        self.repetitions = repetitions
        self.cellDuration = cellDuration
    }

    /// The job without what its engines trust and how they prove who asks: what makes it the same job.
    public var deciding: ProfileJob {
        var job = self
        job.engines = engines.map(\.deciding)
        return job
    }

    /// The server type that a host of this name stands for; nil where no rule matches.
    public func serverType(ofHost name: String) -> ServerTypeID? {
        hosts.first { $0.matches(name) }?.serverType
    }
}

/// Hosts whose names match a pattern stand for a server type.
public struct HostRule: Hashable, Codable, Sendable {
    /// A host name in which `*` stands for any text.
    public var pattern: String
    public var serverType: ServerTypeID

    public init(pattern: String, serverType: ServerTypeID) {
        self.pattern = pattern
        self.serverType = serverType
    }

    /// Whether a host's name fits the pattern. Upper and lower case are one, as in host names. O(pattern x
    /// name).
    public func matches(_ name: String) -> Bool {
        Self.matches(Array(pattern.lowercased())[...], Array(name.lowercased())[...])
    }

    private static func matches(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        var (pattern, name) = (pattern, name)
        // Where to go on from when a later part does not fit: the last star takes one character more.
        var retry: (pattern: ArraySlice<Character>, name: ArraySlice<Character>)?
        while true {
            if pattern.first == "*" {
                retry = (pattern.dropFirst(), name)
                pattern = pattern.dropFirst()
            } else if let wanted = pattern.first, wanted == name.first {
                pattern = pattern.dropFirst()
                name = name.dropFirst()
            } else if pattern.isEmpty && name.isEmpty {
                return true
            } else if let star = retry, !star.name.isEmpty {
                retry = (star.pattern, star.name.dropFirst())
                (pattern, name) = (star.pattern, star.name.dropFirst())
            } else {
                return false
            }
        }
    }
}

/// The schedules a job measures.
public enum JobSchedules: Hashable, Codable, Sendable {
    /// Every schedule that the engine has on the host's cores, with each of these batch sizes.
    case grid(batches: [Int])
    /// These, whatever the host; one that does not fit a host is left out there.
    case list([Schedule])

    /// Every batch size that may occur, ascending.
    public var batches: [Int] {
        switch self {
        case .grid(let batches): batches.sorted()
        case .list(let schedules): Set(schedules.map(\.columns.batch)).sorted()
        }
    }
}

/// How much load a cell offers.
public enum OfferedLoad: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Poisson arrivals at a share of what the schedule did when saturated just before.
    case saturationFraction(Fraction)
    /// Poisson arrivals at a fixed rate.
    case rate(QueriesPerSecond)
    /// The next query as soon as a thread is free.
    case closed

    public var description: String {
        switch self {
        case .saturationFraction(let share): "\(share) of saturation"
        case .rate(let rate): "\(rate.value) queries/s"
        case .closed: "closed"
        }
    }
}

/// What keeps a job from going on for ever. No part of what it measures.
public struct JobLimits: Hashable, Sendable {
    /// How long one process works on the job at most; it begins no cell that it does not expect to end by
    /// then. nil for no limit.
    public var timeBudget: Nanoseconds?
    /// How often a cell that fails is tried.
    public var attemptsMax: Int

    public init(timeBudget: Nanoseconds? = nil, attemptsMax: Int = 3) {
        self.timeBudget = timeBudget
        self.attemptsMax = attemptsMax
    }
}

/// One measurement of a job on one kind of host.
public struct JobCell: Hashable, Sendable {
    public let model: Model
    public let serverType: ServerType
    public let engine: EngineSettings
    public let engineVersion: String
    public let schedule: Schedule
    public let load: OfferedLoad
    /// Counted from 1.
    public let repetition: Int

    public init(
        model: Model, serverType: ServerType, engine: EngineSettings, engineVersion: String,
        schedule: Schedule,
        load: OfferedLoad, repetition: Int
    ) {
        self.model = model
        self.serverType = serverType
        self.engine = engine
        self.engineVersion = engineVersion
        self.schedule = schedule
        self.load = load
        self.repetition = repetition
    }

    /// Whether two cells can be measured with one compiled model.
    public func sharesCompiledModel(with other: JobCell) -> Bool {
        let (own, others) = (schedule.columns, other.schedule.columns)
        return model.id == other.model.id && engine == other.engine && own.threads == others.threads
            && own.workers == others.workers && own.precision == others.precision
            && schedule.engineRules == other.schedule.engineRules
    }
}
