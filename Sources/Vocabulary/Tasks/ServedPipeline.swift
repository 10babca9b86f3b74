import Quantities

/// A request that several models answer one after another: each stage is one model, and the limit is on the
/// whole.
///
/// Loads are given for the pipeline. Its stages become demands by how often a request visits them.
public struct ServedPipeline: Hashable, Codable, Sendable {
    /// A model that requests visit.
    public struct Stage: Hashable, Codable, Sendable {
        public let name: String
        public let model: ModelID
        /// Of a request, in the mean: below 1 the share of requests that visit it, above 1 visits that begin
        /// together. The stage is done with the last of them.
        public let visits: Double
        /// Places of earlier stages that are done before this one begins; empty for the beginning.
        public let after: [Int]

        public init(name: String, model: ModelID, visits: Double = 1, after: [Int]) {
            self.name = name
            self.model = model
            self.visits = visits
            self.after = after
        }

        /// The most visits of one request.
        public var visitsMax: Int { max(1, Int(visits.rounded(.up))) }
    }

    /// The name that traces and demands call it by.
    public let id: ModelID
    /// In an order in which each comes after those that it waits for.
    public let stages: [Stage]
    /// From a request's arrival until every last stage has answered; of a language model that is a last
    /// stage, until its first token.
    public let target: LatencyTarget

    /// - Precondition: stages come after earlier ones.
    public init(id: ModelID, stages: [Stage], target: LatencyTarget) {
        precondition(
            stages.enumerated().allSatisfy { place, stage in stage.after.allSatisfy { $0 < place } },
            "stages come after those that they wait for")
        self.id = id
        self.stages = stages
        self.target = target
    }

    /// The name of a stage among demands and plans.
    public func demandID(of stage: Int) -> ModelID { ModelID("\(id).\(stages[stage].name)") }

    /// Whether nothing waits for a stage, so that it answers the user.
    public func isLast(_ stage: Int) -> Bool { !stages.contains { $0.after.contains(stage) } }

    /// The longest way through the stages where each takes a time of its own. O(stages).
    public func longest(_ times: [Double]) -> Double {
        var ends: [Double] = []
        for (stage, time) in zip(stages, times) {
            ends.append((stage.after.map { ends[$0] }.max() ?? 0) + time)
        }
        return ends.max() ?? 0
    }

    /// The quantile of one visit that stands for the pipeline's own quantile at a stage: of several visits
    /// that begin together none may be late, so that each is held to a part of what may be.
    public func quantile(of stage: Int) -> Quantile {
        Quantile(1 - (1 - target.quantile.value) / Double(stages[stage].visitsMax))
    }

    /// The quantile of visits of a stage that certainly end within the pipeline's limit wherever the pipeline
    /// meets its target: requests that are late may have all their visits late, and of a stage that few
    /// requests visit these may be many. nil where all of them may be.
    public func leastQuantile(of stage: Int) -> Quantile? {
        let stage = stages[stage]
        let late = (1 - target.quantile.value) * Double(stage.visitsMax) / stage.visits
        return late < 1 ? Quantile(1 - late) : nil
    }
}

/// How a pipeline's limit is split over its stages, and what a simulation of all of them says.
public struct PipelineSplit: Hashable, Sendable {
    /// What a stage was given and what it did.
    public struct Stage: Hashable, Sendable {
        public let stage: ServedPipeline.Stage
        public let demandID: ModelID
        public let load: QueriesPerSecond
        /// The limit that the stage's replicas were rated under, at `quantile`.
        public let budget: Nanoseconds
        public let quantile: Quantile
        /// Provisioned power of its replicas, with their parts of the boxes' idle power.
        public let watts: Watts
        /// The time of a request in the stage in the simulation of the whole, at the pipeline's quantile; nil
        /// where no request visited it.
        public let simulated: Nanoseconds?

        public init(
            stage: ServedPipeline.Stage, demandID: ModelID, load: QueriesPerSecond, budget: Nanoseconds,
            quantile: Quantile, watts: Watts, simulated: Nanoseconds?
        ) {
            self.stage = stage
            self.demandID = demandID
            self.load = load
            self.budget = budget
            self.quantile = quantile
            self.watts = watts
            self.simulated = simulated
        }
    }

    public let pipeline: ServedPipeline
    public let load: QueriesPerSecond
    public let stages: [Stage]
    public let trial: PipelineTrialFigures?

    public init(
        pipeline: ServedPipeline, load: QueriesPerSecond, stages: [Stage], trial: PipelineTrialFigures?
    ) {
        self.pipeline = pipeline
        self.load = load
        self.stages = stages
        self.trial = trial
    }
}

/// What a simulation of all stages of a pipeline says.
public struct PipelineTrialFigures: Hashable, Sendable {
    /// That were counted.
    public let requests: Int
    /// The share of requests that kept every limit.
    public let attained: Fraction
    public let asked: Fraction
    /// Of whole requests at the quantile asked for; nil where too many were never answered.
    public let latency: Nanoseconds?
    /// By stage, of requests that visited it.
    public let stages: [Nanoseconds?]

    public init(
        requests: Int, attained: Fraction, asked: Fraction, latency: Nanoseconds?, stages: [Nanoseconds?]
    ) {
        self.requests = requests
        self.attained = attained
        self.asked = asked
        self.latency = latency
        self.stages = stages
    }

    /// Whether the share asked for lies within the 95 % interval of the one attained, or below it.
    public var holds: Bool {
        SharedBoxPlan.Check.holds(attained: attained, asked: asked, requests: requests)
    }
}

/// What came of budgets that reach so far over the limits.
public struct PipelineReach: Hashable, Sendable {
    /// The longest way through a pipeline's budgets, over its limit.
    public let reach: Double
    public let watts: Watts
    /// The least share of a pipeline's requests that kept every limit in the simulation; nil without one.
    public let attained: Fraction?
    public let isConfirmed: Bool

    public init(reach: Double, watts: Watts, attained: Fraction?, isConfirmed: Bool) {
        self.reach = reach
        self.watts = watts
        self.attained = attained
        self.isConfirmed = isConfirmed
    }
}
