/// A number that a stage draws: milliseconds, tokens, items or rounds.
public enum DrawnNumber: Hashable, Sendable {
    case fixed(Double)
    /// Between two bounds, all alike.
    case uniform(lower: Double, upper: Double)
    case exponential(mean: Double)
    /// `median * exp(sigma * Z)` with Z standard normal, cut to `lower...upper`.
    case logNormal(median: Double, sigma: Double, lower: Double, upper: Double)
}

/// Servers that take requests from one queue, such as an embedder, an index or a reranker.
public struct ServingStation: Hashable, Sendable {
    public var name: String
    public var servers: Int
    /// Requests that a server takes together.
    public var batchMax: Int
    /// Of a batch.
    public var milliseconds: DrawnNumber
    /// For every item of a batch.
    public var itemMilliseconds: Double
    /// For every token of the contexts in a batch.
    public var tokenMicroseconds: Double
    /// Where the times come from.
    public var source: String

    public init(
        name: String, servers: Int = 1, batchMax: Int = 1, milliseconds: DrawnNumber,
        itemMilliseconds: Double = 0, tokenMicroseconds: Double = 0, source: String
    ) {
        self.name = name
        self.servers = servers
        self.batchMax = batchMax
        self.milliseconds = milliseconds
        self.itemMilliseconds = itemMilliseconds
        self.tokenMicroseconds = tokenMicroseconds
        self.source = source
    }
}

/// One stage of what a request walks.
public struct ServingPipelineStage: Hashable, Sendable {
    /// A call of a language model.
    public struct Call: Hashable, Sendable {
        /// A pool, and the longest prompt that goes there; nil for any.
        public struct Target: Hashable, Sendable {
            public var pool: String
            public var promptMax: Int?

            public init(pool: String, promptMax: Int? = nil) {
                self.pool = pool
                self.promptMax = promptMax
            }
        }

        /// By longest prompt, ascending; the last one takes any.
        public var targets: [Target]
        /// Tokens that are put behind the context before it is read.
        public var addedTokens: DrawnNumber
        /// Reads the prompt that the request came with and not what other stages put behind it.
        public var startsOver: Bool
        /// nil for as many as the request asks for.
        public var outputTokens: DrawnNumber?
        /// Calls beside each other that read the same.
        public var copies: DrawnNumber
        public var keeps: Keeps

        public init(
            targets: [Target], addedTokens: DrawnNumber = .fixed(0), startsOver: Bool = false,
            outputTokens: DrawnNumber? = nil, copies: DrawnNumber = .fixed(1), keeps: Keeps = .one
        ) {
            self.targets = targets
            self.addedTokens = addedTokens
            self.startsOver = startsOver
            self.outputTokens = outputTokens
            self.copies = copies
            self.keeps = keeps
        }
    }

    /// What of a call's answers later calls read.
    public enum Keeps: String, CaseIterable, Hashable, Codable, Sendable { case one, all, none }

    public enum Work: Hashable, Sendable {
        case call(Call)
        case station(String, items: DrawnNumber)
        case pause(milliseconds: DrawnNumber)
    }

    /// Whether a request takes the stage.
    public enum Condition: Hashable, Sendable {
        case always
        /// By a draw of its own.
        case chance(Double)
        /// The hardest requests alone; all stages agree which these are.
        case hardest(Double)
    }

    /// A way back to an earlier stage.
    public struct Loop: Hashable, Sendable {
        public var stage: String
        /// Rounds after the first.
        public var times: DrawnNumber

        public init(stage: String, times: DrawnNumber) {
            self.stage = stage
            self.times = times
        }
    }

    public var name: String
    public var work: Work
    /// Names of the stages that are done before.
    public var after: [String]
    public var condition: Condition
    public var loop: Loop?

    public init(
        name: String, work: Work, after: [String], condition: Condition = .always, loop: Loop? = nil
    ) {
        self.name = name
        self.work = work
        self.after = after
        self.condition = condition
        self.loop = loop
    }
}

/// The stages that requests of some classes walk.
public struct ServingPipeline: Hashable, Sendable {
    /// Empty for every class that no other pipeline names.
    public var classes: [String]
    public var stages: [ServingPipelineStage]
    /// The calls whose tokens the user may see: of those that a request takes, the last one. Empty for every
    /// call.
    public var answers: [String]

    public init(classes: [String] = [], stages: [ServingPipelineStage], answers: [String] = []) {
        self.classes = classes
        self.stages = stages
        self.answers = answers
    }

    /// What tells it apart in tables.
    public var name: String { classes.isEmpty ? "all" : classes.joined(separator: ", ") }
}
