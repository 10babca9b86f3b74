import Catalog
import Files
import Profiling
import Quantities
import Store
import Vocabulary

/// What a profile job comes to on this host: which cells, with which engines.
public struct JobPlan {
    public let job: ProfileJob
    public let limits: JobLimits
    public let host: Host
    public let serverType: ServerType
    /// In the order in which they are measured.
    public let cells: [PlannedCell]
    /// Schedules of the job's list that this host has too few cores for, or that an engine cannot be asked
    /// for.
    public let leftOut: [Schedule]

    /// Reads a job's file and expands it for this host.
    /// - Parameter hostName: what this host is called instead of what the kernel says; a container's name
    ///   changes with every start.
    /// - Throws: `FileError`, `ProfilingError` where an engine is missing, `PipelineError` where the job
    ///   says nothing of this host.
    public init(path: String, hostName: String?, seed: UInt64?) throws {
        let host = try HostProbe().host().named(hostName)
        let catalog = try Catalog(forScenarioAt: path, shipped: ShippedCatalogue.folder)
        let resolved = try catalog.profileJob(at: path, known: .builtIn)
        var job = resolved.job
        if let seed { job.seed = seed }
        guard let type = job.serverType(ofHost: host.name) else {
            if let hostName {
                throw PipelineError.unknownName(
                    kind: "host of job \(job.id)", found: hostName, known: job.hosts.map(\.pattern))
            }
            throw PipelineError.hostNotInJob(
                job: job.id, host: host.name, patterns: job.hosts.map(\.pattern))
        }
        let serverType = try catalog.serverType(type, host: Session.detected(host))
        try self.init(job: job, limits: resolved.limits, host: host, serverType: serverType)
    }

    init(job: ProfileJob, limits: JobLimits, host: Host, serverType: ServerType) throws {
        self.job = job
        self.limits = limits
        self.host = host
        self.serverType = serverType
        var cells: [PlannedCell] = []
        var leftOut: Set<Schedule> = []
        let versions = try job.engines.map { try Measurer.engine($0, seed: job.seed).version }
        // Of each model, by engine.
        var schedules: [ModelID: [[Schedule]]] = [:]
        for model in job.models {
            schedules[model.id] = try job.engines.map {
                try Self.schedules(of: job, model, $0, host, &leftOut)
            }
        }
        try Self.requireBounded(job, schedules: schedules.values.joined().reduce(0) { $0 + $1.count })
        var digests = JobDigests(job, host)
        // Repetitions are apart in time, so that a machine that drifts shows as spread between them.
        for repetition in 1...job.repetitions {
            for model in job.models {
                for (index, (engine, version)) in zip(job.engines, versions).enumerated() {
                    for schedule in schedules[model.id]?[index] ?? [] {
                        for load in job.loads {
                            let cell = JobCell(
                                model: model, serverType: serverType, engine: engine, engineVersion: version,
                                schedule: schedule, load: load, repetition: repetition)
                            cells.append(
                                PlannedCell(
                                    cell: cell, digest: try digests.digest(of: cell),
                                    expected: job.cellDuration + Self.overhead(of: load)))
                        }
                    }
                }
            }
        }
        self.cells = cells
        self.leftOut = leftOut.sorted()
        guard !cells.isEmpty else {
            throw PipelineError.nothingToMeasure(job: job.id, cores: host.cores)
        }
    }

    /// How long all cells take one after the other.
    public var expected: Nanoseconds { cells.reduce(.zero) { $0 + $1.expected } }

    /// Each repetition draws another stream of queries.
    static func seed(of cell: JobCell, _ job: ProfileJob) -> UInt64 {
        job.seed &+ UInt64(cell.repetition - 1)
    }

    /// The settings that a cell is measured with.
    static func settings(of cell: JobCell, _ job: ProfileJob) -> ProfileSettings {
        var share = Fraction(1)
        if case .saturationFraction(let fraction) = cell.load { share = fraction }
        return ProfileSettings(
            batches: job.schedules.batches, cellDuration: job.cellDuration, loadFraction: share,
            confirmationDuration: job.cellDuration, engine: cell.engine)
    }

    private struct SettingsKey: Codable {
        let cellDuration: Nanoseconds
        let load: OfferedLoad
        let seed: UInt64
        let repetition: Int
        let engine: EngineSettings
    }

    /// What decides whether a measurement may stand in for another, besides model, host, engine and schedule.
    ///
    /// A first repetition at a share of saturation is what `hercules profile` measures for a scenario with
    /// the same seed, duration and share, so that a search finds what a job has measured.
    static func settingsDigest(of cell: JobCell, _ job: ProfileJob) throws -> ContentDigest {
        if case .saturationFraction = cell.load, cell.repetition == 1 {
            return try MeasurementSettings.cell(settings(of: cell, job), seed: job.seed).digest
        }
        return try ContentDigest(
            of: SettingsKey(
                cellDuration: job.cellDuration, load: cell.load, seed: seed(of: cell, job),
                repetition: cell.repetition, engine: cell.engine.deciding))
    }

    /// By which a cell's measurement may be found that was made by another job, or by hand.
    func measurementKey(of cell: JobCell) throws -> MeasurementKey {
        MeasurementKey(
            model: cell.model, serverType: cell.serverType, host: host, engine: cell.engine.name,
            engineVersion: cell.engineVersion, schedule: cell.schedule, purpose: cell.load.purpose,
            pattern: cell.load.pattern, settingsDigest: try Self.settingsDigest(of: cell, job),
            provenance: .measured)
    }

    /// A job has at most so many cells: at the shortest they take a day.
    private static let cellsMax = 1_000_000

    /// - Parameter schedules: of all models with all engines.
    private static func requireBounded(_ job: ProfileJob, schedules: Int) throws {
        let count = Double(job.repetitions) * Double(schedules) * Double(job.loads.count)
        guard count <= Double(cellsMax) else {
            throw PipelineError.badValue(
                name: "job \(job.id)", found: "\(Int(count)) cells", expected: "at most \(cellsMax)")
        }
    }

    private static func schedules(
        of job: ProfileJob, _ model: Model, _ engine: EngineSettings, _ host: Host,
        _ leftOut: inout Set<Schedule>
    ) throws -> [Schedule] {
        switch job.schedules {
        case .grid(let batches):
            return try Engines.grid(for: engine, cores: host.cores, batches: model.batches(of: batches))
        case .list(let schedules):
            let axes = try Engines.axes(of: engine)
            let fitting = schedules.filter {
                axes.allow($0, cores: host.cores)
                    && model.batches(of: [$0.columns.batch]) == [$0.columns.batch]
            }
            leftOut.formUnion(Set(schedules).subtracting(fitting))
            return fitting
        }
    }

    /// What a cell takes beside its own duration: saturating first, draining, and its share of compiling.
    private static func overhead(of load: OfferedLoad) -> Nanoseconds {
        switch load {
        case .saturationFraction: Nanoseconds(milliseconds: 700)
        case .rate, .closed: Nanoseconds(milliseconds: 300)
        }
    }
}

extension ScheduleAxes {
    /// Whether an engine can be asked for a schedule.
    fileprivate func allow(_ schedule: Schedule, cores: Int) -> Bool {
        guard let threads = schedule.threadSchedule else { return false }
        return switch self {
        case .cores: threads.threads * threads.workers <= cores
        case .requestsInFlight(let hasBatches): threads.workers == 1 && (hasBatches || threads.batch == 1)
        }
    }
}

extension OfferedLoad {
    var pattern: LoadRun.LoadPattern {
        switch self {
        case .saturationFraction, .rate: .openPoisson
        case .closed: .closed
        }
    }

    var purpose: LoadRun.Purpose {
        switch self {
        case .saturationFraction, .rate: .cell
        case .closed: .saturation
        }
    }
}

extension Host {
    /// The same machine under a name of the user's choice.
    func named(_ name: String?) -> Host {
        guard let name else { return self }
        return Host(
            name: name, processor: processor, cores: cores, memory: memory, operatingSystem: operatingSystem)
    }
}
