import Quantities

/// A whole job, from profiling to replay, as a person writes it down.
public struct Scenario: Hashable, Codable, Sendable {
    public var id: String
    public var title: String
    public var seed: UInt64
    /// The models served, already cut to the table sizes the scenario asks for.
    public var models: [Model]
    public var fleet: Fleet
    /// The definition of every type in the fleet, in name order.
    public var serverTypes: [ServerType]
    /// nil where the scenario names none: its plans need loads, and nothing can be replayed.
    public var trace: Trace?
    public var profile: ProfileSettings
    public var search: SearchSettings
    /// What plans minimise, and under which constraints; nil minimises provisioned power. Replays ignore it.
    public var plan: PlanGoal?
    public var replay: ReplaySettings
    /// What is imported before anything is searched; nil for nothing.
    public var imports: [ScenarioImport]?
    /// Which kinds of evidence count, the strongest first; nil for the order of `EvidenceKind`.
    public var evidence: [EvidenceKind]?
    /// How far the types' efficiencies are assumed to lie apart, over how far they were found to: see
    /// `EfficiencyTable.spread`. nil for as they were found.
    public var efficiencySpread: Double?
    /// What is asked for and several of the models can answer; nil where every model is asked for itself.
    public var tasks: [ServedTask]?
    /// Requests that several of the models answer one after another; nil where there are none.
    public var pipelines: [ServedPipeline]?

    public init(
        id: String, title: String, seed: UInt64, models: [Model], fleet: Fleet, serverTypes: [ServerType],
        trace: Trace?, profile: ProfileSettings, search: SearchSettings, plan: PlanGoal? = nil,
        replay: ReplaySettings, imports: [ScenarioImport]? = nil, evidence: [EvidenceKind]? = nil,
        efficiencySpread: Double? = nil, tasks: [ServedTask]? = nil, pipelines: [ServedPipeline]? = nil
    ) {
        self.tasks = tasks
        self.pipelines = pipelines
        self.id = id
        self.title = title
        self.seed = seed
        self.models = models
        self.fleet = fleet
        self.serverTypes = serverTypes
        self.trace = trace
        self.profile = profile
        self.search = search
        self.plan = plan
        self.replay = replay
        self.imports = imports
        self.evidence = evidence
        self.efficiencySpread = efficiencySpread
    }
}

/// How the models are measured on this machine.
public struct ProfileSettings: Hashable, Codable, Sendable {
    /// The batch sizes (D) of the grid, ascending; thread counts follow from the cores.
    public var batches: [Int]
    /// How long load is offered in each cell of the grid.
    public var cellDuration: Nanoseconds
    /// Load offered in a cell, as a share of the cell's own saturation throughput.
    public var loadFraction: Fraction
    /// How long the live check of the best schedule lasts.
    public var confirmationDuration: Nanoseconds
    /// nil for the standard engine.
    public var engine: EngineSettings?
    /// Which ways to run a model on this machine are measured; nil for `whole` alone.
    public var partitions: [ThreadSchedule.Partition]?
    /// In which precisions models are measured; nil for `default` alone.
    public var precisions: [Precision]?
    /// How long pieces of several queries wait to be joined in one batch, each measured beside schedules that
    /// join none; empty joins none, and nil leaves it to the model (`Model.joinWaits`).
    public var joinWaits: [Nanoseconds]?

    public init(
        batches: [Int] = [1, 4, 16, 64, 256], cellDuration: Nanoseconds = Nanoseconds(seconds: 1),
        loadFraction: Fraction = Fraction(0.7), confirmationDuration: Nanoseconds = Nanoseconds(seconds: 4),
        engine: EngineSettings? = nil, partitions: [ThreadSchedule.Partition]? = nil,
        precisions: [Precision]? = nil, joinWaits: [Nanoseconds]? = nil
    ) {
        self.batches = batches
        self.cellDuration = cellDuration
        self.loadFraction = loadFraction
        self.confirmationDuration = confirmationDuration
        self.engine = engine
        self.partitions = partitions
        self.precisions = precisions
        self.joinWaits = joinWaits
    }
}

/// How schedules are searched.
public struct SearchSettings: Hashable, Codable, Sendable {
    /// The method's name, for example `gradient`.
    public var method: String
    /// The batch sizes (D) of the space, ascending.
    public var batches: [Int]
    /// How many queries each simulated evaluation draws.
    public var queries: Int

    public init(
        method: String = "gradient", batches: [Int] = [1, 4, 16, 64, 256, 1024], queries: Int = 4000
    ) {
        self.method = method
        self.batches = batches
        self.queries = queries
    }
}

/// How a trace is replayed.
public struct ReplaySettings: Hashable, Codable, Sendable {
    /// Names of the policies, in the order they are reported.
    public var policies: [String]
    /// The policy whose savings are reported against the others.
    public var subject: String
    /// The policy named as the baseline in the outcome.
    public var baseline: String
    /// The relative optimality gap at which the integer program stops.
    public var gap: Fraction
    /// How the over-provision rate R follows from history.
    public var overProvision: OverProvisionRule
    /// Forecasts, fleet dynamics, failures and tariffs; nil for instant servers and last-value forecasts.
    public var online: OnlineSettings?
    /// Whether servers start and stop in no time, as where no dynamics are given.
    public var startsAtOnce: Bool { online?.dynamics.isInstant ?? true }
    /// What plans minimise, and by what rules of thumb rank servers: what is billed, unless a scenario says
    /// otherwise. nil in what earlier versions stored, where it means provisioned power.
    public var objective: PlanGoal.Cost?
    /// How headroom is shared out by policies that optimise: by `risk`, unless a scenario says otherwise. nil
    /// in what earlier versions stored, where it means `quantile`.
    public var headroomRule: HeadroomRule?
    /// What starting a server adds to the objective beside what the start draws, over what the server costs
    /// in it, so that plans that are nearly as good do not change the fleet. nil for nothing, as in
    /// what earlier versions stored, and where starts take time and a scenario says nothing of it.
    public var changePrice: Fraction?
    /// The standing servers are kept, with some added or given up, where that costs at most this share more
    /// than a new plan; nil for what is proven only up to the gap, and for nothing where starts are weighed.
    public var keepWithin: Fraction?
    /// Intervals whose highest need the standing servers cover before any are given up; nil for the latest.
    public var scaleDownIntervals: Int?
    /// Servers started and stopped in a day, over all models, that the price on changes is moved to come to;
    /// nil where that price is fixed.
    public var changesPerDay: Double?
    /// What runs today, for the policy `current`; nil where nobody says.
    public var current: CurrentAllocation?
    /// What plans have to survive without any model falling short of its forecast load with headroom; nil for
    /// nothing.
    public var survives: PlanConstraints.Survival?
    /// What is also played query by query; nil for nothing.
    public var requestLevel: TraceWindow?

    public init(
        policies: [String] = ["static", "oblivious", "greedy", "priority", "hercules"],
        subject: String = "hercules", baseline: String = "static", gap: Fraction = Fraction(0.001),
        overProvision: OverProvisionRule = OverProvisionRule(), online: OnlineSettings? = nil,
        objective: PlanGoal.Cost? = .drawn,
        headroomRule: HeadroomRule? = .risk, changePrice: Fraction? = nil, keepWithin: Fraction? = nil,
        scaleDownIntervals: Int? = nil, changesPerDay: Double? = nil,
        current: CurrentAllocation? = nil, survives: PlanConstraints.Survival? = nil
    ) {
        self.changePrice =
            changePrice ?? (online?.dynamics.isInstant ?? true ? Self.usualChangePrice : nil)
        self.keepWithin = keepWithin
        self.scaleDownIntervals = scaleDownIntervals
        self.changesPerDay = changesPerDay
        self.survives = survives
        self.current = current
        self.objective = objective
        self.headroomRule = headroomRule
        self.policies = policies
        self.subject = subject
        self.baseline = baseline
        self.gap = gap
        self.overProvision = overProvision
        self.online = online
    }

    /// Of scenarios that say nothing of it and whose servers start for free. On the shipped week with eight
    /// models it takes a quarter of the changes for 0.2 % of the energy; half of them would take 1 %.
    public static let usualChangePrice = Fraction(0.05)
}

/// How headroom is shared out.
public enum HeadroomRule: String, Hashable, Codable, Sendable, CaseIterable {
    /// Each model gets the same quantile of its own errors.
    case quantile
    /// One price for a violated pair, whichever model's, so that the share aimed at is met over all of them
    /// at the least cost.
    case risk
}

/// The over-provision rate R: headroom over the forecast load, learnt from how far loads have exceeded their
/// forecasts. With last-value forecasts that is how loads have grown from one interval to the next.
public struct OverProvisionRule: Hashable, Codable, Sendable {
    /// R while too few intervals have been seen for the quantile.
    public var initial: Fraction
    /// The quantile of the relative excess over the forecast, over the window, that R covers: 1 less the
    /// probability of a violation that is aimed at.
    public var quantile: Quantile
    /// How many intervals of history count.
    public var window: Int

    public init(
        initial: Fraction = Fraction(0.1), quantile: Quantile = Quantile(0.99), window: Int = 96
    ) {
        self.initial = initial
        self.quantile = quantile
        self.window = window
    }
}

/// The recipe of a synthetic trace; the same recipe and seed give the same trace.
public struct TraceRecipe: Hashable, Codable, Sendable {
    /// The shape of one service's load, as shares of its own peak before noise.
    public struct Service: Hashable, Codable, Sendable {
        /// The column name in the trace file.
        public var name: String
        /// Hour of the day, 0..<24, of the daily maximum.
        public var peakHour: Double
        /// Load at the daily minimum over load at the daily maximum.
        public var troughFraction: Fraction
        /// Load on Saturday and Sunday over load on a working day.
        public var weekendFraction: Fraction
        /// Standard deviation of the relative noise, which has a memory of about half an hour.
        public var noise: Fraction
        /// Bursts a day on average.
        public var burstsPerDay: Double
        /// Height of a burst over the load it rides on.
        public var burstHeight: Fraction

        public init(
            name: String, peakHour: Double, troughFraction: Fraction, weekendFraction: Fraction,
            noise: Fraction, burstsPerDay: Double, burstHeight: Fraction
        ) {
            self.name = name
            self.peakHour = peakHour
            self.troughFraction = troughFraction
            self.weekendFraction = weekendFraction
            self.noise = noise
            self.burstsPerDay = burstsPerDay
            self.burstHeight = burstHeight
        }
    }

    public var id: String
    public var seed: UInt64
    public var days: Int
    public var interval: Nanoseconds
    /// Seconds since 1970-01-01T00:00:00Z of the first interval.
    public var startUnixSeconds: Int64
    public var services: [Service]

    public init(
        id: String, seed: UInt64, days: Int, interval: Nanoseconds, startUnixSeconds: Int64,
        services: [Service]
    ) {
        self.id = id
        self.seed = seed
        self.days = days
        self.interval = interval
        self.startUnixSeconds = startUnixSeconds
        self.services = services
    }
}
