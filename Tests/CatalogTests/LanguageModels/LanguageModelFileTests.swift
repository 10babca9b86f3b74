import Catalog
import Files
import Foundation
import TestSupport
import Testing
import Vocabulary

/// A folder for files of one test.
private func folder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("llm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
}

private func refusal(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing was refused"
    } catch { return "\(error)" }
}

/// Models, as their publishers describe them.
@Suite struct ModelConfigTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog(directory: Repository.workloads) }

    /// Published numbers of weights, in thousand millions.
    @Test(arguments: [
        ("llama-3.1-8b", 8.03), ("llama-3.1-70b", 70.55), ("qwen3-32b", 32.76), ("qwen3-30b-a3b", 30.53),
    ])
    func weightsAreThePublishedOnes(name: String, billions: Double) throws {
        let weights = try catalog.languageModel(named: name).weights / 1e9
        #expect(abs(weights - billions) < 0.01)
    }

    @Test func aTokenOfLlama8BTakes128KiB() throws {
        let shape = try catalog.languageModel(named: "llama-3.1-8b")
        #expect(shape.cacheBytesPerToken(tensorParallel: 1) == 131_072)
        #expect(shape.cacheBytesPerToken(tensorParallel: 4) == 32_768)
        // Heads are not split further than there are.
        #expect(shape.cacheBytesPerToken(tensorParallel: 16) == 16_384)
    }

    private func read(_ text: String) throws -> LanguageModelShape {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try text.write(to: folder.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
        let cluster = "id: x\nmodel: \(folder.path)/config.json\nengines: [{device: l4}]\n"
        let path = folder.appendingPathComponent("x.yaml")
        try cluster.write(to: path, atomically: true, encoding: .utf8)
        return try catalog.servingCluster(at: path.path).pools[0].model
    }

    @Test func aLatentCacheIsSmallAndNotDivided() throws {
        let shape = try read(
            """
            {"architectures": ["DeepseekV3ForCausalLM"], "hidden_size": 7168, "intermediate_size": 18432,
             "num_hidden_layers": 61, "num_attention_heads": 128, "num_key_value_heads": 128,
             "vocab_size": 129280, "max_position_embeddings": 163840, "kv_lora_rank": 512,
             "qk_rope_head_dim": 64, "v_head_dim": 128,
             "qk_nope_head_dim": 128, "q_lora_rank": 1536, "n_routed_experts": 256, "num_experts_per_tok": 8,
             "moe_intermediate_size": 2048, "n_shared_experts": 1, "first_k_dense_replace": 3,
             "quantization_config": {"quant_method": "fp8"}}
            """)
        // 576 numbers a layer; published: 671 thousand million weights, 37 of them active.
        let cache = shape.cacheBytesPerToken(tensorParallel: 8)
        #expect(cache == 70_272)
        let (all, active) = (shape.weights / 671e9, (shape.activeWeights + shape.outputWeights) / 37e9)
        #expect(abs(all - 1) < 0.01)
        #expect(abs(active - 1) < 0.03)
        #expect(shape.weightBytes == 1)
    }

    @Test func unknownArchitecturesAndAllMissingKeysAreNamed() {
        let unknown = refusal { _ = try read(#"{"architectures": ["MambaForCausalLM"]}"#) }
        #expect(unknown.contains("architectures[0]") && unknown.contains("MambaForCausalLM"))
        let missing = refusal { _ = try read(#"{"architectures": ["LlamaForCausalLM"], "hidden_size": -4}"#) }
        for key in ["hidden_size", "num_hidden_layers", "vocab_size", "max_position_embeddings"] {
            #expect(missing.contains(key), "\(key) is not named in: \(missing)")
        }
        let quantised = refusal {
            _ = try read(
                """
                {"architectures": ["LlamaForCausalLM"], "hidden_size": 64, "intermediate_size": 64,
                 "num_hidden_layers": 1, "num_attention_heads": 1, "vocab_size": 8,
                 "max_position_embeddings": 8,
                 "quantization_config": {"quant_method": "mystery"}}
                """)
        }
        #expect(quantised.contains("quantization_config.quant_method") && quantised.contains("mystery"))
    }
}

/// Clusters that are shipped, and clusters that are wrong.
@Suite struct ServingClusterFileTests {
    @Test func everyShippedClusterIsRead() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let names = try catalog.servingClusterNames()
        #expect(names.count >= 5)
        for name in names {
            let cluster = try catalog.servingCluster(at: "\(Repository.workloads)/llm/\(name).yaml")
            #expect(cluster.name == name && cluster.workload != nil)
        }
    }

    private func refused(_ text: String) throws -> String {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("x.yaml")
        try text.write(to: path, atomically: true, encoding: .utf8)
        let catalog = try Catalog(directory: Repository.workloads)
        return refusal { _ = try catalog.servingCluster(at: path.path) }
    }

    @Test func faultsOfUnlikePartsAreToldInOneRun() throws {
        let text = try refused(
            """
            id: x
            model: llama-9
            engines: [{device: l5}]
            router: luck
            workload:
              {classes: [{name: a, prompt: {fixed: 0}, output: {fixed: 1}}], rate_per_s: 1, requests: 1}
            """)
        for word in ["llama-9", "l5", "luck", "prompt"] {
            #expect(text.contains(word), "\(word) is not named in: \(text)")
        }
    }

    private static let tier = "[{name: host, capacity_gb: 1, bandwidth_gb_per_s: 1, source: a test}]"

    @Test(arguments: [
        ("engines: [{device: l4, token_budget: 8, sequences_max: 16}]", "sequences_max"),
        ("engines: [{device: l4, constants: {mfu: 0.5, mbu: 0.8}}]", "source"),
        ("engines: [{device: l4, host_ms: 1}]", "kernel_times"),
        ("engines: [{device: l4, kernel_times: nowhere}]", "dense.csv"),
        ("engines: [{device: l4, count: 0}]", "count"),
        ("engines: [{device: l4}]\nworkload: {file: none.csv, rate_per_s: 3}", "none.csv"),
        ("engines: [{device: l4}]\ntargets: {ttft: 3}", "ttft"),
        ("engines: [{device: l4, cache_tiers: [{name: a, blocks: 9, bandwidth_gb_per_s: 1}]}]", "source"),
        ("engines: [{device: l4, cache_tiers: [{name: a, bandwidth_gb_per_s: 1, source: b}]}]", "capacity"),
        ("engines: [{device: l4, prefix_caching: false}]\nshared_tiers: \(tier)", "prefix_caching"),
        ("engines: [{device: l4, policy: llamacpp, cache_tiers: \(tier)}]", "llamacpp"),
        ("engines: [{device: l4, cache_tiers: \(tier)}]\nshared_tiers: \(tier)", "another name"),
        ("engines: [{device: l4, cache_loading: never}]", "cache_loading"),
        ("engines: [{device: l4, lifecycle: {boot_s: 3}}]", "source"),
        ("engines: [{device: l4, lifecycle: {fails_at_s: [3, 2], source: a test}}]", "a later time"),
        ("engines: [{device: l4, lifecycle: {repair_s: 3, source: a test}}]", "without failures"),
        ("engines: [{device: l4, lifecycle: {mean_to_failure_s: 0, source: a test}}]", "mean_to_failure_s"),
        ("engines: [{device: l4}]\non_failure: cry", "on_failure"),
        ("pools: [{name: a, engines: [{device: l4}]}]\nshared_tiers: \(tier)", "item of pools"),
    ])
    func aWrongValueIsNamed(rest: String, word: String) throws {
        #expect(try refused("id: x\nmodel: llama-3.1-8b\n\(rest)\n").contains(word))
    }
}

/// Logs and traces of requests.
@Suite struct RequestLogTests {
    private func requests(
        _ text: String, name: String = "log.jsonl", spread: Double? = nil
    ) throws -> [ListedRequest] {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent(name)
        try text.write(to: path, atomically: true, encoding: .utf8)
        return try RequestLogReader.requests(at: path.path, spreadSeconds: spread)
    }

    @Test func aLogIsSortedAndItsClockBeginsAtTheFirstRequest() throws {
        let found = try requests(
            """
            {"input_toks": 5, "output_toks": 2, "queued_ts": 2.5, "first_token_ts": 2.75, "last_token_ts": 3}
            {"input_toks": 7, "output_toks": 1, "queued_ts": 0, "first_token_ts": 1, "last_token_ts": 1}
            """)
        #expect(found.map(\.arrival) == [0, 2.5] && found.map(\.prompt) == [7, 5])
        #expect(found[1].firstToken == 0.25 && found[1].lastToken == 0.5)
    }

    @Test(arguments: [
        "arrived_at,num_prefill_tokens,num_decode_tokens\n1.5,100,20\n3.5,30,0\n",
        "Timestamp,Model,Request tokens,Response tokens\n7,GPT-4,100,20\n9,GPT-4,30,0\n",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46,100,20\n2023-11-16 18:15:48,30,0\n",
    ])
    func publishedTablesAreToldApart(text: String) throws {
        let found = try requests(text, name: "trace.csv")
        #expect(found.map(\.arrival) == [0, 2] && found.map(\.prompt) == [100, 30])
        // What a prompt alone yields is one token.
        #expect(found.map(\.output) == [20, 1])
    }

    @Test func ticksAreSpreadEvenly() throws {
        let line = #"{"timestamp": 3000, "input_length": 4, "output_length": 0, "hash_ids": [1]}"#
        let found = try requests(Array(repeating: line, count: 3).joined(separator: "\n"), spread: 3)
        #expect(found.map(\.arrival) == [0, 1, 2] && found.map(\.output) == [1, 1, 1])
    }

    @Test(arguments: [
        (
            #"{"input_toks": 0, "output_toks": 2, "queued_ts": 1, "first_token_ts": 2, "last_token_ts": 3}"#,
            "input_toks"
        ),
        (
            #"{"input_toks": 1, "output_toks": 2, "queued_ts": 5, "first_token_ts": 2, "last_token_ts": 3}"#,
            "first_token_ts"
        ),
        (
            #"{"input_toks": 1, "output_toks": 1,"queued_ts": 1, "first_token_ts": 2, "last_token_ts": 2e9}"#,
            "clock"
        ),
        (#"{"input_toks": 1, "output_toks": 2, "queued_ts": 1}"#, "first_token_ts"),
        (#"{"input_toks": 1, "output_toks": 2, "queued_ts": 1, "first_"#, "log.jsonl"),
        (#"{"timestamp": -1, "input_length": 4, "output_length": 1}"#, "timestamp"),
        ("", "empty"),
    ])
    func aWrongLogIsRefused(text: String, word: String) {
        let found = refusal { _ = try requests(text) }
        #expect(found.contains(word), "\(found)")
    }

    @Test(.enabled(if: Repository.hasSharedData, Repository.sharedDataComment))
    func publishedTracesAreReadWhole() throws {
        let azure = try RequestLogReader.requests(
            at: "\(Repository.sharedData)/azure_llm_2023/AzureLLMInferenceTrace_conv.csv")
        #expect(azure.count == 19_366)
        let mooncake = try RequestLogReader.requests(
            at: "\(Repository.sharedData)/mooncake/synthetic_trace.jsonl")
        #expect(mooncake.count == 3_993 && mooncake.allSatisfy { !$0.names.isEmpty })
    }
}
