import Vocabulary

/// How an engine of a language model is started with the rules that a search found.
public enum EngineLaunch: String, CaseIterable, Hashable, Sendable {
    case vllm
    case sglang

    /// The arguments of its server, as its documentation names them; the model is an environment variable of
    /// the container, because only its operator knows where the weights are.
    ///
    /// vLLM: `vllm serve`, engine arguments. SGLang: `sglang.launch_server`, server arguments.
    public func arguments(_ rules: EngineRules) -> [String] {
        var pairs: [(String, Int)]
        switch self {
        case .vllm:
            pairs = [
                ("tensor-parallel-size", rules.tensorParallel),
                ("pipeline-parallel-size", rules.pipelineParallel), ("max-num-seqs", rules.sequencesMax),
                ("max-num-batched-tokens", rules.tokenBudget),
            ]
            if let chunk = rules.chunkTokens { pairs.append(("long-prefill-token-threshold", chunk)) }
        case .sglang:
            pairs = [
                ("tp-size", rules.tensorParallel), ("pp-size", rules.pipelineParallel),
                ("max-running-requests", rules.sequencesMax), ("max-prefill-tokens", rules.tokenBudget),
            ]
            if let chunk = rules.chunkTokens { pairs.append(("chunked-prefill-size", chunk)) }
        }
        let model = self == .vllm ? "--model" : "--model-path"
        return ["\(model)=$(HERCULES_MODEL)"] + pairs.map { "--\($0.0)=\($0.1)" }
    }
}
