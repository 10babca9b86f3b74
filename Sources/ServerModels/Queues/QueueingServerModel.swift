import Quantities
import Vocabulary

/// A server model whose servers are pipelines of queues, so that their requests can be played one by one.
public protocol QueueingServerModel: ServerModel {
    /// The server that a schedule makes.
    /// - Throws: where the schedule is not one of this model's.
    func scheduled(by schedule: Schedule) throws(ServerModelError) -> ScheduledServer
}

/// How server models evaluate schedules.
public struct ServerModelSettings: Hashable, Sendable {
    /// How many queries a simulated run plays.
    public enum Queries: Hashable, Sendable {
        /// So many, and more where a quantile far out needs them to be seen.
        case atLeast(Int)
        case exactly(Int)

        /// As many as were asked for.
        public var asked: Int {
            switch self {
            case .atLeast(let count), .exactly(let count): count
            }
        }

        /// How many a run plays to see a quantile.
        func count(toSee quantile: Quantile) -> Int {
            switch self {
            case .atLeast(let count): LatencyBoundedThroughput.queries(asked: count, toSee: quantile)
            case .exactly(let count): count
            }
        }
    }

    /// Values of D, ascending.
    public var batches: [Int]
    public var queries: Queries
    /// Of arrivals, sizes and service times.
    public var seed: UInt64

    public init(batches: [Int], queries: Queries, seed: UInt64) {
        self.batches = batches
        self.queries = queries
        self.seed = seed
    }
}

/// What the answers of a queueing server model depend on. The names are those under which outcomes have
/// always been stored.
struct QueueingInputs: Encodable {
    let batches: [Int]
    let queries: Int
    let seed: UInt64
    let copiesMax = RecommendationServerModel.copiesMax
    let hotFractions = RecommendationServerModel.hotFractions
    /// nil for measured pairs.
    var parameters: RooflineParameters?
    /// The measured cells, by when they were measured; empty for modelled pairs.
    var cells: [String] = []
    /// Whether the simulation of measured pairs knows how service times depend on the load; nil for
    /// modelled ones.
    var knowsLoads: Bool?
    /// Outcomes of an earlier way to simulate are not taken for outcomes of this one.
    let simulation = QueueSimulation.edition

    init(_ settings: ServerModelSettings) {
        batches = settings.batches
        queries = settings.queries.asked
        seed = settings.seed
    }
}
