import Quantities
import Vocabulary

/// A server type whose schedules were measured: evaluations play queries over the service times found.
public struct MeasuredServerModel: QueueingServerModel {
    public let model: Model
    public let serverType: ServerType
    private let cells: [Schedule: LoadRun]
    private let saturations: [Schedule: LoadRun]?
    private let settings: ServerModelSettings
    private let priorBatches: [Int]
    private let sweeps: RateSweeps

    /// - Parameters:
    ///   - cells: one for each schedule; of several, the last counts.
    ///   - saturations: what the cells' schedules did with all threads busy; nil takes service times to be
    ///     the same at every load, which they are not.
    ///   - priorBatches: batch sizes whose pieces the prior counts exactly. It takes the mean sizes of
    ///     others.
    public init(
        _ model: Model, on serverType: ServerType, cells: [LoadRun],
        saturations: [Schedule: LoadRun]?, settings: ServerModelSettings, priorBatches: [Int] = []
    ) {
        self.model = model
        self.serverType = serverType
        self.cells = Dictionary(cells.map { ($0.schedule, $0) }) { _, later in later }
        self.saturations = saturations
        self.settings = settings
        self.priorBatches = priorBatches
        sweeps = RateSweeps(model.querySizes, settings)
    }

    public var inputs: any Encodable & Sendable { Self.inputs(Array(cells.values), settings) }

    /// The inputs of a model over these cells, before their saturated runs are read.
    public static func inputs(
        _ cells: [LoadRun], _ settings: ServerModelSettings
    ) -> any Encodable & Sendable {
        var inputs = QueueingInputs(settings)
        inputs.cells = cells.map { "\($0.schedule) \($0.measuredAtUnixSeconds)" }.sorted()
        inputs.knowsLoads = true
        return inputs
    }

    /// What was measured, whatever the limits.
    public func space(within limits: ServiceLimits) -> ScheduleSpace { .measured(cells.keys) }

    /// That of a model of this server type, which no bound can be taken from.
    public func prior(within limits: ServiceLimits) -> SchedulePrior? {
        guard let modelled = modelled as? any QueueingServerModel else { return nil }
        return SchedulePrior(
            unsureOf: modelled, within: limits, stream: sweeps.stream(toSee: limits.target.quantile),
            batches: priorBatches)
    }

    /// Those of a model of this server type; none where nothing can be computed.
    public func constraints(within limits: ServiceLimits) -> any ScheduleConstraints {
        modelled?.constraints(within: limits) ?? NoConstraints(candidates: cells.keys.sorted())
    }

    public func scheduled(by schedule: Schedule) throws(ServerModelError) -> ScheduledServer {
        guard let threads = schedule.threadSchedule else {
            throw .otherKind(schedule: schedule, expected: "threads and batches")
        }
        return try ScheduledServer(
            schedule: threads, cell: cells[schedule], saturated: saturations?[schedule],
            serverType: serverType, knowsLoads: saturations != nil)
    }

    public func evaluate(_ schedule: Schedule, within limits: ServiceLimits) throws -> ScheduleEvaluation {
        try sweeps.evaluate(schedule, within: limits) { try scheduled(by: schedule) }
    }

    /// The latency at a quantile where queries hardly ever meet: what service alone takes.
    public func idleLatency(of schedule: Schedule, at quantile: Quantile) throws -> Nanoseconds {
        RateSweep(
            server: try scheduled(by: schedule), stream: sweeps.stream(toSee: quantile), seed: settings.seed
        ).idleLatency(at: quantile)
    }

    public func power(of schedule: Schedule, at utilisation: Fraction) throws -> Watts {
        sweeps.power(of: try scheduled(by: schedule), for: model.latencyTarget, at: utilisation)
    }

    private var modelled: (any ServerModel)? { ServerModelFamilies.make(model, on: serverType, settings) }
}

/// Of a model of which nothing can be said before it runs.
private struct NoConstraints: ScheduleConstraints {
    let candidates: [Schedule]
    var titles: [String] { [] }
    func broken(by schedule: Schedule) -> [BrokenConstraint] { [] }
}
