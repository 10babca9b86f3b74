/// How an engine forms its steps. All are continuous batching but `static`.
public enum BatchingPolicy: String, CaseIterable, Sendable, Hashable {
    /// vLLM's scheduler (V1): running requests first, then waiting ones, within one budget of tokens.
    case vllm
    /// The same, but a request is admitted once its whole answer has room, and never preempted
    /// (TensorRT-LLM's GUARANTEED_NO_EVICT).
    case noEvict = "trtllm"
    /// SGLang's: prompts before answers, admission by an expected share of the answers, retraction.
    case sglang
    /// Whole prompts in steps of their own before answers go on (vLLM's before chunked prefill, Orca's).
    case continuous
    /// A batch is taken together and ends before the next begins.
    case `static`
    /// llama.cpp's server: slots that hold a request each.
    case llamaCpp = "llamacpp"

    /// Whether a request is admitted only where its whole answer has room.
    var keepsRoomForAnswers: Bool { self == .noEvict || self == .static || self == .llamaCpp }
}

/// Which part of a request an engine does.
public enum EngineRole: String, CaseIterable, Sendable, Hashable {
    case mixed
    case prefill
    case decode
}

/// The rules of one engine. Defaults are those of vLLM 0.19.
public struct EngineSetup: Sendable, Hashable {
    public var policy = BatchingPolicy.vllm
    public var role = EngineRole.mixed
    /// Blocks of keys and values that requests can hold; of vLLM's `num_gpu_blocks` one is reserved.
    public var blocks: Int
    public var blockTokens = 16
    /// Requests that a step may hold (`max_num_seqs`).
    public var sequencesMax = 256
    /// Tokens that a step may process (`max_num_batched_tokens`); at least `sequencesMax`.
    public var tokenBudget = 2048
    /// Whether a prompt may be cut into pieces (`enable_chunked_prefill`).
    public var cutsPrompts = true
    /// Tokens of one prompt that a step may process; nil for what the budget leaves.
    public var pieceTokensMax: Int?
    /// Whether freed blocks are found again (`enable_prefix_caching`).
    public var keepsContent = true
    /// Whether a request waits until all that is known of it fits (`scheduler_reserve_full_isl`).
    public var reservesWholePrompt = true
    /// Of running requests, the one with the lowest priority is preempted and not the last one admitted;
    /// waiting ones are admitted by priority.
    public var byPriority = false
    /// Drafted tokens that steps verify; nil generates one token a step.
    public var speculation: Speculation?
    /// Whether a step is planned while the one before runs (vLLM's `async_scheduling`): the work of the host
    /// hides behind that of the device, and what ends or comes during a step is seen one step later.
    public var plansAhead = false
    /// Groups of accelerators that hold successive layers, each busy with a batch of its own.
    public var stages = 1
    /// Picoseconds that a batch takes from one stage to the next, and of each of its tokens.
    public var sendTime: Int64 = 0
    public var sendTimePerToken: Int64 = 0

    /// Where blocks are sought that the device does not hold, in this order: places among the cluster's
    /// tiers.
    public var tiers: [Int] = []
    public var tierChoice = TierChoice.load

    public init(blocks: Int) { self.blocks = blocks }

    /// The rules that count under the policy: those that read whole prompts know no pieces.
    var effective: EngineSetup {
        var own = self
        if policy == .continuous || policy == .static {
            own.pieceTokensMax = nil
            own.cutsPrompts = true
        }
        if policy == .llamaCpp {
            own.pieceTokensMax = nil
            own.cutsPrompts = true
            own.keepsContent = false
        }
        if policy != .vllm { own.byPriority = false }
        return own
    }

    /// Tokens that a generating sequence puts through a step.
    var tokensPerDecode: Int { 1 + (speculation?.drafted ?? 0) }

    /// Tokens that a generating sequence has room for beyond those it has: drafted ones, as long as nobody
    /// knows which of them stay.
    var lookahead: Int { role == .prefill ? 0 : speculation?.drafted ?? 0 }

    /// What keeps these rules from being played; nil where nothing does.
    public var fault: String? {
        if blocks < 1 { return "no room for keys and values: \(blocks) blocks" }
        if blockTokens < 1 || sequencesMax < 1 || tokenBudget < 1 { return "a limit below 1" }
        if let fault = speculation?.fault { return fault }
        if tokenBudget < sequencesMax * tokensPerDecode {
            let each = tokensPerDecode == 1 ? "" : " of \(tokensPerDecode) tokens each"
            return "a token budget of \(tokenBudget) below \(sequencesMax) sequences\(each)"
        }
        if policy == .llamaCpp, role != .mixed {
            return "llama.cpp's slots read and generate: no role of its own"
        }
        if stages < 1 || sendTime < 0 || sendTimePerToken < 0 { return "\(stages) stages of a pipeline" }
        if stages > 1, policy != .vllm, policy != .noEvict {
            return "a pipeline of stages under \(policy.rawValue), known for vllm and trtllm"
        }
        if stages > 1, plansAhead { return "steps planned ahead beside a pipeline of stages" }
        if !tiers.isEmpty {
            if !keepsContent || policy == .llamaCpp { return "tiers below a device that keeps no content" }
            if role == .decode { return "tiers of an engine that reads no prompts" }
            if tiers.count > CacheTier.tiersMax || Set(tiers).count < tiers.count {
                return "tiers \(tiers), expected \(CacheTier.tiersMax) at most and each once"
            }
        }
        if let pieceTokensMax, pieceTokensMax < 1 { return "pieces of \(pieceTokensMax) tokens" }
        return nil
    }
}
