import Quantities

/// One line of a policy's decision log: what it changed in the fleet, when, and why.
public struct DecisionEntry: Hashable, Codable, Sendable {
    /// Since the start of the trace.
    public let at: Nanoseconds
    public let reason: DecisionReason
    /// The model whose needed load has moved most, in relation, since the plan before; nil where none has.
    public let model: ModelID?
    /// That model's load with headroom, in the plan before and in this one.
    public let neededBefore: QueriesPerSecond?
    public let neededNow: QueriesPerSecond?
    /// What was ordered; may be empty where the reason alone is worth a line.
    public let actions: [ProvisionerAction]

    public init(
        at: Nanoseconds, reason: DecisionReason, model: ModelID? = nil, neededBefore: QueriesPerSecond? = nil,
        neededNow: QueriesPerSecond? = nil, actions: [ProvisionerAction]
    ) {
        self.at = at
        self.reason = reason
        self.model = model
        self.neededBefore = neededBefore
        self.neededNow = neededNow
        self.actions = actions
    }
}

/// Why an online provisioner changed the fleet.
public enum DecisionReason: String, Hashable, Codable, Sendable, CaseIterable {
    /// The first decision, or the first after a restart without memory.
    case first
    /// Some model needs more than in the plan before.
    case loadRose = "load_rose"
    /// Models need less, none needs more.
    case loadFell = "load_fell"
    /// No need has moved; the plan is a better one.
    case betterPlan = "better_plan"
    /// What was held back before may be done now: replacements serve, or a step was used up.
    case followUp = "follow_up"
    /// Servers failed or came back.
    case serversChanged = "servers_changed"
    /// The fleet cannot hold all of the headroom.
    case headroomCut = "headroom_cut"
    /// The fleet cannot serve the load.
    case overload
}
