import Quantities
import Vocabulary

/// A rule that turns a demand and a fleet into a plan, decision after decision.
///
/// A policy never takes more servers than the fleet has. Where the demand does not fit it returns an
/// `infeasible` plan that names what is missing and serves the rest as well as the policy can. The same
/// request gives the same outcome. Policies are not `Sendable`: some hold a solver, and every task makes its
/// own.
public protocol ProvisioningPolicy {
    /// The name in scenario files and reports.
    static var name: String { get }

    /// What the policy is asked to cover.
    static var view: LoadView { get }

    /// Whether what it costs to start servers is weighed against its plans, so that a plan in force may be
    /// adjusted instead of replaced. Rules of thumb are taken at their word.
    static var weighsSwitching: Bool { get }

    /// What is turned to see the policy take more or less risk.
    static var knob: PolicyKnob { get }

    /// The plan for one decision.
    func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome

    /// The plan for one decision of a policy that remembers what it thought before; others leave the memory
    /// alone.
    func plan(
        _ request: ProvisioningRequest, memory: inout PolicyMemory
    ) throws(ProvisioningError) -> PlanningOutcome
}

/// What a policy takes for the load that is to come.
public enum LoadView: Hashable, Sendable {
    /// The forecast with headroom.
    case forecast
    /// The load last seen, as it is.
    case observed
    /// The load that will come: for bounds, not for controllers.
    case truth
}

extension ProvisioningPolicy {
    /// The name in scenario files and reports.
    public var name: String { Self.name }

    /// The forecast with headroom.
    public static var view: LoadView { .forecast }

    /// Taken at its word.
    public static var weighsSwitching: Bool { false }

    /// What its view of the load leaves to turn.
    public static var knob: PolicyKnob {
        switch view {
        case .forecast: .headroom
        case .observed: .targetUtilisation
        case .truth: .none
        }
    }

    public func plan(
        _ request: ProvisioningRequest, memory: inout PolicyMemory
    ) throws(ProvisioningError) -> PlanningOutcome {
        try plan(request)
    }
}

/// What a policy is asked.
public struct ProvisioningRequest: Sendable {
    /// The load to cover, headroom included, and the servers to do it with.
    public let problem: ProvisioningProblem
    /// The plan now in force; nil before the first decision.
    public let planInForce: Plan?
    /// Since the start of the trace.
    public let at: Nanoseconds
    /// Whether less may be asked for where this does not fit: then it is enough to say so, and nobody needs
    /// to know how little has to stay unserved.
    public let isTrial: Bool

    public init(
        problem: ProvisioningProblem, planInForce: Plan? = nil, at: Nanoseconds = .zero, isTrial: Bool = false
    ) {
        self.problem = problem
        self.planInForce = planInForce
        self.at = at
        self.isTrial = isTrial
    }
}

/// What a policy remembers between decisions: the capacity it would have liked for each model, and when.
public struct PolicyMemory: Hashable, Codable, Sendable {
    /// One wish for every model, in the order of the problem.
    struct Recommendation: Hashable, Codable, Sendable {
        let at: Nanoseconds
        /// In queries/s.
        let capacities: [Double]
    }

    /// The oldest first.
    var recommendations: [Recommendation] = []

    /// Where the next plan of a policy that optimises may start from.
    var planning: PlanningMemory?

    /// Nothing remembered.
    public init() {}
}

extension ProvisioningRequest {
    /// Whole periods since the last decision; 1 where none has gone by, or there was no decision.
    func periods(of period: Nanoseconds, since last: Nanoseconds?) -> Int {
        guard let last else { return 1 }
        return max(1, Int((at - last).count / max(1, period.count)))
    }
}
