import Quantities
import Vocabulary

/// A recommendation model on a server that is not at hand: evaluations play queries over the service times of
/// the analytic server.
public struct RecommendationServerModel: QueueingServerModel {
    /// The most copies of a model that an accelerator is asked to hold.
    public static let copiesMax = 8
    /// Shares of the embedding rows that an accelerator may be asked to hold, hottest first.
    public static let hotFractions = [0, 0.01, 0.03, 0.1, 0.3]

    public let model: Model
    private let analytic: AnalyticServer
    private let settings: ServerModelSettings
    private let sweeps: RateSweeps

    /// - Throws: `ServerModelError.notModelled` for a model of another kind.
    public init(
        _ model: Model, on serverType: ServerType, settings: ServerModelSettings,
        parameters: RooflineParameters = .init()
    ) throws(ServerModelError) {
        self.model = model
        self.settings = settings
        analytic = try AnalyticServer(serverType, running: model, parameters: parameters)
        sweeps = RateSweeps(model.querySizes, settings)
    }

    public var serverType: ServerType { analytic.serverType }

    public var inputs: any Encodable & Sendable {
        var inputs = QueueingInputs(settings)
        inputs.parameters = analytic.parameters
        return inputs
    }

    public func space(within limits: ServiceLimits) -> ScheduleSpace {
        space(admits: hardwareConstraints(limits).admits)
    }

    public func prior(within limits: ServiceLimits) -> SchedulePrior? {
        let estimator = ThroughputEstimator(
            target: limits.target, powerBudget: limits.powerBudget,
            stream: sweeps.stream(toSee: limits.target.quantile), batches: settings.batches)
        return SchedulePrior(estimator) { [analytic] schedule in
            schedule.threadSchedule.map { analytic.scheduled(by: $0) }
        }
    }

    public func constraints(within limits: ServiceLimits) -> any ScheduleConstraints {
        let stream = QueryStream(
            sizes: model.querySizes, count: settings.queries.asked, seed: settings.seed)
        return ExplainedConstraints(
            candidates: space().schedules, hardware: hardwareConstraints(limits), analytic: analytic,
            estimator: ThroughputEstimator(
                target: limits.target, powerBudget: limits.powerBudget, stream: stream))
    }

    public func scheduled(by schedule: Schedule) throws(ServerModelError) -> ScheduledServer {
        guard let threads = schedule.threadSchedule else {
            throw .otherKind(schedule: schedule, expected: "threads and batches")
        }
        guard analytic.hasParts(for: threads) else {
            throw .doesNotFit(schedule: schedule, serverType: serverType.id)
        }
        return analytic.scheduled(by: threads)
    }

    public func evaluate(_ schedule: Schedule, within limits: ServiceLimits) throws -> ScheduleEvaluation {
        try sweeps.evaluate(schedule, within: limits) { try scheduled(by: schedule) }
    }

    public func power(of schedule: Schedule, at utilisation: Fraction) throws -> Watts {
        sweeps.power(of: try scheduled(by: schedule), for: model.latencyTarget, at: utilisation)
    }

    private func hardwareConstraints(_ limits: ServiceLimits) -> RecommendationConstraints {
        RecommendationConstraints(serverType, running: analytic.graph, within: limits)
    }

    private func space(admits: (ThreadSchedule) -> Bool = { _ in true }) -> ScheduleSpace {
        ScheduleSpace.hardware(
            partitions: analytic.partitions, cores: analytic.processor.cores, batches: settings.batches,
            copiesMax: Self.copiesMax, hotFractions: Self.hotFractions, admits: admits)
    }
}
