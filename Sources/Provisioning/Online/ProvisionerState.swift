import Quantities
import Vocabulary

/// What the online provisioner remembers between events.
public struct ProvisionerState: Hashable, Codable, Sendable {
    /// The servers that the plan in force sets aside.
    public internal(set) var allocation = Allocation()
    /// The plan in force; nil before the first decision.
    public internal(set) var planInForce: Plan?
    /// The last interval that started; nil before the first.
    public internal(set) var lastIndex: Int?
    /// The load of the last interval seen, in queries/s.
    var lastLoad: [Double] = []
    /// What serves each model as far as is known, in queries/s, and the least of it since the interval began;
    /// empty where nobody looks.
    var capacities: [Double] = []
    var leastCapacities: [Double] = []
    /// What forecasting has learnt; nil before the first observation.
    var load: LoadForecast?
    /// The load with headroom that the plan in force was made for; nil before the first decision.
    var requiredLoad: [Double]?
    /// What the plan in force is compared with: its servers as N[m, h], and headroom given up.
    var target: [Int] = []
    var headroomShare = 1.0
    var memory = PolicyMemory()
    /// Servers of each type that had not failed when last looked at.
    var available: [Int] = []
    /// When servers of each pair were last started.
    var startedAt: [Nanoseconds?] = []
    /// The needs of the latest intervals, in queries/s, the oldest first, where capacity is held for them.
    var needsHeld: [[Double]] = []
    /// What a change is worth avoiding; nil where no number of changes is aimed at.
    var changes: ChangeBudget?
    /// What a violated pair is priced at, and how far it has been from its aim.
    var risk = RiskRecord()
    /// What was ordered last, as N[m, h], for a provisioner that cannot look; and what ran before it ordered
    /// anything.
    var carriedOut: [Int]?
    let allocationFound: Allocation
    /// What is planned for at least, by model, where a load is not believed; nil where it is.
    var keptLoads: [Double?] = []
    /// What limits remember.
    var steps = StepRecord()
    /// What was found, ordered and cut last, as N[m, h].
    var ordered: [Int] = []
    var cuts: [StepCut] = []
    /// The interval as it was last told; nil where an event told it.
    var tick: ControlTick?
    /// What the last decision may still start and stop.
    var startsLeft: Int?
    var stopsLeft: Int?

    /// Takes over what others have ordered and what nobody looks at: it runs, whatever this state would have
    /// ordered in their place.
    package mutating func takeOver(_ allocation: Allocation, _ problem: ProvisioningProblem) {
        let counts = problem.counts(of: allocation)
        guard carriedOut != nil, carriedOut != counts else { return }
        (carriedOut, ordered) = (counts, counts)
        self.allocation = allocation
    }

    /// Nothing seen yet.
    ///
    /// - Parameter allocation: what already runs, for a provisioner that takes over a fleet in service.
    public init(allocation: Allocation = Allocation()) {
        self.allocation = allocation
        allocationFound = allocation
    }
}

/// The answer to one event, and why.
public struct ProvisionerDecision: Hashable, Sendable {
    /// What to hand in with the next event.
    public let state: ProvisionerState
    /// Stops before starts, each in order of model and server type.
    public let actions: [ProvisionerAction]
    /// The plan now in force.
    public let plan: Plan
    /// What it took to find the plan.
    public let effort: PlanEffort
    /// The load expected until the servers that the next decision orders could serve.
    public let forecast: Demand
    /// R of each model, as learnt from history.
    public let overProvision: [ModelID: Fraction]
    /// The share of R that the plan was made with: less than 1 where the fleet could not hold all of it.
    public let headroomShare: Fraction
    /// Why the actions, and what need has moved most.
    public let reason: DecisionReason
    public let model: ModelID?
    public let neededBefore: QueriesPerSecond?
    public let neededNow: QueriesPerSecond?
    /// The names that the state counts by.
    let models: [ModelID]
    let serverTypes: [ServerTypeID]

    /// What the plan in force covers of each model: the load expected with its headroom.
    public var needed: Demand {
        Demand(
            Dictionary(
                uniqueKeysWithValues: zip(models, (state.requiredLoad ?? []).map { QueriesPerSecond($0) })))
    }

    /// The servers that there are once the actions have been carried out.
    public var ordered: Allocation { Allocation(state.ordered, models: models, serverTypes: serverTypes) }

    /// What rules have cut from the actions.
    public var cuts: [StepCut] { state.cuts }
}
