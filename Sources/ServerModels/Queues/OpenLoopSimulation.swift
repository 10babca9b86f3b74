import Quantities
import Vocabulary

/// What a scheduled server would show in an open-loop run: the very queries of the run, at their times.
///
/// The tail of a run of some seconds owes much to which queries came when, and a run that short seldom sees
/// the long queues that an endless one at the same rate does. Simulating the run itself takes both out of a
/// comparison (common random numbers).
public struct OpenLoopSimulation: Sendable {
    private let server: ScheduledServer
    private let seed: UInt64

    /// - Parameter seed: of the service times that are drawn.
    public init(server: ScheduledServer, seed: UInt64) {
        self.server = server
        self.seed = seed
    }

    /// The latency at a quantile of the queries that count; nil where none does. O(pieces x servers).
    /// - Parameters:
    ///   - arrivals: the queries of the run.
    ///   - rate: of the run.
    ///   - leadIn: queries that arrive before it do not count.
    public func latency(
        at quantile: Quantile, of arrivals: ArrivalSchedule, rate: QueriesPerSecond, leadIn: Nanoseconds
    ) -> Nanoseconds? {
        let early = arrivals.offsets.prefix { $0 < leadIn }.count
        guard early < arrivals.count else { return nil }
        let simulation = QueueSimulation(
            server: server, stream: QueryStream(arrivals, at: rate), seed: seed)
        var counted = Array(simulation.run(at: rate).latencies.dropFirst(early))
        return counted.selectLatency(at: quantile)
    }
}
