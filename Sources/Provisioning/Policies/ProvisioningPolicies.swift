import Quantities
import Vocabulary

/// What policies need to know beyond the single request.
public struct PolicyConfiguration: Sendable {
    /// Each model's highest load over the whole trace, which static provisioning is made for; for a single
    /// plan, the demand itself.
    public var peakDemand: Demand
    /// The seed of policies that choose at random.
    public var seed: UInt64
    /// The relative optimality gap of policies that optimise.
    public var gap: Fraction
    /// How long policies that optimise search.
    public var limits: PlanningLimits
    /// How the reactive policy tracks its target.
    public var reactive: ReactiveSettings
    /// How the policy that tracks memory does.
    public var tracking = TrackingSettings()
    /// What runs today; nil where nobody said.
    public var current: CurrentAllocation?
    /// When the trace begins, in seconds since 1970.
    public var traceStart: Int64 = 0

    public init(
        peakDemand: Demand, seed: UInt64, gap: Fraction = Fraction(1e-3),
        limits: PlanningLimits = PlanningLimits(), reactive: ReactiveSettings = ReactiveSettings()
    ) {
        self.peakDemand = peakDemand
        self.seed = seed
        self.gap = gap
        self.limits = limits
        self.reactive = reactive
    }
}

/// The policies there are, by name.
public enum ProvisioningPolicies {
    private typealias Factory = (PolicyConfiguration) throws(ProvisioningError) -> any ProvisioningPolicy

    // A new policy is one file and one line here.
    private static var all: [(type: any ProvisioningPolicy.Type, make: Factory)] {
        [
            (
                CurrentPolicy.self,
                { (configuration) throws(ProvisioningError) in try CurrentPolicy(configuration) }
            ),
            (
                StaticPolicy.self,
                { (configuration) throws(ProvisioningError) in try StaticPolicy(configuration) }
            ),
            (ObliviousPolicy.self, { (configuration) in ObliviousPolicy(seed: configuration.seed) }),
            (GreedyPolicy.self, { _ in GreedyPolicy() }),
            (PriorityPolicy.self, { _ in PriorityPolicy() }),
            (MelangePolicy.self, { _ in MelangePolicy() }),
            (
                RoundRobinStaticPolicy.self,
                { (configuration) in RoundRobinStaticPolicy(peakDemand: configuration.peakDemand) }
            ),
            (TargetTrackingPolicy.self, { (configuration) in TargetTrackingPolicy(configuration.tracking) }),
            (ReactivePolicy.self, { (configuration) in ReactivePolicy(configuration.reactive) }),
            (
                HerculesPolicy.self,
                { (configuration) throws(ProvisioningError) in try HerculesPolicy(configuration) }
            ),
            (
                OraclePolicy.self,
                { (configuration) throws(ProvisioningError) in try OraclePolicy(configuration) }
            ),
        ]
    }

    /// All names, from the simplest policy to the most careful one, and the one that knows the future.
    public static var names: [String] { all.map { $0.type.name } }

    /// Those that need nothing but a demand and a fleet; what runs today has to be said.
    public static var deciding: [String] { names.filter { $0 != CurrentPolicy.name } }

    /// The policy of a name.
    /// - Throws: `unknownPolicy` with the known names; `solver` where the policy needs one that cannot be
    ///   loaded.
    public static func named(
        _ name: String, configuration: PolicyConfiguration
    ) throws(ProvisioningError) -> any ProvisioningPolicy {
        guard let policy = all.first(where: { $0.type.name == name }) else {
            throw .unknownPolicy(name: name, known: names)
        }
        return try policy.make(configuration)
    }

    /// What the policy of a name has to turn.
    /// - Throws: `unknownPolicy` with the known names.
    public static func knob(of name: String) throws(ProvisioningError) -> PolicyKnob {
        guard let policy = all.first(where: { $0.type.name == name }) else {
            throw .unknownPolicy(name: name, known: names)
        }
        return policy.type.knob
    }
}
