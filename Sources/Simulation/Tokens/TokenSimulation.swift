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

    public var engines: [Engine]
    public var router = TokenRouter.leastRequests
    /// Chooses among the engines that generate, where others read.
    public var decodeRouter = TokenRouter.leastTokens
    public var link: Link?
    /// How old the signals are that the router sees.
    public var signalAge = Nanoseconds.zero
    /// By class; a class beyond the list has none.
    public var limits: [TokenLimits] = []
    /// Requests that arrive earlier after the first are served and not counted.
    public var warmUp = Nanoseconds.zero
    /// Content names that prefixes of the kind `blocks` refer to.
    public var names: [UInt64] = []
    public var seed: UInt64 = 1
    /// False plays every step by itself; the outcome is the same.
    public var jumps = true

    /// The most samples of the cluster over time; 0 takes none. While there are more, every second one is
    /// dropped.
    public var samplesMax = 0
    /// Whether sums are compared after every step; for tests, as it costs O(requests) a step.
    package var verifies = false

    public init(engines: [Engine]) { self.engines = engines }

    /// What keeps the cluster from being played; nil where nothing does.
    public var fault: String? {
        if engines.isEmpty { return "no engines" }
        for (index, engine) in engines.enumerated() {
            if let fault = engine.setup.fault { return "engine \(index + 1): \(fault)" }
        }
        let roles = Set(engines.map(\.setup.role))
        if roles.contains(.mixed), roles.count > 1 { return "engines that do all beside engines of one role" }
        if roles == [.prefill] { return "engines that read, and none that generates" }
        if roles == [.decode] { return "engines that generate, and none that reads" }
        return nil
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
