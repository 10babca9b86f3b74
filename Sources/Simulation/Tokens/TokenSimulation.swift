import Quantities

/// Plays requests against engines that serve language models, event by event.
///
/// Deterministic: the same cluster, requests and seed give the same outcome. Events at the same time are
/// played in this order: arrivals, then ends of steps by when they were scheduled. O(log n) an event;
/// memory grows with what is in flight and never with what has passed.
public struct TokenSimulation: Sendable {
    /// One replica.
    public struct Engine: Sendable {
        public var setup: EngineSetup
        public var law: StepLaw
        /// What it can do, for routers that weigh by it; only ratios count.
        public var capacity: Double
        /// When it boots, fails and drains; by default it is up all the time.
        public var life = EngineLife()

        public init(setup: EngineSetup, law: StepLaw, capacity: Double = 1) {
            self.setup = setup
            self.law = law
            self.capacity = capacity
        }
    }

    /// What carries keys and values from engines that read to engines that generate, one transfer after
    /// another.
    public struct Link: Sendable, Hashable {
        public var picosecondsPerToken: Int64
        public var latency: Nanoseconds

        public init(picosecondsPerToken: Int64, latency: Nanoseconds) {
            self.picosecondsPerToken = picosecondsPerToken
            self.latency = latency
        }
    }

    public var pools: [TokenPool]
    /// By class: where its requests go; a class beyond the list goes to the first pool.
    public var entries: [TokenEntry] = []
    /// Stages that requests walk, for entries that name one.
    public var graphs: [StageGraph] = []
    /// Stations of stages; graphs share them.
    public var stations: [StageStation] = []
    /// Places below the devices that keep blocks; engines name those that they use.
    public var tiers: [CacheTier] = []
    /// How old the signals are that the router sees.
    public var signalAge = Nanoseconds.zero
    /// What routers that weigh work suppose of lengths.
    public var prediction = LengthPrediction.known
    /// By class; a class beyond the list has none.
    public var limits: [TokenLimits] = []
    /// Requests that arrive earlier after the first are served and not counted.
    public var warmUp = Nanoseconds.zero
    /// Content names that prefixes of the kind `blocks` refer to.
    public var names: [UInt64] = []
    public var seed: UInt64 = 1
    /// False plays every step by itself; the outcome is the same.
    public var jumps = true

    /// The most spans of requests that walk stages; 0 takes none.
    public var spansMax = 0
    /// The most samples of the cluster over time; 0 takes none. While there are more, every second one is
    /// dropped.
    public var samplesMax = 0
    /// The most engines that a sample tells of one by one.
    public var enginesSampled = 0
    /// Whether sums are compared after every step; for tests, as it costs O(requests) a step.
    package var verifies = false

    /// A cluster of one pool.
    public init(engines: [Engine]) { pools = [TokenPool(engines: engines)] }

    public init(pools: [TokenPool]) { self.pools = pools }

    /// What keeps the cluster from being played; nil where nothing does.
    public var fault: String? {
        if pools.isEmpty { return "no engines" }
        for (index, pool) in pools.enumerated() {
            guard let fault = pool.fault else { continue }
            return pools.count == 1 ? fault : "pool \(index + 1): \(fault)"
        }
        if let fault = tierFault { return fault }
        for (index, station) in stations.enumerated() {
            if let fault = station.fault { return "station \(index + 1): \(fault)" }
        }
        for graph in graphs {
            if let fault = graph.fault(pools: pools.count, stations: stations.count) { return fault }
        }
        for entry in entries {
            switch entry {
            case .target(let target):
                if let fault = target.fault(pools: pools.count) { return fault }
            case .graph(let graph):
                if !graphs.indices.contains(graph) { return "graph \(graph + 1) of \(graphs.count)" }
            }
        }
        return nil
    }

    /// Whether requests of a class walk stages.
    public func walksStages(_ request: TokenRequest) -> Bool {
        let kind = Int(request.kind)
        guard kind < entries.count, case .graph = entries[kind] else { return false }
        return true
    }

    /// Plays until the last request is answered.
    /// - Parameter take: is handed every answered request, in the order in which they end.
    /// - Precondition: `fault` is nil.
    public func play<Source: TokenRequestSource>(
        _ source: Source, take: (TokenRecord) -> Void = { _ in }
    ) -> TokenOutcome {
        precondition(fault == nil, "a cluster is checked before it is played")
        return names.withUnsafeBufferPointer { names in
            var play = TokenPlay(self, source, names: names.baseAddress)
            return play.run(take)
        }
    }
}
