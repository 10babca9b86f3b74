import Quantities

/// When engines boot, fail and drain. Times count from the first arrival, in seconds.
public struct EngineLifecycle: Hashable, Sendable {
    /// When they are switched on.
    public var bootsAt: Double
    /// Of booting, beside the loading of weights.
    public var bootSeconds: Double
    /// Bytes per second at which an engine loads the weights of its model; nil takes no time.
    public var weightsBandwidth: Double?
    /// Of one accelerator while its engine boots; nil for what it draws when idle.
    public var bootWatts: Watts?
    /// Failures of every one of them, ascending.
    public var failsAt: [Double]
    /// From coming up to a failure, drawn for each; nil draws none.
    public var meanToFailure: Double?
    /// From a failure until it boots again; nil for never.
    public var repairSeconds: Double?
    /// From then on they take no request, end those that they have, and are switched off.
    public var drainsAt: Double?
    /// Where the numbers come from.
    public var source: String

    public init(
        bootsAt: Double = 0, bootSeconds: Double = 0, weightsBandwidth: Double? = nil,
        bootWatts: Watts? = nil, failsAt: [Double] = [], meanToFailure: Double? = nil,
        repairSeconds: Double? = nil, drainsAt: Double? = nil, source: String
    ) {
        self.bootsAt = bootsAt
        self.bootSeconds = bootSeconds
        self.weightsBandwidth = weightsBandwidth
        self.bootWatts = bootWatts
        self.failsAt = failsAt
        self.meanToFailure = meanToFailure
        self.repairSeconds = repairSeconds
        self.drainsAt = drainsAt
        self.source = source
    }
}

/// What becomes of the requests of an engine that fails.
public enum LossRule: String, CaseIterable, Hashable, Codable, Sendable {
    /// They go back to the router and are read again, what was generated included.
    case restart
    case lose
}

extension ServingOutcome {
    /// What failing engines cost.
    public struct Failures: Hashable, Sendable {
        /// Requests that were never answered.
        public var lost: Int
        /// Requests and calls that failing engines had.
        public var returned: Int
        /// Of those, begun already and begun anew.
        public var restarted: Int
        /// Tokens that were in their caches.
        public var tokensLost: Int
        /// Of requests that waited at the router for an engine to come up; nil where none did.
        public var wait: Latency?

        public init(lost: Int, returned: Int, restarted: Int, tokensLost: Int, wait: Latency?) {
            self.lost = lost
            self.returned = returned
            self.restarted = restarted
            self.tokensLost = tokensLost
            self.wait = wait
        }
    }

    /// What an engine was over time.
    public struct EngineLife: Hashable, Sendable {
        public var upSeconds: Double
        public var bootSeconds: Double
        public var downSeconds: Double
        public var failures: Int

        public init(upSeconds: Double, bootSeconds: Double, downSeconds: Double, failures: Int) {
            self.upSeconds = upSeconds
            self.bootSeconds = bootSeconds
            self.downSeconds = downSeconds
            self.failures = failures
        }

        /// The share of the time in which it was up; nil of no time.
        public var availability: Double? {
            let all = upSeconds + bootSeconds + downSeconds
            return all > 0 ? upSeconds / all : nil
        }
    }
}
