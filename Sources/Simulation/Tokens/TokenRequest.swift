import Quantities

/// A request to a language model: a prompt that is read and an answer that is generated.
///
/// A trivial value, so that millions pass through a simulation without an allocation.
public struct TokenRequest: BitwiseCopyable, Sendable, Hashable {
    /// What other prompts may share of a prompt, for caches of keys and values.
    public enum Prefix: BitwiseCopyable, Sendable, Hashable {
        /// Nothing.
        case none
        /// The first tokens, with every request of the same group, such as a system prompt.
        case group(id: UInt32, tokens: Int32)
        /// All earlier turns of a conversation, answers included; its first tokens may be a group's.
        case session(id: UInt32, group: UInt32 = 0, groupTokens: Int32 = 0)
        /// The first tokens of a conversation, and then something of its own.
        case branch(id: UInt32, group: UInt32, groupTokens: Int32, tokens: Int32)
        /// Blocks of content by name: a range of the workload's list of names, each for `tokens` tokens.
        case blocks(first: Int32, count: Int32, tokens: Int32)
    }

    /// When it arrives at the router.
    public var arrival: Nanoseconds
    /// Tokens of the prompt; at least 1.
    public var prompt: Int32
    /// Tokens that are generated; at least 1.
    public var output: Int32
    /// The place of the request's class among the workload's classes.
    public var kind: Int32
    /// What tells it apart; content that is its own is named by it.
    public var id: Int64
    public var prefix: Prefix
    /// The request comes before those of higher numbers, where the policy asks.
    public var priority: Int32
    /// Of a call of a stage: the request that it belongs to, the stage, and which of the stage's copies.
    var workflow: Int32 = -1
    var stage: Int32 = 0
    var copy: Int32 = 0
    /// Tokens of the answer, as the router supposes.
    var predicted: Int32 = 0

    /// Tokens in the cache when the last one is generated: all but that one.
    var cachedAtMost: Int { Int(prompt) + Int(output) - 1 }

    /// - Precondition: a prompt and an answer have tokens.
    public init(
        id: Int64, arrival: Nanoseconds, prompt: Int, output: Int, kind: Int = 0, prefix: Prefix = .none,
        priority: Int = 0
    ) {
        precondition(prompt >= 1 && output >= 1, "a request reads and generates at least one token")
        self.id = id
        self.arrival = arrival
        self.prompt = Int32(prompt)
        self.output = Int32(output)
        self.kind = Int32(kind)
        self.prefix = prefix
        self.priority = Int32(priority)
    }
}

/// What became of one request.
public struct TokenRecord: BitwiseCopyable, Sendable, Hashable {
    public var request: TokenRequest
    /// The place of the engine that generated the last token.
    public var engine: Int32
    /// When it came to the engines; of a request with stages, the call that answers.
    public var handedOver: Nanoseconds
    /// When a step first held it.
    public var scheduled: Nanoseconds
    public var firstToken: Nanoseconds
    public var lastToken: Nanoseconds
    /// When all was done, with whatever stages follow the answer.
    public var end: Nanoseconds
    public var preemptions: Int32
    /// Times that it was begun anew because its engine had failed.
    public var restarts: Int32 = 0
    /// Tokens that were generated, all of them in the end.
    var generated: Int32 = 0
    /// Prompt tokens found in the cache when it was first scheduled.
    public var cachedTokens: Int32

    /// From arrival to the first token (TTFT).
    public var timeToFirstToken: Nanoseconds { firstToken - request.arrival }
    /// From arrival to the end (E2E).
    public var endToEnd: Nanoseconds { end - request.arrival }
    /// From coming to the engines to the first step that held it.
    public var queueTime: Nanoseconds { scheduled - handedOver }

    /// Mean time of an output token after the first (TPOT), in seconds; nil of an answer of one token.
    public var timePerOutputToken: Double? {
        request.output < 2 ? nil : (lastToken - firstToken).seconds / Double(request.output - 1)
    }
}
