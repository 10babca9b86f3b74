import Quantities

/// What one schedule was found to be worth: one point of the search surface.
public struct ScheduleEvaluation: Hashable, Codable, Sendable {
    public let schedule: Schedule
    /// Latency-bounded throughput: the highest Poisson rate that meets the latency target and the power
    /// budget; zero where none does.
    public let throughput: QueriesPerSecond
    /// Power at that rate.
    public let power: Watts
    /// Whether the value rests on service times measured here or modelled.
    public let provenance: Provenance
    /// Half the width of the throughput's 95 % confidence interval, as a share of it; nil where the value is
    /// exact up to the resolution of the search for the rate.
    public let uncertainty: Fraction?

    public init(
        schedule: Schedule, throughput: QueriesPerSecond, power: Watts, provenance: Provenance,
        uncertainty: Fraction? = nil
    ) {
        self.schedule = schedule
        self.throughput = throughput
        self.power = power
        self.provenance = provenance
        self.uncertainty = uncertainty
    }
}

/// The best schedule found for one model on one server type, and what the planner needs of it.
public struct EfficiencyEntry: Hashable, Codable, Sendable {
    public let model: ModelID
    public let serverType: ServerTypeID
    public let target: LatencyTarget
    /// nil when power was not limited.
    public let powerBudget: Watts?
    public let schedule: Schedule
    public let throughput: QueriesPerSecond
    public let power: Watts
    public let powerProvenance: PowerProvenance
    public let provenance: Provenance
    /// The search method's name.
    public let method: String
    /// How many schedules were evaluated.
    public let evaluations: Int
    /// How many schedules there are.
    public let spaceSize: Int
    /// What live load said of the schedule; nil where it was not tried.
    public var check: LiveCheck?

    public init(
        model: ModelID, serverType: ServerTypeID, target: LatencyTarget, powerBudget: Watts?,
        schedule: Schedule,
        throughput: QueriesPerSecond, power: Watts, powerProvenance: PowerProvenance, provenance: Provenance,
        method: String, evaluations: Int, spaceSize: Int, check: LiveCheck? = nil
    ) {
        self.check = check
        self.model = model
        self.serverType = serverType
        self.target = target
        self.powerBudget = powerBudget
        self.schedule = schedule
        self.throughput = throughput
        self.power = power
        self.powerProvenance = powerProvenance
        self.provenance = provenance
        self.method = method
        self.evaluations = evaluations
        self.spaceSize = spaceSize
    }

    /// The method of an entry that stands for "nobody knows": its throughput is zero, so that no plan uses
    /// it.
    public static let unknownMethod = "no figure"

    /// Whether nothing is known of the pair.
    public var isUnknown: Bool { method == Self.unknownMethod }

    /// Queries per joule at the latency-bounded throughput.
    public var queriesPerJoule: Double { throughput / power }
}

/// How a search ended, or that it has not.
public enum SearchStop: String, Hashable, Codable, Sendable, CaseIterable {
    /// Still going, or killed.
    case running
    /// Every schedule has been evaluated, or cannot do better than the best by a bound that holds.
    case exhausted
    /// Nothing left was expected to do better.
    case converged
    /// The budget of evaluations was spent.
    case evaluations
    /// The budget of time was spent.
    case seconds
    /// Somebody stopped it.
    case interrupted

    /// Whether going on would change nothing.
    public var isFinal: Bool { self == .exhausted || self == .converged }
}

/// The outcome of one search: the entry and every evaluation in the order it was made.
public struct SearchOutcome: Hashable, Codable, Sendable {
    /// nil when no schedule meets the constraints.
    public let entry: EfficiencyEntry?
    public let model: ModelID
    public let serverType: ServerTypeID
    public let evaluations: [ScheduleEvaluation]
    /// The accepted steps, a subsequence of the evaluated schedules, from the start to the best.
    public let path: [Schedule]
    public let stop: SearchStop

    public init(
        entry: EfficiencyEntry?, model: ModelID, serverType: ServerTypeID, evaluations: [ScheduleEvaluation],
        path: [Schedule], stop: SearchStop = .converged
    ) {
        self.entry = entry
        self.model = model
        self.serverType = serverType
        self.evaluations = evaluations
        self.path = path
        self.stop = stop
    }
}

/// The efficiency entries the planner works with, at most one per (model, server type).
public struct EfficiencyTable: Hashable, Sendable {
    private var entriesByPair: [ModelOnServer: EfficiencyEntry] = [:]

    /// Later entries of a pair replace earlier ones.
    public init(_ entries: some Sequence<EfficiencyEntry>) {
        for entry in entries {
            entriesByPair[ModelOnServer(model: entry.model, serverType: entry.serverType)] = entry
        }
    }

    /// The entry of a pair; nil is "not known", never "cannot".
    public subscript(model: ModelID, serverType: ServerTypeID) -> EfficiencyEntry? {
        entriesByPair[ModelOnServer(model: model, serverType: serverType)]
    }

    /// All entries ordered by model, then server type.
    public var entries: [EfficiencyEntry] {
        entriesByPair.values.sorted { ($0.model, $0.serverType) < ($1.model, $1.serverType) }
    }
}
