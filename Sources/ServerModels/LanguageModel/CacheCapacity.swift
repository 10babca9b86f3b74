import Vocabulary

/// How many blocks of keys and values fit the memory of an engine.
public struct CacheCapacity: Hashable, Sendable {
    /// Bytes of an accelerator that the engine may take.
    public var allowed: Double
    /// Bytes of its part of the weights.
    public var weights: Double
    /// Bytes of activations at their peak and of what frameworks keep for themselves.
    public var overhead: Double
    /// Bytes of one block.
    public var block: Double
    /// Groups of accelerators that each keep the cache of their own sequences.
    public var groups: Int

    /// Activations at their peak, as an open model of vLLM's memory states them: 5.5 GiB of a dense model,
    /// 8 GiB of one with experts. Small cards bound them by a smaller batch, so not more than an eighth of
    /// the memory.
    private static func activations(_ model: LanguageModelShape, memory: Double) -> Double {
        min((model.experts == nil ? 5.5 : 8) * gibibyte, memory / 8)
    }
    /// What lies outside the framework's allocator: 0.15 GiB alone, 0.6 GiB with collectives.
    private static func framework(_ rules: EngineRules) -> Double {
        (rules.tensorParallel > 1 ? 0.6 : 0.15) * gibibyte
    }
    private static let gibibyte = 1_073_741_824.0

    /// - Parameter memory: bytes of one accelerator.
    public init(
        model: LanguageModelShape, memory: Double, share: Double, rules: EngineRules, blockTokens: Int
    ) {
        allowed = share * memory
        groups = rules.attentionGroups(of: model)
        let accelerators = Double(rules.tensorParallel * rules.pipelineParallel)
        // Groups that repeat attention and the embeddings share the experts.
        let repeated =
            Double(model.layers) * model.attentionWeights * model.weightBytes + model.bytes
            - model.layerWeights * model.weightBytes
        weights = (repeated + (model.bytes - repeated) / Double(groups)) / accelerators
        overhead = Self.activations(model, memory: memory) + Self.framework(rules)
        block =
            model.cacheBytesPerToken(tensorParallel: rules.tensorParallel) * Double(blockTokens)
            / Double(rules.pipelineParallel)
    }

    /// Whole blocks; below 1 where the model does not fit.
    public var blocks: Int {
        let room = (allowed - weights - overhead) / block * Double(groups)
        return room.isFinite && room > 0 ? Int(min(room, 1e9)) : 0
    }

    /// Bytes that an accelerator lacks to hold one sequence of so many tokens; nil where it does not.
    public func missingBytes(forTokens tokens: Int, blockTokens: Int) -> Double? {
        let need = block * Double((tokens + blockTokens - 1) / blockTokens)
        let lack = weights + overhead + need - allowed
        return lack > 0 ? lack : nil
    }
}
