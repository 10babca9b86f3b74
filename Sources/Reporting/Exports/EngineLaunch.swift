import Vocabulary

/// How an engine of a language model is started with the rules that a search found.
public enum EngineLaunch: String, CaseIterable, Hashable, Sendable {
    case vllm
    case sglang
    /// NVIDIA Dynamo around vLLM.
    case dynamo

    /// The program of a container, where its image starts none by itself.
    ///
    /// Dynamo: `dynamo.vllm`, a worker that takes the engine arguments of vLLM and joins a frontend.
    public var command: [String]? { self == .dynamo ? ["python3", "-m", "dynamo.vllm"] : nil }

    /// The arguments of its server, as its documentation names them; the model is an environment variable of
    /// the container, because only its operator knows where the weights are.
    ///
    /// vLLM: `vllm serve`, engine arguments. SGLang: `sglang.launch_server`, server arguments.
    public func arguments(_ rules: EngineRules) -> [String] {
        var pairs: [(String, Int)]
        switch self {
        case .vllm, .dynamo:
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
        let model = self == .sglang ? "--model-path" : "--model"
        return ["\(model)=$(HERCULES_MODEL)"] + pairs.map { "--\($0.0)=\($0.1)" }
    }
}
