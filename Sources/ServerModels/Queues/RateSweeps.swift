import Foundation
import Quantities
import Vocabulary

/// The simulations of one model on one server type, shared by all limits that are held against them.
///
/// Several threads may ask; they wait for one another.
final class RateSweeps: @unchecked Sendable {
    private struct Key: Hashable {
        let schedule: Schedule
        /// The stream is longer where the quantile lies further out.
        let queries: Int
    }

    // Unchecked: all state is guarded by the lock.
    private let lock = NSLock()
    private let sizes: QuerySizes
    private let settings: ServerModelSettings
    private var streams: [Int: QueryStream] = [:]
    private var sweeps: [Key: RateSweep] = [:]

    init(_ sizes: QuerySizes, _ settings: ServerModelSettings) {
        self.sizes = sizes
        self.settings = settings
    }

    /// The queries that schedules are judged on.
    func stream(toSee quantile: Quantile) -> QueryStream {
        lock.withLock { heldStream(settings.queries.count(toSee: quantile)) }
    }

    /// The highest rate that keeps to the limits.
    /// - Parameter server: makes the server where the schedule has not been asked about before.
    func evaluate(
        _ schedule: Schedule, within limits: ServiceLimits, server: () throws -> ScheduledServer
    ) throws -> ScheduleEvaluation {
        try lock.withLock {
            let count = settings.queries.count(toSee: limits.target.quantile)
            let key = Key(schedule: schedule, queries: count)
            let sweep =
                try sweeps[key]
                ?? RateSweep(server: server(), stream: heldStream(count), seed: settings.seed)
            sweeps[key] = sweep
            return sweep.evaluate(target: limits.target, powerBudget: limits.powerBudget)
        }
    }

    /// What a server draws at a share of the rate that keeps to a target.
    func power(
        of server: ScheduledServer, for target: LatencyTarget, at utilisation: Fraction
    ) -> Watts {
        ThroughputEstimator(target: target, powerBudget: nil, stream: stream(toSee: target.quantile))
            .power(server, at: utilisation)
    }

    /// Of a length, made once. Under the lock.
    private func heldStream(_ count: Int) -> QueryStream {
        if let known = streams[count] { return known }
        let made = QueryStream(sizes: sizes, count: count, seed: settings.seed)
        streams[count] = made
        return made
    }
}
