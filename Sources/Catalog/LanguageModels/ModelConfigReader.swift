import Files
import Foundation
import Vocabulary

/// Reads the `config.json` of a language model, as model hubs publish it.
enum ModelConfigReader {
    /// Architectures whose sizes are known to mean what is computed from them.
    private static let architectures = [
        "LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM",
        "MixtralForCausalLM",
        "Qwen2MoeForCausalLM", "Qwen3MoeForCausalLM", "DeepseekV2ForCausalLM", "DeepseekV3ForCausalLM",
    ]
    private static let latent = ["DeepseekV2ForCausalLM", "DeepseekV3ForCausalLM"]

    static func shape(at path: String, name: String) throws(FileError) -> LanguageModelShape {
        var found: [String: Any]?
        do {
            try JSONObjects.read(path) { object, _ in found = object }
        } catch let error as FileError {
            throw error
        } catch {
            throw .unreadable(file: path, found: "\(error)", expected: "a model's config.json")
        }
        guard let object = found else {
            throw .malformed(file: path, line: nil, found: "no object", expected: "a model's config.json")
        }
        return try shape(ConfigKeys(path: path, object: object), name: name)
    }

    private static func shape(_ keys: ConfigKeys, name: String) throws(FileError) -> LanguageModelShape {
        let architecture = try keys.architecture(among: architectures)
        var problems = FileProblems()
        func whole(_ key: String) -> Int {
            problems.reading { () throws(FileError) in try keys.whole(key) } ?? 1
        }
        let (hidden, layers, heads) = (
            whole("hidden_size"), whole("num_hidden_layers"), whole("num_attention_heads")
        )
        let (inner, vocabulary) = (whole("intermediate_size"), whole("vocab_size"))
        let contextMax = whole("max_position_embeddings")
        var shape = LanguageModelShape(
            name: name, architecture: architecture, hidden: hidden, layers: layers, heads: heads,
            keyValueHeads: heads, headWidth: max(1, hidden / heads), inner: inner, vocabulary: vocabulary,
            tiesEmbeddings: keys.truth("tie_word_embeddings") ?? false, contextMax: contextMax)
        problems.reading { () throws(FileError) in
            shape.keyValueHeads = try keys.optionalWhole("num_key_value_heads") ?? heads
            shape.headWidth = try keys.optionalWhole("head_dim") ?? max(1, hidden / heads)
            shape.experts = try experts(keys)
            if latent.contains(architecture) {
                shape.latent = try latentAttention(keys)
                shape.headWidth = try keys.whole("qk_nope_head_dim")
            }
            shape.weightBytes = try keys.weightBytes()
        }
        try problems.throwAll()
        return shape
    }

    private static func experts(_ keys: ConfigKeys) throws(FileError) -> LanguageModelShape.Experts? {
        let counts = ["num_local_experts", "num_experts", "n_routed_experts"]
        guard let key = counts.first(where: { keys.has($0) }) else { return nil }
        let count = try keys.whole(key)
        guard count > 1 else { return nil }
        let active = try keys.whole("num_experts_per_tok")
        guard active <= count else {
            throw keys.refusal("num_experts_per_tok", expected: "at most the \(count) experts")
        }
        let own = try keys.optionalWhole("moe_intermediate_size")
        let ordinary = try keys.whole("intermediate_size")
        return LanguageModelShape.Experts(
            count: count, active: active, width: own ?? ordinary,
            shared: try keys.optionalWhole("n_shared_experts", from: 0) ?? 0,
            denseLayers: try keys.optionalWhole("first_k_dense_replace", from: 0) ?? 0)
    }

    private static func latentAttention(_ keys: ConfigKeys) throws(FileError) -> LanguageModelShape.Latent {
        LanguageModelShape.Latent(
            rank: try keys.whole("kv_lora_rank"), rotated: try keys.whole("qk_rope_head_dim"),
            value: try keys.whole("v_head_dim"), queryRank: try keys.optionalWhole("q_lora_rank"))
    }
}

/// The keys of a config with their errors.
private struct ConfigKeys {
    let path: String
    let object: [String: Any]

    private static let largest = 100_000_000

    func has(_ key: String) -> Bool { object[key].map { !($0 is NSNull) } ?? false }

    func truth(_ key: String) -> Bool? { object[key] as? Bool }

    func architecture(among known: [String]) throws(FileError) -> String {
        guard let names = object["architectures"] as? [String], let name = names.first else {
            throw .missingKey(place("architectures"))
        }
        guard known.contains(name) else {
            throw .unknownName(place("architectures[0]"), kind: "an architecture", found: name, known: known)
        }
        return name
    }

    func whole(_ key: String) throws(FileError) -> Int {
        guard has(key) else { throw .missingKey(place(key)) }
        return try optionalWhole(key) ?? 1
    }

    func optionalWhole(_ key: String, from lower: Int = 1) throws(FileError) -> Int? {
        guard has(key) else { return nil }
        guard let number = object[key] as? NSNumber, let whole = Int(exactly: number.doubleValue),
            (lower...Self.largest).contains(whole)
        else { throw refusal(key, expected: "a whole number from \(lower) to \(Self.largest)") }
        return whole
    }

    /// Bytes of a weight, by how the file says that weights are stored.
    func weightBytes() throws(FileError) -> Double {
        guard let quantised = object["quantization_config"] as? [String: Any] else {
            return (object["torch_dtype"] ?? object["dtype"]) as? String == "float32" ? 4 : 2
        }
        let method = quantised["quant_method"] as? String ?? ""
        if let bits = quantised["bits"] as? NSNumber, [2, 3, 4, 8].contains(bits.intValue) {
            return bits.doubleValue / 8
        }
        switch method {
        case "fp8", "fbgemm_fp8": return 1
        case "awq", "gptq": return 0.5
        default:
            throw .invalidValue(
                place("quantization_config.quant_method"), found: method.isEmpty ? "nothing" : method,
                expected: "fp8, fbgemm_fp8, awq or gptq, or bits beside it")
        }
    }

    func refusal(_ key: String, expected: String) -> FileError {
        .invalidValue(place(key), found: "\(object[key] ?? "nothing")", expected: expected)
    }

    private func place(_ key: String) -> Place { Place(file: path, line: nil, key: key) }
}
