import Quantities

/// What one method found for one problem.
public struct RivalSearch: Hashable, Sendable {
    public let method: String
    public let outcome: SearchOutcome

    public init(method: String, outcome: SearchOutcome) {
        self.method = method
        self.outcome = outcome
    }
}

/// One search among several of a pair: under one latency target and one power budget.
public struct FrontierPoint: Hashable, Sendable {
    public let outcome: SearchOutcome
    public let target: LatencyTarget
    /// nil when power was not limited.
    public let powerBudget: Watts?
    /// How many schedules there are; nil where only the entry knows.
    public let spaceSize: Int?

    public init(outcome: SearchOutcome, target: LatencyTarget, powerBudget: Watts?, spaceSize: Int?) {
        self.outcome = outcome
        self.target = target
        self.powerBudget = powerBudget
        self.spaceSize = spaceSize
    }
}

/// One way of choosing a schedule on the machine itself, for one model.
public struct LiveChoice: Hashable, Sendable {
    /// The method's name.
    public let method: String
    public let outcome: SearchOutcome
    /// The highest rate shown to hold live; nil where no schedule was found feasible.
    public let live: EfficiencyEntry?
    /// How many schedules there are.
    public let spaceSize: Int

    public init(method: String, outcome: SearchOutcome, live: EfficiencyEntry?, spaceSize: Int) {
        self.method = method
        self.outcome = outcome
        self.live = live
        self.spaceSize = spaceSize
    }
}
