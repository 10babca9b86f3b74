/// What one step of an engine works on.
public struct StepShape: BitwiseCopyable, Sendable, Hashable {
    /// New tokens of prompts, and of sequences that are read again after a preemption.
    public var prefillTokens = 0
    /// Sequences they belong to.
    public var prefillSequences = 0
    /// Sum over those of the tokens already in the cache.
    public var prefillContext = 0
    /// Sum over those of q (2c + q): twice the pairs of tokens that attention compares, for q new tokens
    /// after c cached ones.
    public var prefillPairsDoubled = 0
    /// Sequences that generate from one token each.
    public var decodes = 0
    /// Sum over those of the tokens already in the cache.
    public var decodeContext = 0
    /// Sequences that get a token at the end of the step.
    public var sampled = 0

    public init() {}

    var isEmpty: Bool { decodes == 0 && prefillTokens == 0 }

    /// Tokens that go through the model.
    func tokens(perDecode: Int) -> Int { prefillTokens + decodes * perDecode }

    /// Adds a piece of a prompt.
    public mutating func addPrefill(tokens: Int, context: Int) {
        prefillTokens += tokens
        prefillSequences += 1
        prefillContext += context
        prefillPairsDoubled += tokens * (2 * context + tokens)
    }
}

/// What steps worked on, summed.
public struct StepWork: Sendable, Hashable {
    public var steps = 0
    /// Tokens that went through the model, drafted ones included.
    public var tokens = 0
    public var sampled = 0
    /// Twice the pairs of tokens that attention compared, of prompts.
    public var pairsDoubled = 0
    /// Tokens in the cache that were read, each as often as it was.
    public var context = 0

    public init() {}

    /// Adds equal steps in a row, which each bring a token to every sequence that generates.
    /// - Parameters:
    ///   - width: tokens that each of these puts through a step.
    ///   - gained: the sum over the steps of the tokens that a sequence has gained before.
    mutating func add(_ shape: StepShape, steps count: Int, width: Int, gained: Int64) {
        steps += count
        tokens += count * shape.tokens(perDecode: width)
        sampled += count * shape.sampled
        pairsDoubled += count * shape.prefillPairsDoubled
        context += count * (shape.prefillContext + shape.decodeContext) + shape.decodes * Int(gained)
    }
}

/// The time of a step that only generates, as a line over the tokens in the cache: `base + slope * context`
/// picoseconds, for contexts below `contextEnd`.
public struct DecodeLine: BitwiseCopyable, Sendable, Hashable {
    public var base: Int64
    public var slope: Int64
    public var contextEnd: Int

    public init(base: Int64, slope: Int64, contextEnd: Int = .max) {
        self.base = base
        self.slope = slope
        self.contextEnd = contextEnd
    }

    @inline(__always)
    public func time(context: Int) -> Int64 { base + slope * Int64(context) }

    /// The time of `steps` steps in a row of `sequences` sequences, the first at `context` tokens.
    @inline(__always)
    func time(context: Int, sequences: Int, steps: Int, pace: GenerationPace) -> Int64 {
        Int64(steps) * time(context: context) + slope * Int64(sequences) * pace.gainedBefore(steps)
    }
}

/// How long a step takes, in whole picoseconds.
///
/// Coefficients are whole numbers, so that the sum over a thousand steps in closed form is, to the last
/// digit, what adding them one by one comes to.
public enum StepLaw: Sendable {
    /// Lines and one roofline, as fitted or computed from data sheets.
    case linear(LinearStepLaw)
    /// Measured kernels, interpolated.
    case tables(StepTables)

    /// The time of a step that only generates, for these sequences at and above this context. O(log points).
    /// - Parameter width: tokens that each sequence puts through it, drafted ones included.
    public func decodeLine(sequences: Int, context: Int, width: Int = 1) -> DecodeLine {
        switch self {
        case .linear(let law): law.decodeLine(sequences: sequences, width: width)
        case .tables(let tables): tables.decodeLine(sequences: sequences, context: context, width: width)
        }
    }

    /// What the host does for a step, and no device.
    func host(sequences: Int) -> Int64 {
        switch self {
        case .linear(let law): law.host + law.perSequence * Int64(sequences)
        case .tables(let tables): tables.host
        }
    }

    /// The longest step that rules allow, in picoseconds, as far as it can be told: all memory in the
    /// context, and all of the budget read after it.
    public func longestStep(_ setup: EngineSetup) -> Double {
        let tokens = Double(setup.tokenBudget)
        let memory = Double(setup.blocks) * Double(setup.blockTokens)
        switch self {
        case .linear(let law):
            let matrices =
                max(Double(law.perToken + law.perSample) * tokens, Double(law.weights))
                + Double(law.perPrompt) * tokens
            let attention = Double(law.perPair) * tokens * (memory + tokens) + Double(law.perContext) * memory
            return Double(law.host) + Double(law.perSequence) * tokens + matrices + attention
                + Double(law.collectiveFixed) + Double(law.collectivePerToken) * tokens
        case .tables(let tables): return tables.longestStep(tokens: tokens, memory: memory)
        }
    }

    /// The time of any step.
    public func time(of step: StepShape, width: Int = 1) -> Int64 {
        if step.prefillTokens == 0 {
            return decodeLine(sequences: step.decodes, context: step.decodeContext, width: width)
                .time(context: step.decodeContext)
        }
        return switch self {
        case .linear(let law): law.time(of: step, width: width)
        case .tables(let tables): tables.time(of: step, width: width)
        }
    }
}

/// `host + max(compute, weights) + attention + collectives`, with matrix products on a roofline and
/// attention in series after it.
///
/// With n tokens, s sampled sequences, pairs of tokens p and tokens in the cache S:
///
///     host + perSequence * (decodes + prompts) + max(perToken * n + perSample * s, weights)
///          + perPair * p + perContext * S + perPrompt * q + collectiveFixed + collectivePerToken * n
///
/// where q of the tokens are of prompts: laws that are fitted to measured steps have no roofline, and say
/// what a token of a prompt adds to any step.
///
/// All in picoseconds.
public struct LinearStepLaw: Sendable, Hashable, Codable {
    /// Scheduling, launches and sampling on the host.
    public var host: Int64 = 0
    /// Host work for each sequence of the batch.
    public var perSequence: Int64 = 0
    /// Matrix products of one token.
    public var perToken: Int64 = 0
    /// The output layer, for one sampled sequence.
    public var perSample: Int64 = 0
    /// Reading the weights once.
    public var weights: Int64 = 0
    /// Attention of two tokens of a prompt.
    public var perPair: Int64 = 0
    /// Reading keys and values of one token in the cache.
    public var perContext: Int64 = 0
    /// What a token of a prompt adds, whatever else the step does.
    public var perPrompt: Int64 = 0
    /// Latency of the collectives of a step.
    public var collectiveFixed: Int64 = 0
    /// Transfer of the collectives, of one token.
    public var collectivePerToken: Int64 = 0

    public init() {}

    /// Of several tokens a sequence, keys and values are read once and compared with each.
    func decodeLine(sequences: Int, width: Int) -> DecodeLine {
        let tokens = Int64(sequences * width)
        let matrices = max((perToken + perSample) * tokens, weights)
        return DecodeLine(
            base: host + perSequence * Int64(sequences) + matrices + collectiveFixed
                + collectivePerToken * tokens,
            slope: decodeSlope(width))
    }

    /// Of each cached token: reading it, or comparing it with the tokens of the step where that takes longer.
    private func decodeSlope(_ width: Int) -> Int64 {
        width == 1 ? perContext : max(perContext, perPair * Int64(width))
    }

    func time(of step: StepShape, width: Int) -> Int64 {
        let tokens = Int64(step.prefillTokens + step.decodes * width)
        let sequences = Int64(step.prefillSequences + step.decodes)
        let matrices = max(perToken * tokens + perSample * Int64(step.sampled), weights)
        return host + perSequence * sequences + matrices + perPair * Int64(step.prefillPairsDoubled) / 2
            + perContext * Int64(step.prefillContext) + decodeSlope(width) * Int64(step.decodeContext)
            + perPrompt * Int64(step.prefillTokens) + collectiveFixed + collectivePerToken * tokens
    }
}
