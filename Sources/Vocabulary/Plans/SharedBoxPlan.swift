import Quantities

/// Engines of language models on boxes that they share.
public struct SharedBoxPlan: Hashable, Sendable {
    /// Equal engines of one model on boxes of one type.
    public struct Share: Hashable, Sendable {
        public let model: ModelID
        public let serverType: ServerTypeID
        public let rules: EngineRules
        public let engines: Int
        /// What all of them serve at most, within the targets.
        public let capacity: QueriesPerSecond
        /// What of the load goes to them: what routers weigh by.
        public let load: QueriesPerSecond

        public init(
            model: ModelID, serverType: ServerTypeID, rules: EngineRules, engines: Int,
            capacity: QueriesPerSecond, load: QueriesPerSecond
        ) {
            self.model = model
            self.serverType = serverType
            self.rules = rules
            self.engines = engines
            self.capacity = capacity
            self.load = load
        }
    }

    /// Boxes of one type that are powered, and how many of their accelerators engines take.
    public struct Boxes: Hashable, Sendable {
        public let serverType: ServerTypeID
        public let count: Int
        public let accelerators: Int
        public let taken: Int

        public init(serverType: ServerTypeID, count: Int, accelerators: Int, taken: Int) {
            self.serverType = serverType
            self.count = count
            self.accelerators = accelerators
            self.taken = taken
        }
    }

    public let shares: [Share]
    public let boxes: [Boxes]
    /// By model; empty where all is served.
    public let shortfall: [ModelID: QueriesPerSecond]
    /// Provisioned power: boxes idle, and engines at their highest rates.
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
