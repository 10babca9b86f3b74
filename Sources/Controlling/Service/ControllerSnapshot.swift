import Quantities
import Vocabulary

/// Everything that the API and the dashboard show of the moment.
public struct ControllerSnapshot: Hashable, Codable, Sendable {
    /// One model, as it stands.
    public struct ModelStatus: Hashable, Codable, Sendable {
        public var model: ModelID
        public var trust: InputTrust
        /// In queries/s: what is acted on, expected, planned for, and what serving servers hold; nil before
        /// the first tick.
        public var load: Double?
        public var forecast: Double?
        public var needed: Double?
        public var capacity: Double?
        public var headroom: Double?

        public init(
            model: ModelID, trust: InputTrust, load: Double?, forecast: Double?, needed: Double?,
            capacity: Double?, headroom: Double?
        ) {
            self.model = model
            self.trust = trust
            self.load = load
            self.forecast = forecast
            self.needed = needed
            self.capacity = capacity
            self.headroom = headroom
        }
    }

    /// One pair of a model and a server type, as it stands.
    public struct PairStatus: Hashable, Codable, Sendable {
        public var model: ModelID
        public var serverType: ServerTypeID
        /// Servers: wanted, taking queries, starting, finishing.
        public var target: Int
        public var serving: Int
        public var starting: Int
        public var draining: Int
        public var min: Int?
        public var max: Int?
        /// Servers wanted and not there for longer than a start takes; 0 where nothing lags.
        public var lag: Int
        /// Why the pair takes no orders; nil where it does.
        public var cannot: String?

        public init(
            model: ModelID, serverType: ServerTypeID, target: Int, serving: Int, starting: Int,
            draining: Int, min: Int?, max: Int?, lag: Int, cannot: String?
        ) {
            self.model = model
            self.serverType = serverType
            self.target = target
            self.serving = serving
            self.starting = starting
            self.draining = draining
            self.min = min
            self.max = max
            self.lag = lag
            self.cannot = cannot
        }
    }

    /// What other policies would have drawn over the time, and what ours would.
    public struct Savings: Hashable, Codable, Sendable {
        /// One policy against ours.
        public struct Against: Hashable, Codable, Sendable {
            public var policy: String
            /// Energy of that policy less ours.
            public var savedKilowattHours: Double
            /// In the currency of the tariff; nil without a price.
            public var savedMoney: Double?
            /// Grams of carbon dioxide; nil without an intensity.
            public var savedCarbonGrams: Double?
            /// Minutes in which that policy would have left some model short.
            public var shortMinutes: Double
            /// Servers that it would have started.
            public var starts: Int

            public init(
                policy: String, savedKilowattHours: Double, savedMoney: Double?, savedCarbonGrams: Double?,
                shortMinutes: Double, starts: Int
            ) {
                self.policy = policy
                self.savedKilowattHours = savedKilowattHours
                self.savedMoney = savedMoney
                self.savedCarbonGrams = savedCarbonGrams
                self.shortMinutes = shortMinutes
                self.starts = starts
            }
        }

        /// Time that was counted: trusted ticks only.
        public var hours: Double
        /// Energy of our plans, from the efficiency table.
        public var estimatedKilowattHours: Double
        /// Energy that a meter counted over the same time; nil without one.
        public var meteredKilowattHours: Double?
        public var currency: String?
        public var shortMinutes: Double
        public var starts: Int
        public var against: [Against]

        public init(
            hours: Double, estimatedKilowattHours: Double, meteredKilowattHours: Double?, currency: String?,
            shortMinutes: Double, starts: Int, against: [Against]
        ) {
            self.hours = hours
            self.estimatedKilowattHours = estimatedKilowattHours
            self.meteredKilowattHours = meteredKilowattHours
            self.currency = currency
            self.shortMinutes = shortMinutes
            self.starts = starts
            self.against = against
        }
    }

    /// A decision that waits for a person's word, with its price.
    public struct Proposal: Hashable, Codable, Sendable {
        /// Of its decision.
        public var id: Int64
        public var expires: WallTime
        public var orders: [ControllerDecision.Order]
        /// Provisioned power with the orders less without; nil where it is not known.
        public var watts: Double?
        public var sentence: String

        public init(
            id: Int64, expires: WallTime, orders: [ControllerDecision.Order], watts: Double?,
            sentence: String
        ) {
            self.id = id
            self.expires = expires
            self.orders = orders
            self.watts = watts
            self.sentence = sentence
        }
    }

    public var mode: ControllerMode
    public var isPaused: Bool
    /// The version of what an operator may change, for `If-Match`.
    public var revision: Int64
    public var isLeader: Bool
    public var leader: String?
    public var generation: Int64
    public var scenarioDigest: String
    public var startedAt: WallTime
    public var now: WallTime
    public var tick: Int
    public var intervalSeconds: Double
    public var lastTickAt: WallTime?
    public var nextTickAt: WallTime?
    /// Monotonic seconds since the last tick; nil before the first.
    public var secondsSinceTick: Double?
    /// Why nothing is done with the fleet as a whole; nil where nothing holds it.
    public var fleetHold: String?
    /// Whether what is decided can be written down.
    public var canWrite: Bool
    public var decision: ControllerDecision?
    /// Whether there is a plan made on trusted loads that is not older than three intervals.
    public var hasTrustedPlan: Bool
    public var models: [ModelStatus]
    public var pairs: [PairStatus]
    /// Servers of each type that have not failed, and the power that plans may draw; nil for any.
    public var available: [ServerTypeID: Int]
    public var wattsMax: Double?
    public var savings: Savings
    /// Decisions that wait for a person, in the mode `approve`.
    public var proposals: [Proposal]
    /// Bounds that a person has set and that have not ended.
    public var overrides: [PairOverride]
    /// Ticks by outcome, orders by kind and result, rejections by model and cause, holds by cause: counted
    /// since the process started.
    public var counters: ControllerCounters

    public init(
        mode: ControllerMode, isPaused: Bool, revision: Int64, isLeader: Bool, leader: String?,
        generation: Int64, scenarioDigest: String, startedAt: WallTime, now: WallTime, tick: Int,
        intervalSeconds: Double, lastTickAt: WallTime?, nextTickAt: WallTime?, secondsSinceTick: Double?,
        fleetHold: String?, canWrite: Bool, decision: ControllerDecision?, hasTrustedPlan: Bool,
        models: [ModelStatus], pairs: [PairStatus], available: [ServerTypeID: Int], wattsMax: Double?,
        savings: Savings, proposals: [Proposal], overrides: [PairOverride], counters: ControllerCounters
    ) {
        self.mode = mode
        self.isPaused = isPaused
        self.revision = revision
        self.isLeader = isLeader
        self.leader = leader
        self.generation = generation
        self.scenarioDigest = scenarioDigest
        self.startedAt = startedAt
        self.now = now
        self.tick = tick
        self.intervalSeconds = intervalSeconds
        self.lastTickAt = lastTickAt
        self.nextTickAt = nextTickAt
        self.secondsSinceTick = secondsSinceTick
        self.fleetHold = fleetHold
        self.canWrite = canWrite
        self.decision = decision
        self.hasTrustedPlan = hasTrustedPlan
        self.models = models
        self.pairs = pairs
        self.available = available
        self.wattsMax = wattsMax
        self.savings = savings
        self.proposals = proposals
        self.overrides = overrides
        self.counters = counters
    }
}

/// Counts since the process started; none of them ever falls.
public struct ControllerCounters: Hashable, Codable, Sendable {
    /// By `decided`, `held`, `failed`, `standby`.
    public var ticks: [String: Int] = [:]
    /// By kind (`start`, `stop`) and result (`ordered`, `applied`, `refused`), as `start/ordered`.
    public var orders: [String: Int] = [:]
    /// By model, then by cause.
    public var rejections: [ModelID: [String: Int]] = [:]
    /// Holds that began, by cause, and the time that any model was held.
    public var holds: [String: Int] = [:]
    public var holdSeconds = 0.0
    /// Joules that another policy's plans would have drawn beyond ours, by policy; may be below zero.
    public var savedJoules: [String: Double] = [:]
    public var auditRows = 0
    /// Time that plans took, counted by upper bound in seconds, with the sum of all.
    public var planSeconds: [Double] = []
    public var planSecondsSum = 0.0

    public init() {}
}
