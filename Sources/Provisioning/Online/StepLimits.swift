import Quantities
import Vocabulary

/// How much one decision may change, and between which bounds the fleet stays. Replays have no limits; live
/// fleets get `usual`.
public struct StepLimits: Hashable, Codable, Sendable {
    /// Servers that one decision starts: at most this share of those that run, or `startsLeast` if that is
    /// more; nil for any number. Where nothing ever ran there is no share to take: any number starts.
    public var startsShare: Fraction?
    public var startsLeast = 4
    /// The same of stops.
    public var stopsShare: Fraction?
    public var stopsLeast = 1
    /// Servers that are stopped within `window`: at most this share of those that ran, but always one; nil
    /// for any number.
    public var windowStopsShare: Fraction?
    public var window = Nanoseconds(seconds: 600)
    /// A server is stopped when the plan has not asked for it during this time, in trust throughout.
    public var stopWindow = Nanoseconds.zero
    public var pairs: [ModelOnServer: ServerBounds] = [:]
    public var models: [ModelID: ServerBounds] = [:]
    public var fleet = ServerBounds()
    /// Provisioned power that nothing is started beyond.
    public var wattsMax: Watts?
    /// Whether what is needed keeps being covered whatever is stopped, and a plan that cannot serve the load
    /// stops nothing.
    public var keepsCover = false

    /// No limits.
    public init() {}

    /// Those of a live fleet: half of the servers or four more, a tenth or one fewer, three tenths fewer in
    /// ten minutes, and five minutes for a stop, which is the stabilisation window that autoscalers have
    /// (kubernetes.io, "Horizontal Pod Autoscaling", default behavior).
    public static let usual: StepLimits = {
        var limits = StepLimits()
        limits.startsShare = Fraction(0.5)
        limits.stopsShare = Fraction(0.1)
        limits.windowStopsShare = Fraction(0.3)
        limits.stopWindow = Nanoseconds(seconds: 300)
        limits.keepsCover = true
        return limits
    }()
}

/// The least and the most servers; nil for no bound.
public struct ServerBounds: Hashable, Codable, Sendable {
    public var min: Int?
    public var max: Int?

    /// - Parameters:
    ///   - min: at least 0.
    ///   - max: at least `min`.
    public init(min: Int? = nil, max: Int? = nil) {
        self.min = min
        self.max = max
    }

    /// The nearest number inside; the most counts where the bounds contradict each other.
    func bounding(_ count: Int) -> Int { Swift.min(Swift.max(count, min ?? 0), max ?? .max) }
}

/// A rule that keeps a plan from being carried out in full.
public enum StepRule: String, Hashable, Codable, Sendable, CaseIterable {
    /// A model whose load is not believed loses no server.
    case modelHeld = "H1"
    /// Too little is believed to touch the fleet at all.
    case fleetHeld = "H2"
    /// So many starts or stops at once, or within the window.
    case step = "S1"
    /// A stop waits until the plan has asked for it for long enough.
    case stopWindow = "S2"
    /// Bounds of a pair, a model, the fleet or its power.
    case bounds = "S3"
    /// What is needed stays covered.
    case cover = "S4"
    /// A pair that was started and stopped to and fro.
    case breaker = "S5"
    /// What was ordered has not come.
    case lagging = "A1"
    /// Somebody else changes the same pair.
    case drift = "A4"
    /// The load cannot be served: nothing is stopped for it.
    case infeasible = "P1"
    /// Nobody knows what runs.
    case inventory = "P4"
    /// The first decision after a start stops nothing.
    case restart = "R2"
    /// A person has stopped the controller.
    case paused
}

/// What a rule has cut from a decision.
public struct StepCut: Hashable, Codable, Sendable {
    public let rule: StepRule
    /// nil where the rule holds for the fleet or for a model.
    public let model: ModelID?
    public let serverType: ServerTypeID?
    /// Servers that a pair was to have and has after the rule; of a model or the fleet, servers to be started
    /// or stopped.
    public let asked: Int
    public let allowed: Int

    public init(rule: StepRule, model: ModelID?, serverType: ServerTypeID?, asked: Int, allowed: Int) {
        self.rule = rule
        self.model = model
        self.serverType = serverType
        self.asked = asked
        self.allowed = allowed
    }
}

/// What the limits remember between decisions.
struct StepRecord: Hashable, Codable, Sendable {
    /// What the plan has asked for lately, as N[m, h], the oldest first.
    var asked: [Ask] = []
    /// Since when each model has been believed; nil where it is not.
    var trustedSince: [Nanoseconds?] = []
    /// Servers stopped lately, the oldest first.
    var stops: [Stops] = []
    /// What was started and stopped since the interval began.
    var startsNow = 0
    var stopsNow = 0
    /// Whether anything has ever run or been started.
    var hasRun = false

    struct Ask: Hashable, Codable, Sendable {
        let at: Nanoseconds
        let counts: ProvisioningProblem.Counts
    }

    struct Stops: Hashable, Codable, Sendable {
        let at: Nanoseconds
        let count: Int
    }
}
