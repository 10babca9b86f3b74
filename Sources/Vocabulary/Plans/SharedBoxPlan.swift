import Quantities

/// Replicas of several models on boxes that they share.
public struct SharedBoxPlan: Hashable, Sendable {
    /// What goes to replicas of one class of a model's requests.
    public struct ClassLoad: Hashable, Sendable {
        public let name: String
        public let load: QueriesPerSecond

        public init(name: String, load: QueriesPerSecond) {
            self.name = name
            self.load = load
        }
    }

    /// Equal replicas of one model on boxes of one type.
    public struct Share: Hashable, Sendable {
        public let model: ModelID
        public let serverType: ServerTypeID
        public let schedule: Schedule
        /// Of a box, that one replica takes.
        public let parts: Int
        public let replicas: Int
        /// What all of them serve at most, within the targets.
        public let capacity: QueriesPerSecond
        /// What of the load goes to them: what routers weigh by.
        public let load: QueriesPerSecond
        /// Of that load, where the plan tells a model's classes apart; empty where it does not.
        public let classes: [ClassLoad]

        public init(
            model: ModelID, serverType: ServerTypeID, schedule: Schedule, parts: Int, replicas: Int,
            capacity: QueriesPerSecond, load: QueriesPerSecond, classes: [ClassLoad] = []
        ) {
            self.model = model
            self.serverType = serverType
            self.schedule = schedule
            self.parts = parts
            self.replicas = replicas
            self.capacity = capacity
            self.load = load
            self.classes = classes
        }
    }

    /// Boxes of one type that are powered, and how many of their parts replicas take.
    public struct Boxes: Hashable, Sendable {
        public let serverType: ServerTypeID
        public let count: Int
        /// Of one box; 0 where its parts are cores.
        public let accelerators: Int
        /// Of one box.
        public let parts: Int
        /// Parts of all boxes.
        public let taken: Int

        public init(serverType: ServerTypeID, count: Int, accelerators: Int, parts: Int, taken: Int) {
            self.serverType = serverType
            self.count = count
            self.accelerators = accelerators
            self.parts = parts
            self.taken = taken
        }
    }

    /// What a simulation of all engines of a language model says of their load.
    public struct Check: Hashable, Sendable {
        public let model: ModelID
        public let requests: Int
        /// The share of requests that kept every limit, and the one that was asked for.
        public let attained: Fraction
        public let asked: Fraction
        /// At the quantile that is asked for, in seconds; nil where nothing was counted.
        public let firstToken: Double?
        public let outputToken: Double?

        public init(
            model: ModelID, requests: Int, attained: Fraction, asked: Fraction, firstToken: Double?,
            outputToken: Double?
        ) {
            self.model = model
            self.requests = requests
            self.attained = attained
            self.asked = asked
            self.firstToken = firstToken
            self.outputToken = outputToken
        }

        /// Whether the share asked for lies within the 95 % interval of the one attained, or below it.
        public var holds: Bool { Self.holds(attained: attained, asked: asked, requests: requests) }

        static func holds(attained: Fraction, asked: Fraction, requests: Int) -> Bool {
            let doubt =
                1.96 * (asked.value * (1 - asked.value) / Double(max(1, requests))).squareRoot()
            return attained.value >= asked.value - doubt
        }
    }

    public let shares: [Share]
    public let boxes: [Boxes]
    /// By model; empty where all is served.
    public let shortfall: [ModelID: QueriesPerSecond]
    /// Provisioned power: boxes on their power curves with replicas at their highest rates.
    public let objective: Watts
    /// No plan draws less.
    public let bound: Watts
    public let gap: Fraction
    /// The step that settled it, in words.
    public let step: String

    public init(
        shares: [Share], boxes: [Boxes], shortfall: [ModelID: QueriesPerSecond], objective: Watts,
        bound: Watts, gap: Fraction, step: String
    ) {
        self.shares = shares
        self.boxes = boxes
        self.shortfall = shortfall
        self.objective = objective
        self.bound = bound
        self.gap = gap
        self.step = step
    }

    public var boxCount: Int { boxes.reduce(0) { $0 + $1.count } }
}
