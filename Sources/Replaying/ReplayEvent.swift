import Quantities
import Vocabulary

/// What a provisioner hears in a replay.
public struct ReplayEvent: Sendable {
    /// How a provisioner came back after an outage.
    public enum Restart: Sendable {
        /// With what it had learnt.
        case restored
        /// Knowing nothing.
        case blank
    }

    /// Since the start of the trace.
    public let at: Nanoseconds
    /// What happened.
    public let kind: ControlEvent
    /// Where the provisioner was away until now.
    public let restart: Restart?
}

/// What a provisioner answers in a replay.
public struct ReplayDecision: Sendable {
    public var actions: [ProvisionerAction]
    /// Of the plan in force.
    public var planStatus: Plan.Status
    public var planGap: Fraction?
    /// The load that was planned for, without headroom.
    public var forecast: Demand?
    public var reason: DecisionReason?
    /// Whose need has moved most since the plan before, and from what to what.
    public var model: ModelID?
    public var neededBefore: QueriesPerSecond?
    public var neededNow: QueriesPerSecond?
    /// Processor time spent.
    public var seconds: Double

    public init(
        actions: [ProvisionerAction], planStatus: Plan.Status, planGap: Fraction?, forecast: Demand? = nil,
        reason: DecisionReason? = nil, model: ModelID? = nil, neededBefore: QueriesPerSecond? = nil,
        neededNow: QueriesPerSecond? = nil, seconds: Double = 0
    ) {
        self.actions = actions
        self.planStatus = planStatus
        self.planGap = planGap
        self.forecast = forecast
        self.reason = reason
        self.model = model
        self.neededBefore = neededBefore
        self.neededNow = neededNow
        self.seconds = seconds
    }
}
