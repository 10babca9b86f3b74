import Quantities
import Vocabulary

extension SchedulePrior {
    /// What service times say of schedules without a simulated query, where evaluations rest on the same
    /// service times.
    init(
        _ estimator: ThroughputEstimator, server: @escaping @Sendable (Schedule) -> ScheduledServer?
    ) {
        self.init(
            estimate: { server($0).map(estimator.estimate) ?? .zero },
            ceiling: { server($0).map(estimator.ceiling) ?? .zero }, isCeilingProven: true)
    }

    /// What a model is worth for hardware at hand: the mean over how much slower or faster that may be.
    ///
    /// Near the latency limit throughput falls to nothing within a few percent of service time, so that what
    /// is expected at one pace would rule out schedules that a server a little faster does best. With all
    /// times stretched by f, the throughput under a limit L is 1/f of that under L/f.
    /// - Parameter batches: batch sizes that will be asked about.
    init(
        unsureOf model: any QueueingServerModel, within limits: ServiceLimits, stream: QueryStream,
        batches: [Int]
    ) {
        let paces = Self.paces.map { stretch in
            (
                stretch: stretch,
                estimator: ThroughputEstimator(
                    target: LatencyTarget(
                        quantile: limits.target.quantile,
                        limit: Nanoseconds(seconds: limits.target.limit.seconds / stretch)),
                    powerBudget: limits.powerBudget, stream: stream, batches: batches)
            )
        }
        @Sendable func mean(
            _ schedule: Schedule, _ rate: (ThroughputEstimator, ScheduledServer) -> QueriesPerSecond
        ) -> QueriesPerSecond {
            guard let server = try? model.scheduled(by: schedule) else { return .zero }
            let sum = paces.reduce(0) { $0 + rate($1.estimator, server).value / $1.stretch }
            return QueriesPerSecond(sum / Double(paces.count))
        }
        self.init(
            estimate: { mean($0) { $0.estimate($1) } }, ceiling: { mean($0) { $0.ceiling($1) } },
            isCeilingProven: false)
    }

    /// How many times as long as modelled service may take. The analytic server misses published figures by a
    /// factor of 2.7 at worst.
    private static let paces = [1 / 3.0, 1 / 3.0.squareRoot(), 1, 3.0.squareRoot(), 3]
}
