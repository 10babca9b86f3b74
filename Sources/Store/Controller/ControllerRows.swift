import Vocabulary

/// One tick of a live controller with all that belongs to it, as it is kept.
public struct StoredControlTick: Hashable, Sendable {
    /// What was made of one model's input.
    public struct Observation: Hashable, Sendable {
        public let model: ModelID
        public let state: String
        public let cause: String?
        public let load: Double?
        public let ageSeconds: Double?
        public let samples: Int?
        public let expected: Int?
        /// JSON of the reading by itself.
        public let assessment: String

        public init(
            model: ModelID, state: String, cause: String?, load: Double?, ageSeconds: Double?, samples: Int?,
            expected: Int?, assessment: String
        ) {
            self.model = model
            self.state = state
            self.cause = cause
            self.load = load
            self.ageSeconds = ageSeconds
            self.samples = samples
            self.expected = expected
            self.assessment = assessment
        }
    }

    public let tick: Int
    public let run: Int64
    public let atUnixMilliseconds: Int64
    public let missed: Int
    /// JSON.
    public let circumstances: String
    public let answers: String
    public let observations: [Observation]

    public init(
        tick: Int, run: Int64, atUnixMilliseconds: Int64, missed: Int, circumstances: String,
        answers: String, observations: [Observation]
    ) {
        self.tick = tick
        self.run = run
        self.atUnixMilliseconds = atUnixMilliseconds
        self.missed = missed
        self.circumstances = circumstances
        self.answers = answers
        self.observations = observations
    }
}

/// The decision of a tick, as it is kept.
public struct StoredControlDecision: Sendable {
    /// What another policy would have done.
    public struct Counterfactual: Hashable, Sendable {
        public let policy: String
        public let watts: Double
        public let servers: Int
        public let isShort: Bool

        public init(policy: String, watts: Double, servers: Int, isShort: Bool) {
            self.policy = policy
            self.watts = watts
            self.servers = servers
            self.isShort = isShort
        }
    }

    /// A change of the servers of a pair.
    public struct Order: Hashable, Sendable {
        public let model: ModelID
        public let serverType: ServerTypeID
        public let from: Int
        public let to: Int

        public init(model: ModelID, serverType: ServerTypeID, from: Int, to: Int) {
            self.model = model
            self.serverType = serverType
            self.from = from
            self.to = to
        }
    }

    public let generation: Int64
    public let reason: String
    public let model: ModelID?
    public let objectiveWatts: Double
    public let boundWatts: Double?
    public let gap: Double?
    public let route: String
    public let seconds: Double
    public let counterfactuals: [Counterfactual]
    /// Those that are going to be carried out; none in modes that only advise.
    public let orders: [Order]
    /// JSON of the decision, given its number.
    public let text: @Sendable (_ id: Int64) throws -> String
    /// JSON of what happened, given the number of each row and that of the decision.
    public let events: [@Sendable (_ id: Int64, _ decision: Int64) throws -> String]

    public init(
        generation: Int64, reason: String, model: ModelID?, objectiveWatts: Double, boundWatts: Double?,
        gap: Double?, route: String, seconds: Double, counterfactuals: [Counterfactual], orders: [Order],
        text: @escaping @Sendable (Int64) throws -> String,
        events: [@Sendable (Int64, Int64) throws -> String]
    ) {
        self.generation = generation
        self.reason = reason
        self.model = model
        self.objectiveWatts = objectiveWatts
        self.boundWatts = boundWatts
        self.gap = gap
        self.route = route
        self.seconds = seconds
        self.counterfactuals = counterfactuals
        self.orders = orders
        self.text = text
        self.events = events
    }
}

/// The numbers that a decision and its orders were given.
public struct ControlDecisionNumbers: Hashable, Sendable {
    public let decision: Int64
    /// In the order of the orders.
    public let orders: [Int64]
}

/// A line of the audit, as it is kept.
public struct StoredAuditEntry: Hashable, Sendable {
    public let id: Int64
    public let atUnixMilliseconds: Int64
    public let actor: String
    public let role: String
    public let address: String
    public let action: String
    public let before: String?
    public let after: String?
    public let digest: String
}

/// A lease, as it is kept.
public struct StoredLease: Hashable, Sendable {
    public let holder: String
    public let generation: Int64
    public let beat: Int64

    public init(holder: String, generation: Int64, beat: Int64) {
        self.holder = holder
        self.generation = generation
        self.beat = beat
    }
}
