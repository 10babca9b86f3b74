import Quantities
import Simulation
import Vocabulary

/// One server that runs one model by one schedule, as a pipeline of queues: what the simulations need to
/// know.
public struct ScheduledServer: Sendable {
    public let schedule: Schedule
    /// How queries are cut, and the stages that every piece passes in order.
    public let profile: ServerProfile
    /// All cores of the host, for utilisation.
    public let cores: Int
    public let power: PowerCurve
    public let provenance: Provenance

    public init(
        schedule: Schedule, profile: ServerProfile, cores: Int, power: PowerCurve, provenance: Provenance
    ) {
        self.schedule = schedule
        self.profile = profile
        self.cores = cores
        self.power = power
        self.provenance = provenance
    }

    /// A server whose schedule cuts queries into batches.
    public init(
        schedule: ThreadSchedule, stages: [ServerProfile.Stage], cores: Int, power: PowerCurve,
        provenance: Provenance
    ) {
        self.init(
            schedule: .threads(schedule),
            profile: ServerProfile(pieceItemsMax: schedule.batch, stages: stages), cores: cores, power: power,
            provenance: provenance)
    }

    /// Every piece passes them in order.
    public var stages: [ServerProfile.Stage] { profile.stages }
}

// MARK: - Measured cells

extension ScheduledServer {
    /// A server of this host under a schedule whose cell was measured.
    /// - Parameters:
    ///   - cell: nil where there is none.
    ///   - saturated: the schedule with all threads busy.
    ///   - knowsLoads: false takes service times to be the same at every load, which they are not.
    /// - Throws: `noServiceSamples` without a cell, or where it holds no samples.
    public init(
        schedule: ThreadSchedule, cell: LoadRun?, saturated: LoadRun?, serverType: ServerType,
        knowsLoads: Bool = true
    ) throws(ServerModelError) {
        var stages: [ServerProfile.Stage] = []
        if let cell, let sparse = cell.sparseStage {
            let group = schedule.sparseGroup(cores: cell.host.cores)
            stages.append(
                try Self.stage(
                    group, schedule, sparse.serviceSamples,
                    knowsLoads
                        ? Contention(sparseOf: cell, threads: group.threads, saturated: saturated) : nil))
        }
        stages.append(
            try Self.stage(
                .init(threads: schedule.threads, workers: schedule.workers), schedule,
                cell?.serviceSamples ?? [],
                knowsLoads
                    ? cell.map { Contention(loaded: $0, threads: schedule.threads, saturated: saturated) }
                    : nil))
        self.init(
            schedule: schedule, stages: stages, cores: serverType.processor?.cores ?? cell?.host.cores ?? 1,
            power: serverType.power,
            provenance: .measured)
    }

    private static func stage(
        _ group: ThreadSchedule.ThreadGroup, _ schedule: ThreadSchedule, _ samples: [ServiceSample],
        _ contention: Contention?
    ) throws(ServerModelError) -> ServerProfile.Stage {
        guard let service = MeasuredServiceTimes(samples) else {
            throw .noServiceSamples(schedule: .threads(schedule))
        }
        guard let wait = schedule.joinWait else {
            return ServerProfile.Stage(
                threads: group.threads, service: service, contention: contention,
                coresPerThread: Double(group.workers))
        }
        return ServerProfile.Stage(
            threads: group.threads, fusionLimit: schedule.batch, joinWait: wait, service: service,
            coresPerThread: Double(group.workers))
    }
}
