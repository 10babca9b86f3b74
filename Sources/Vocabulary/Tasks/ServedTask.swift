import Quantities

/// Something that is asked for and that several models can answer, each with an accuracy of its own: loads
/// are given for the task, servers for its variants.
public struct ServedTask: Hashable, Codable, Sendable {
    /// A model that may answer.
    public struct Variant: Hashable, Codable, Sendable {
        public let model: ModelID
        public let accuracy: ModelAccuracy
        /// The most of the task's load that it may answer; nil for all.
        public let shareMax: Fraction?

        public init(model: ModelID, accuracy: ModelAccuracy, shareMax: Fraction? = nil) {
            self.model = model
            self.accuracy = accuracy
            self.shareMax = shareMax
        }
    }

    /// The name that traces and demands call it by.
    public let id: ModelID
    /// The most accurate first.
    public let variants: [Variant]
    /// The least that the mean accuracy over all queries may be; nil for any.
    public let meanFloor: Fraction?
    /// The least accuracy of a variant that may answer at all; nil for any.
    public let queryFloor: Fraction?

    /// - Precondition: there is a variant.
    public init(
        id: ModelID, variants: [Variant], meanFloor: Fraction? = nil, queryFloor: Fraction? = nil
    ) {
        precondition(!variants.isEmpty, "a task has a variant")
        self.id = id
        self.variants = variants.sorted {
            ($1.accuracy.value, $0.model) < ($0.accuracy.value, $1.model)
        }
        self.meanFloor = meanFloor
        self.queryFloor = queryFloor
    }

    /// Those that may answer a query, the most accurate first.
    public var admitted: [Variant] {
        variants.filter { variant in queryFloor.map { variant.accuracy.value >= $0 } ?? true }
    }

    /// The same with another floor on the mean.
    public func replacingFloor(_ floor: Fraction?) -> ServedTask {
        ServedTask(id: id, variants: variants, meanFloor: floor, queryFloor: queryFloor)
    }
}

/// How a task's load was split over its variants, and what that comes to.
public struct TaskSplit: Hashable, Codable, Sendable {
    /// What one variant answers.
    public struct Share: Hashable, Codable, Sendable {
        public let model: ModelID
        public let load: QueriesPerSecond
        public let accuracy: Fraction

        public init(model: ModelID, load: QueriesPerSecond, accuracy: Fraction) {
            self.model = model
            self.load = load
            self.accuracy = accuracy
        }
    }

    public let task: ModelID
    public let load: QueriesPerSecond
    /// The most accurate variant first; those that answer nothing are left out.
    public let shares: [Share]
    public let meanFloor: Fraction?
    /// What the floor costs at the margin: the objective's units for one more point of mean accuracy; nil
    /// without a floor.
    public let costOfPoint: Double?

    public init(
        task: ModelID, load: QueriesPerSecond, shares: [Share], meanFloor: Fraction?, costOfPoint: Double?
    ) {
        self.task = task
        self.load = load
        self.shares = shares
        self.meanFloor = meanFloor
        self.costOfPoint = costOfPoint
    }

    /// Over the load that is answered; nil where none is.
    public var meanAccuracy: Fraction? {
        let served = shares.reduce(0) { $0 + $1.load.value }
        guard served > 0 else { return nil }
        return Fraction(shares.reduce(0) { $0 + $1.load.value * $1.accuracy.value } / served)
    }
}

/// A plan whose loads are split over variants.
public struct VariantPlan: Hashable, Codable, Sendable {
    /// Servers by variant; shortfalls by task.
    public let plan: Plan
    public let splits: [TaskSplit]

    public init(plan: Plan, splits: [TaskSplit]) {
        self.plan = plan
        self.splits = splits
    }
}

/// What the answers of one policy to one task were worth over a replay.
public struct TaskService: Hashable, Codable, Sendable {
    public let policy: String
    public let task: ModelID
    /// Over the queries that were answered; nil where none was.
    public let meanAccuracy: Fraction?
    /// The share of answered queries that fell in intervals whose mean accuracy was below the floor; nil
    /// without a floor.
    public let belowFloor: Fraction?
    /// The share of intervals in which the load exceeded what all variants' servers could answer.
    public let violated: Fraction
    /// The share of queries beyond that.
    public let unserved: Fraction

    public init(
        policy: String, task: ModelID, meanAccuracy: Fraction?, belowFloor: Fraction?, violated: Fraction,
        unserved: Fraction
    ) {
        self.policy = policy
        self.task = task
        self.meanAccuracy = meanAccuracy
        self.belowFloor = belowFloor
        self.violated = violated
        self.unserved = unserved
    }
}

/// Several ways to choose variants, played against one trace.
public struct VariantReplay: Sendable {
    public let trace: Trace
    public let tasks: [ServedTask]
    /// Loads and capacities by variant.
    public let timelines: [Timeline]
    /// By policy, then by task, in the order of the timelines.
    public let services: [TaskService]

    public init(trace: Trace, tasks: [ServedTask], timelines: [Timeline], services: [TaskService]) {
        self.trace = trace
        self.tasks = tasks
        self.timelines = timelines
        self.services = services
    }
}

/// Power at one floor on the mean accuracy.
public struct FloorPoint: Hashable, Sendable {
    public let floor: Fraction
    /// nil where no plan was found.
    public let watts: Watts?
    public let bound: Double?
    public let meanAccuracy: Fraction?

    public init(floor: Fraction, watts: Watts?, bound: Double?, meanAccuracy: Fraction?) {
        self.floor = floor
        self.watts = watts
        self.bound = bound
        self.meanAccuracy = meanAccuracy
    }
}
