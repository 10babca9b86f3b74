import Quantities
import Vocabulary

/// What the online provisioner remembers between events.
public struct ProvisionerState: Hashable, Sendable {
    /// The loads seen of each model, the latest last, at most one more than the rule's window.
    public internal(set) var history: [ModelID: [QueriesPerSecond]] = [:]
    /// The servers that are set aside now.
    public internal(set) var allocation = Allocation()
    /// The plan that set them aside; nil before the first decision.
    public internal(set) var planInForce: Plan?
    /// The interval of the last decision; nil before the first.
    public internal(set) var lastIndex: Int?

    /// Nothing seen yet.
    ///
    /// - Parameter allocation: what already runs, for a provisioner that takes over a fleet in service.
    public init(allocation: Allocation = Allocation()) { self.allocation = allocation }
}

/// What the online provisioner hears.
public enum ProvisionerEvent: Hashable, Sendable {
    /// An interval starts; the demand is the one observed over the interval before, and for the very first interval
    /// whatever the caller knows.
    case intervalStarting(index: Int, observed: Demand)
}

/// What the online provisioner wants done.
public enum ProvisionerAction: Hashable, Sendable {
    /// More servers of a type for a model.
    case start(model: ModelID, serverType: ServerTypeID, count: Int)
    /// Fewer servers of a type for a model.
    case stop(model: ModelID, serverType: ServerTypeID, count: Int)

    /// What turns one allocation into another: stops before starts, so that a server can change models, each in the
    /// order of model and server type.
    public static func changes(from old: Allocation, to new: Allocation) -> [ProvisionerAction] {
        let stops = old.shares.compactMap { share -> ProvisionerAction? in
            let surplus = share.count - new[share.model, share.serverType]
            return surplus > 0
                ? .stop(model: share.model, serverType: share.serverType, count: surplus) : nil
        }
        let starts = new.shares.compactMap { share -> ProvisionerAction? in
            let lack = share.count - old[share.model, share.serverType]
            return lack > 0 ? .start(model: share.model, serverType: share.serverType, count: lack) : nil
        }
        return stops + starts
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
    /// The load expected in the interval.
    public let forecast: Demand
    /// R of each model, as learnt from history.
    public let overProvision: [ModelID: Fraction]
    /// The share of R that the plan was made with: less than 1 where the fleet could not hold all of it.
    public let headroomShare: Fraction
}
