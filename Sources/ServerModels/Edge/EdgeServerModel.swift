import Quantities
import Simulation
import Vocabulary

/// A network on a box with a systolic array and, where fitted, macros that compute in memory. Evaluations
/// play queries over the times that the layer model says.
///
/// One copy runs each batch from first layer to last by the mapping of least time. Two copies overlap: one
/// batch is on the array while another is in the macros, by the mapping whose busier part is busy least.
public struct EdgeServerModel: QueueingServerModel {
    /// The largest batch that a device of this size is asked to take.
    public static let batchMax = 16

    public let model: Model
    public let serverType: ServerType
    private let device: EdgeDevice
    private let network: NetworkShape
    private let settings: ServerModelSettings
    private let sweeps: RateSweeps

    /// - Throws: `ServerModelError.notModelled` for another kind of model or of server.
    public init(
        _ model: Model, on serverType: ServerType, settings: ServerModelSettings
    ) throws(ServerModelError) {
        guard let network = model.network else {
            throw .notModelled(model: model.id, found: model.kind.label, serverType: serverType.id)
        }
        guard let device = serverType.edge else {
            throw .notModelled(
                model: model.id, found: "a server type without a systolic array", serverType: serverType.id)
        }
        self.model = model
        self.serverType = serverType
        self.device = device
        self.network = network
        self.settings = settings
        sweeps = RateSweeps(model.querySizes, settings)
    }

    public var inputs: any Encodable & Sendable { EdgeInputs(settings) }

    public func space(within limits: ServiceLimits) -> ScheduleSpace {
        space { limits.powerBudget.map { self.serverType.power.idle <= $0 } ?? true }
    }

    private func space(admits: () -> Bool = { true }) -> ScheduleSpace {
        let isAdmitted = admits()
        let batches = settings.batches.filter { $0 <= Self.batchMax }
        return ScheduleSpace.hardware(
            partitions: [.accelerator], cores: 1, batches: batches.isEmpty ? [1] : batches,
            copiesMax: device.macros == nil ? 1 : 2, admits: { _ in isAdmitted })
    }

    public func prior(within limits: ServiceLimits) -> SchedulePrior? {
        let estimator = ThroughputEstimator(
            target: limits.target, powerBudget: limits.powerBudget,
            stream: sweeps.stream(toSee: limits.target.quantile), batches: settings.batches)
        return SchedulePrior(estimator) { try? scheduled(by: $0) }
    }

    public func constraints(within limits: ServiceLimits) -> any ScheduleConstraints {
        EdgeConstraints(candidates: space().schedules, limit: limits.target.limit) { schedule in
            (try? scheduled(by: schedule))?.stages.reduce(Nanoseconds.zero) {
                $0 + $1.service.meanTime(items: 1)
            }
        }
    }

    public func scheduled(by schedule: Schedule) throws(ServerModelError) -> ScheduledServer {
        guard let threads = schedule.threadSchedule, threads.partition == .accelerator else {
            throw .otherKind(schedule: schedule, expected: "batches on an array")
        }
        guard threads.batch <= Self.batchMax, threads.threads <= (device.macros == nil ? 1 : 2) else {
            throw .doesNotFit(schedule: schedule, serverType: serverType.id)
        }
        let overlaps = threads.threads == 2
        let totals = EdgeMapper(device).totals(
            of: network, itemsMax: threads.batch, for: overlaps ? .throughput : .latency)
        guard let full = totals.last else { preconditionFailure("a mapping of a batch fits") }
        func stage(_ seconds: [Double]) -> ServerProfile.Stage {
            ServerProfile.Stage(
                threads: 1, fusionLimit: threads.batch,
                service: FixedServiceTimes([.zero] + seconds.map { Nanoseconds(seconds: $0) }),
                coresPerThread: 0, isAccelerator: true)
        }
        // A part that has nothing to do is no stage.
        let parts = [totals.map(\.arraySeconds), totals.map(\.macroSeconds)].filter { $0.last ?? 0 > 0 }
        let stages = overlaps ? parts.map(stage) : [stage(totals.map(\.seconds))]
        let busy = overlaps ? full.arraySeconds + full.macroSeconds : full.seconds
        let host = serverType.power
        // Utilisation is the mean of the stages', so that watts times time are the joules of the mapping.
        let dynamic = Watts(full.joules * Double(stages.count) / busy)
        return ScheduledServer(
            schedule: threads, stages: stages, cores: 1,
            power: PowerCurve(
                hostIdle: host.hostIdle, hostPeak: host.hostPeak, acceleratorIdle: host.acceleratorIdle,
                acceleratorPeak: host.acceleratorIdle + dynamic, halfLoadFactor: 1),
            provenance: .modelled)
    }

    public func evaluate(_ schedule: Schedule, within limits: ServiceLimits) throws -> ScheduleEvaluation {
        try sweeps.evaluate(schedule, within: limits) { try scheduled(by: schedule) }
    }

    public func power(of schedule: Schedule, at utilisation: Fraction) throws -> Watts {
        sweeps.power(of: try scheduled(by: schedule), for: model.latencyTarget, at: utilisation)
    }
}

/// What the answers depend on besides model and server type.
private struct EdgeInputs: Encodable {
    let batches: [Int]
    let queries: Int
    let seed: UInt64
    let simulation = QueueSimulation.edition
    /// Raised whenever the layer model says something else of the same network.
    let layerModel = 1

    init(_ settings: ServerModelSettings) {
        batches = settings.batches
        queries = settings.queries.asked
        seed = settings.seed
    }
}

/// A box serves what it finishes within the limit while idle.
private struct EdgeConstraints: ScheduleConstraints {
    let candidates: [Schedule]
    let limit: Nanoseconds
    let idleTime: @Sendable (Schedule) -> Nanoseconds?

    var titles: [String] { ["latency"] }

    func broken(by schedule: Schedule) -> [BrokenConstraint] {
        guard let time = idleTime(schedule), time > limit else { return [] }
        let limit = limit
        return [
            BrokenConstraint(title: "latency", needed: time.seconds) {
                "one input takes \(time) (\(schedule)), the limit is \(limit)"
            }
        ]
    }
}
