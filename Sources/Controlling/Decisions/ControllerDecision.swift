import Quantities
import Vocabulary

/// What was decided at one tick, and everything that it rests on. Its JSON is what the API shows and what the
/// database keeps.
public struct ControllerDecision: Hashable, Codable, Sendable {
    /// One change of the servers of a pair.
    public struct Order: Hashable, Codable, Sendable {
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

        /// Whether it lowers a count.
        public var stops: Bool { to < from }
    }

    /// A rule that kept a plan from being carried out in full.
    public struct Cut: Hashable, Codable, Sendable {
        /// For example `S1`; see `StepRule`.
        public let rule: String
        /// The pair or model concerned; nil where the rule holds for the fleet.
        public let model: ModelID?
        public let serverType: ServerTypeID?
        /// Servers that were asked for and allowed: of a pair its count, of the fleet its starts or stops.
        public let asked: Int
        public let allowed: Int

        public init(rule: String, model: ModelID?, serverType: ServerTypeID?, asked: Int, allowed: Int) {
            self.rule = rule
            self.model = model
            self.serverType = serverType
            self.asked = asked
            self.allowed = allowed
        }
    }

    /// What another policy would have done with the same loads.
    public struct Alternative: Hashable, Codable, Sendable {
        /// Provisioned power.
        public let watts: Double
        public let servers: Int
        /// Models whose load it would not have covered.
        public let short: [ModelID]

        public init(watts: Double, servers: Int, short: [ModelID]) {
            self.watts = watts
            self.servers = servers
            self.short = short
        }
    }

    public var id: Int64
    public var at: WallTime
    /// Intervals of the controller's clock since it first started on this database; counts gaps.
    public var tick: Int
    public var mode: ControllerMode
    /// Of the lease under which it was made.
    public var generation: Int64
    public var reason: DecisionReason
    /// What all of it means, in a sentence.
    public var sentence: String
    public var route: PlanRoute
    public var status: Plan.Status
    /// Whose need has moved most; nil where none has.
    public var model: ModelID?
    public var neededBefore: Double?
    public var neededNow: Double?
    /// Loads that were acted on, what is expected, and what is planned for, in queries/s.
    public var load: [ModelID: Double]
    public var forecast: [ModelID: Double]
    public var needed: [ModelID: Double]
    /// R of each model.
    public var headroom: [ModelID: Double]
    public var trust: [ModelID: InputTrust]
    public var objectiveWatts: Double
    /// What every plan costs at least; nil where nothing is proven.
    public var boundWatts: Double?
    public var gap: Double?
    /// Time that the plan took.
    public var seconds: Double
    /// What is wanted of each pair after the rules; pairs without servers are left out.
    public var allocation: Allocation
    public var orders: [Order]
    public var cut: [Cut]
    /// What keeps the plan from being cheaper, in words.
    public var binding: [String]
    /// By policy: `greedy`, `reactive`, `static`.
    public var instead: [String: Alternative]
    /// What holds the fleet as a whole; nil where nothing does.
    public var fleetHold: String?

    public init(
        id: Int64, at: WallTime, tick: Int, mode: ControllerMode, generation: Int64, reason: DecisionReason,
        sentence: String, route: PlanRoute, status: Plan.Status, model: ModelID?, neededBefore: Double?,
        neededNow: Double?, load: [ModelID: Double], forecast: [ModelID: Double],
        needed: [ModelID: Double], headroom: [ModelID: Double], trust: [ModelID: InputTrust],
        objectiveWatts: Double, boundWatts: Double?, gap: Double?, seconds: Double, allocation: Allocation,
        orders: [Order], cut: [Cut], binding: [String], instead: [String: Alternative], fleetHold: String?
    ) {
        self.id = id
        self.at = at
        self.tick = tick
        self.mode = mode
        self.generation = generation
        self.reason = reason
        self.sentence = sentence
        self.route = route
        self.status = status
        self.model = model
        self.neededBefore = neededBefore
        self.neededNow = neededNow
        self.load = load
        self.forecast = forecast
        self.needed = needed
        self.headroom = headroom
        self.trust = trust
        self.objectiveWatts = objectiveWatts
        self.boundWatts = boundWatts
        self.gap = gap
        self.seconds = seconds
        self.allocation = allocation
        self.orders = orders
        self.cut = cut
        self.binding = binding
        self.instead = instead
        self.fleetHold = fleetHold
    }
}
