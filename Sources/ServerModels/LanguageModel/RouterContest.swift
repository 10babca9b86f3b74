import Simulation
import Vocabulary

/// Plays every router on one cluster, with the same requests.
public struct RouterContest: Sendable {
    private let cluster: ServingCluster
    private let workload: TokenWorkload
    private let seed: UInt64

    /// - Precondition: the cluster has one pool, and no pipelines.
    public init(_ cluster: ServingCluster, _ workload: TokenWorkload, seed: UInt64) {
        precondition(cluster.pools.count == 1 && cluster.pipelines.isEmpty, "routers of one pool")
        self.cluster = cluster
        self.workload = workload
        self.seed = seed
    }

    /// A router and what it supposes of lengths.
    public struct Entry: Hashable, Sendable {
        public let router: RoutingRule
        public let predicted: PredictedLengths?
    }

    /// Every router; those that weigh by lengths with lengths known, off by a factor of exp(sigma Z), and in
    /// the mean alone.
    public var entries: [Entry] {
        RoutingRule.allCases.flatMap { router -> [Entry] in
            guard TokenRouter(router).predicts else { return [Entry(router: router, predicted: nil)] }
            let suppositions: [PredictedLengths] =
                [.known] + [0.25, 0.5, 1].map { .error(sigma: $0) } + (meanOutput.map { [.mean($0)] } ?? [])
            return suppositions.map { Entry(router: router, predicted: $0) }
        }
    }

    /// nil where answers are drawn client by client.
    private var meanOutput: Int? {
        switch workload.content {
        case .drawn(let classes, _, _):
            Int(classes.reduce(0) { $0 + $1.share * $1.output.mean }.rounded())
        case .listed(let requests, _):
            requests.isEmpty ? 1 : requests.reduce(0) { $0 + $1.output } / requests.count
        case .clients: nil
        }
    }

    /// The workload with all requests there from the beginning.
    private var allPresent: TokenWorkload {
        var present = workload
        present.arrivals = .closed(clients: workload.count)
        present.warmUpSeconds = 0
        return present
    }

    /// - Parameter isPresent: whether all requests are there from the beginning, in place of their own times.
    public func figures(
        _ entry: Entry, isPresent: Bool, rate: Double? = nil
    ) throws -> RouterFigures {
        var cluster = cluster
        cluster.pools[0].router = entry.router
        if let predicted = entry.predicted { cluster.predicted = predicted }
        let outcome = try ServingSimulation(cluster).outcome(
            isPresent ? allPresent : workload, rate: isPresent ? nil : rate, seed: seed)
        return RouterFigures(
            router: entry.router, predicted: entry.predicted,
            throughput: outcome.seconds > 0
                ? Double(outcome.arrived - outcome.rejected - outcome.unfinished) / outcome.seconds : 0,
            attained: outcome.attained, firstTokenP50: outcome.all.firstToken?.p50,
            firstTokenP99: outcome.all.firstToken?.p99, outputTokenP99: outcome.all.outputToken?.p99)
    }

    /// Requests per second that each engine sustains alone, by a run in which there are always more.
    public func speeds() throws -> [Double] {
        try cluster.pools[0].engines.flatMap { engine -> [Double] in
            var alone = cluster
            var one = engine
            one.count = 1
            alone.pools[0].engines = [one]
            let outcome = try ServingSimulation(alone).outcome(allPresent, seed: seed)
            let speed = outcome.seconds > 0 ? Double(outcome.arrived) / outcome.seconds : 0
            return Array(repeating: speed, count: engine.count)
        }
    }
}
