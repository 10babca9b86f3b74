/// How numbers of weights are stored while a model runs.
public enum Precision: String, Hashable, Codable, Sendable, CaseIterable {
    /// What the engine takes where nothing is asked for.
    case `default`
    case f32
    case bf16
    case f16
    case fp8
    case int8
    case int4
}

/// How an engine serves one language model, as vLLM's and SGLang's servers are started.
///
/// Such an engine forms a new batch at each step (continuous batching): every request that it holds takes
/// part with the tokens it has still to process, until the budgets are spent.
public struct EngineRules: Hashable, Sendable {
    /// Which part of a request the engine does.
    public enum Role: String, Hashable, Codable, Sendable, CaseIterable {
        /// The prompt and the answer.
        case mixed
        /// The prompt alone; its keys and values go to an engine that decodes (disaggregated prefill).
        case prefill
        /// The answer, from keys and values that another engine has made.
        case decode
    }

    /// Accelerators that share each layer's matrices (`tensor-parallel-size`, `tp-size`).
    public let tensorParallel: Int
    /// Groups of accelerators that hold successive layers (`pipeline-parallel-size`, `pp-size`).
    public let pipelineParallel: Int
    /// Accelerators that the experts of a mixture are spread over; 1 splits each expert's matrices instead.
    /// Beyond `tensorParallel`, attention is replicated: vLLM's expert-parallel size is tensor-parallel
    /// size times data-parallel size.
    public let expertParallel: Int
    /// Requests that a step may hold (`max-num-seqs`, `max-running-requests`).
    public let sequencesMax: Int
    /// Tokens that a step may process, of prompts and answers together (`max-num-batched-tokens`,
    /// `max-prefill-tokens`).
    public let tokenBudget: Int
    /// Tokens of one prompt that a step may process (`long-prefill-token-threshold`,
    /// `chunked-prefill-size`); nil for all that the budget leaves.
    public let chunkTokens: Int?
    public let role: Role
    /// Of the weights (`dtype`, `quantization`).
    public let precision: Precision

    /// - Precondition: every number is at least 1.
    public init(
        tensorParallel: Int = 1, pipelineParallel: Int = 1, expertParallel: Int = 1, sequencesMax: Int,
        tokenBudget: Int, chunkTokens: Int? = nil, role: Role = .mixed, precision: Precision = .default
    ) {
        self.tensorParallel = tensorParallel
        self.pipelineParallel = pipelineParallel
        self.expertParallel = expertParallel
        self.sequencesMax = sequencesMax
        self.tokenBudget = tokenBudget
        self.chunkTokens = chunkTokens
        self.role = role
        self.precision = precision
        precondition(isValid, "an engine's numbers are at least 1")
    }

    private var isValid: Bool {
        [tensorParallel, pipelineParallel, expertParallel, sequencesMax, tokenBudget, chunkTokens ?? 1]
            .allSatisfy { $0 >= 1 }
    }

    /// Accelerators that one engine runs on.
    public var devices: Int { max(tensorParallel, expertParallel) * pipelineParallel }
}

extension EngineRules: Codable {
    /// - Throws: `DecodingError` also where a number is below 1: what is decoded may have been edited.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        tensorParallel = try values.decode(Int.self, forKey: .tensorParallel)
        pipelineParallel = try values.decode(Int.self, forKey: .pipelineParallel)
        expertParallel = try values.decode(Int.self, forKey: .expertParallel)
        sequencesMax = try values.decode(Int.self, forKey: .sequencesMax)
        tokenBudget = try values.decode(Int.self, forKey: .tokenBudget)
        chunkTokens = try values.decodeIfPresent(Int.self, forKey: .chunkTokens)
        role = try values.decode(Role.self, forKey: .role)
        precision = try values.decode(Precision.self, forKey: .precision)
        guard isValid else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "found \(self), expected numbers of at least 1"))
        }
    }
}

extension EngineRules: Comparable, CustomStringConvertible {
    /// What differs from an engine's usual start: `engine TP=4 sequences=256 tokens=8192 chunk=2048 fp8`.
    public var description: String {
        var words = ["engine", "TP=\(tensorParallel)"]
        if pipelineParallel != 1 { words.append("PP=\(pipelineParallel)") }
        if expertParallel != 1 { words.append("EP=\(expertParallel)") }
        words += ["sequences=\(sequencesMax)", "tokens=\(tokenBudget)"]
        if let chunkTokens { words.append("chunk=\(chunkTokens)") }
        if role != .mixed { words.append(role.rawValue) }
        if precision != .default { words.append(precision.rawValue) }
        return words.joined(separator: " ")
    }

    public static func < (left: EngineRules, right: EngineRules) -> Bool {
        left.order.lexicographicallyPrecedes(right.order)
    }

    private var order: [Int] {
        [
            Role.allCases.firstIndex(of: role) ?? 0, Precision.allCases.firstIndex(of: precision) ?? 0,
            tensorParallel, pipelineParallel, expertParallel, sequencesMax, tokenBudget, chunkTokens ?? 0,
        ]
    }
}
