import Quantities
import Vocabulary

/// One server that runs one model by one schedule, as a pipeline of queues: what the simulation needs to
/// know.
public struct ScheduledServer: Sendable {
    /// A group of equal threads or accelerator copies with its own queue.
    public struct Stage: Sendable {
        public let servers: Int
        /// The most items in one launch; nil where every piece is served on its own.
        public let fusionLimit: Int?
        public let service: any ServiceTimes
        /// Host cores that one busy thread of this stage keeps busy.
        public let coresPerServer: Double
        public let isAccelerator: Bool
        /// How service times depend on the load; nil where they do not. Only without fusion.
        public let effect: LoadEffect?

        public init(
            servers: Int, fusionLimit: Int?, service: any ServiceTimes, coresPerServer: Double,
            isAccelerator: Bool, effect: LoadEffect? = nil
        ) {
            self.servers = servers
            self.fusionLimit = fusionLimit
            self.service = service
            self.coresPerServer = coresPerServer
            self.isAccelerator = isAccelerator
            self.effect = effect
        }
    }

    public let schedule: Schedule
    /// Every piece passes them in order.
    public let stages: [Stage]
    /// All cores of the host, for utilisation.
    public let cores: Int
    public let power: PowerCurve
    public let provenance: Provenance

    public init(
        schedule: Schedule, stages: [Stage], cores: Int, power: PowerCurve, provenance: Provenance
    ) {
        self.schedule = schedule
        self.stages = stages
        self.cores = cores
        self.power = power
        self.provenance = provenance
    }

    /// A server of this host under a schedule whose cell was measured.
    /// - Parameters:
    ///   - cell: nil where there is none.
    ///   - saturated: the schedule with all threads busy.
    ///   - knowsLoads: false takes service times to be the same at every load, which they are not.
    /// - Throws: `noServiceSamples` without a cell, or where it holds no samples.
    public init(
        schedule: Schedule, cell: Measurement?, saturated: Measurement?, serverType: ServerType,
        knowsLoads: Bool = true
    ) throws(ServerModelError) {
        var stages: [Stage] = []
        if let cell, let sparse = cell.sparseStage {
            let group = schedule.sparseGroup(cores: cell.host.cores)
            stages.append(
                try Self.stage(
                    group, schedule, sparse.serviceSamples,
                    knowsLoads
                        ? LoadEffect(sparseOf: cell, threads: group.threads, saturated: saturated) : nil))
        }
        stages.append(
            try Self.stage(
                .init(threads: schedule.threads, workers: schedule.workers), schedule,
                cell?.serviceSamples ?? [],
                knowsLoads ? cell.map { LoadEffect(loaded: $0, saturated: saturated) } : nil))
        self.init(
            schedule: schedule, stages: stages, cores: serverType.processor.cores, power: serverType.power,
            provenance: .measured)
    }

    private static func stage(
        _ group: Schedule.ThreadGroup, _ schedule: Schedule, _ samples: [ServiceSample], _ effect: LoadEffect?
    ) throws(ServerModelError) -> Stage {
        guard let service = MeasuredServiceTimes(samples) else {
            throw .noServiceSamples(schedule: schedule)
        }
        return Stage(
            servers: group.threads, fusionLimit: nil, service: service,
            coresPerServer: Double(group.workers), isAccelerator: false, effect: effect)
    }
}
