import Catalog
import Files
import Foundation
import Pipeline
import ServerModels
import Vocabulary

/// Files about language models that people write or download, for mutation.
enum ServingFuzz {
    /// What reads a file.
    enum Kind: CaseIterable {
        case log, mooncake, azure, vidur, burstGPT
        case detailed, guidellm, aiperf, histogram, clientRates, clientLengths
        case config, cluster, attention, dense, perSequence
        case products, contextOperators, generationOperators, laws, service, lawTable
    }

    /// What is written below, and clusters and laws that the catalogue ships.
    static let samples = written + shipped

    private static let shipped: [(kind: Kind, text: String)] = {
        guard let folder = ShippedCatalogue.folder else { return [] }
        let clusters = ["rag", "reasoning", "cascade", "cache-tiers", "failures", "disaggregated"]
        let files =
            clusters.map { (kind: Kind.cluster, path: "\(folder)/llm/\($0).yaml") }
            + [(kind: .laws, path: "\(folder)/llm/laws/llama-3.1-8b-trtllm.yaml")]
        return files.compactMap { kind, path in
            (try? String(contentsOfFile: path, encoding: .utf8)).map { (kind: kind, text: $0) }
        }
    }()

    private static let operatorColumns =
        "batch_size,isl,num_heads,num_key_value_heads,head_dim,attn_dtype,kv_cache_dtype,step,latency\n"

    private static let written: [(kind: Kind, text: String)] = [
        (
            .log,
            """
            {"request_id": "a", "input_toks": 23, "output_toks": 5, "arrival_time": 178.08, "queued_ts": 27.5,
             "scheduled_ts": 27.6, "first_token_ts": 27.7, "last_token_ts": 29.1}
            """.replacing("\n", with: "") + "\n"
                + #"{"input_toks": 7,"output_toks": 1,"queued_ts": 8,"first_token_ts": 9,"last_token_ts": 9}"#
        ),
        (
            .mooncake,
            #"{"timestamp": 0, "input_length": 600, "output_length": 6, "hash_ids": [0, 1]}"# + "\n"
                + #"{"timestamp": 40, "input_length": 512, "output_length": 0, "hash_ids": [0]}"#
        ),
        (
            .azure,
            "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n"
                + "2023-11-16 18:15:50.9951690,396,109\n"
        ),
        (.vidur, "arrived_at,num_prefill_tokens,num_decode_tokens\n0,100,20\n1.5,30,1\n"),
        (
            .burstGPT,
            "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                + "5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,1087,0,1087,API log\n"
        ),
        (
            .detailed,
            #"{"request_rate": Infinity, "input_lens": [10, 20], "output_lens": [3, 0], "ttfts": [0.5, 0], "#
                + #""itls": [[0.1, 0.2], []], "start_times": [9.5, 9.6], "errors": ["", "late"]}"#
        ),
        (
            .guidellm,
            #"{"benchmarks": [{"requests": {"successful": [{"request_start_time": 50.5, "prompt_tokens": 7, "#
                + #""output_tokens": 5, "time_to_first_token_ms": 200, "request_latency": 1.5, "#
                + #""info": {"timings": {"last_token_iteration": 51.5}}}], "errored": [], "#
                + #""incomplete": [{}]}, "metrics": {"request_totals": {"successful": 1}}}]}"#
        ),
        (
            .aiperf,
            #"{"metadata": {"request_start_ns": 1759813207532900363, "benchmark_phase": "profiling", "#
                + #""was_cancelled": false}, "metrics": {"input_sequence_length": {"value": 550, "#
                + #""unit": "tokens"}, "output_sequence_length": {"value": 9, "unit": "tokens"}, "#
                + #""time_to_first_token": {"value": 4.9, "unit": "ms"}, "request_latency": "#
                + #"{"value": 297.5, "unit": "ms"}}, "error": null}"#
        ),
        (.histogram, "length,count\n10,30\n20,0\n40,1.5e1\n"),
        (.clientRates, "0,1.5,1.2,Gamma,0.7,1.0\n600,0,0,,0,0\n1200,3,5.9,Weibull,0.34,0.007\n"),
        (
            .clientLengths,
            #"{"0": {"input_tokens": "{100: 0.5, 200: 0.5}", "output_tokens": "{50: 1.0}"}, "#
                + #""600": {"input_tokens": "{}", "output_tokens": "{}"}}"#
        ),
        (
            .config,
            """
            {"architectures": ["DeepseekV3ForCausalLM"], "hidden_size": 512, "intermediate_size": 1024,
             "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 1000,
             "max_position_embeddings": 4096, "kv_lora_rank": 64, "qk_rope_head_dim": 16, "v_head_dim": 32,
             "qk_nope_head_dim": 32, "q_lora_rank": 96, "n_routed_experts": 8, "num_experts_per_tok": 2,
             "moe_intermediate_size": 128, "quantization_config": {"quant_method": "fp8"}}
            """
        ),
        (
            .cluster,
            """
            id: x
            model: llama-3.1-8b
            engines:
              - {device: l4, count: 2, policy: sglang, sequences_max: 8, token_budget: 64, chunk_tokens: 16}
              - {device: h100-sxm5-80gb, constants: {mfu: 0.5, mbu: 0.8, host_ms: 1, source: mine}}
              - device: a100-sxm4-80gb
                tensor_parallel: 2
                pipeline_parallel: 2
                speculative: {tokens: 2, acceptance: 0.7, draft_ms: 1, draft_share: 0.1}
                interconnect: {link_gb_per_s: 300, link_us: 2, source: mine}
                power_law: {running_watts: 30, compute_watts: 1, memory_watts: 4, source: mine}
              - {device: l4, async_scheduling: true, expert_parallel: 2}
            router: least-tokens
            link: {bandwidth_gb_per_s: 50, latency_us: 20}
            targets: {ttft_ms: 100, tpot_ms: 50}
            workload:
              rate_per_s: 2
              requests: 10
              classes:
                - {name: a, prompt: {fixed: 5}, output: {uniform: {lower: 1, upper: 9}}, turns: {fixed: 2}}
            """
        ),
        (
            .attention,
            "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n0,0,1,16,9.3\n0,0,2,16,9.9\n"
                + "16,0,0,0,12\n16,32,1,16,14\n"
        ),
        (.dense, "layer,tokens,time_us\nmlp,1,5\nmlp,64,9\nqkv_proj,1,2.5\nqkv_proj,64,1e1\n"),
        (.perSequence, "layer,sequences,time_us\nlm_head,1,5\nlm_head,8,6\nsampler,1,1\n"),
        (.products, productTable),
        (.contextOperators, contextTable), (.generationOperators, generationTable),
        (
            .service,
            """
            id: case
            latency_limit_ms: 2000
            latency_quantile: 0.95
            query_sizes: {fixed_items: 1}
            language:
              config: llama-3.1-8b
              laws: llama-3.1-8b-trtllm
              tpot_limit_ms: 60
              e2e_limit_ms: 9000
              requests:
                - {name: a, share: 0.4, prompt: {fixed: 9}, output: {uniform: {lower: 1, upper: 9}}}
                - name: b
                  share: 0.6
                  prompt: {log_normal: {median: 386, sigma: 0.65, lower: 2, upper: 511}}
                  output: {fixed: 30}
            """
        ),
        (
            .lawTable,
            "model_path,system,backend,backend_version,precision,mode,isl,osl,batch_size,tp_size,pp_size,"
                + "silicon_ttft_ms,silicon_tpot_ms,id,silicon_data_source\n"
                + (1...8).map {
                    "m/M,h100_sxm,vllm,1,fp8,agg,\($0 * 100),50,\($0),1,1,\($0).5,9.\($0),i\($0),s"
                }
                .joined(separator: "\n") + "\n"
        ),
    ]

    private static let productTable: String = {
        var text = "framework,version,gemm_dtype,m,n,k,latency\n"
        for m in [1, 16, 64] {
            for n in [512, 30_000] {
                for k in [512, 30_000] {
                    text += "VLLM,0.20,bfloat16,\(m),\(n),\(k),\(Double(m * n * k) * 1e-9)\n"
                }
            }
        }
        return text
    }()

    private static let contextTable =
        operatorColumns + "1,16,32,8,128,bfloat16,bfloat16,0,0.1\n1,64,32,8,128,bfloat16,bfloat16,0,0.4\n"

    private static let generationTable =
        operatorColumns + "1,1,32,8,128,bfloat16,bfloat16,16,0.1\n2,1,32,8,128,bfloat16,bfloat16,64,0.2\n"

    /// Reads a mutated file with whatever else it needs.
    /// - Parameter folder: for files beside it.
    static func read(_ kind: Kind, _ bytes: [UInt8], catalog: Catalog, in folder: URL) throws {
        func write(_ name: String, _ bytes: [UInt8]) throws -> String {
            let file = folder.appendingPathComponent(name)
            let path = file.path
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return path
        }
        func play(_ path: String) throws {
            do {
                let cluster = try catalog.servingCluster(at: path)
                let simulation = try ServingSimulation(cluster)
                guard var workload = cluster.workload else { return }
                workload.count = min(workload.count, requestsMost)
                _ = simulation.outcome(workload, seed: 1)
            } catch is ServingSimulation.Fault {
                // A cluster that is read and cannot be played is refused as well.
            }
        }
        switch kind {
        case .log, .mooncake, .detailed, .guidellm, .aiperf:
            _ = try RequestLogReader.requests(at: try write("case.jsonl", bytes))
        case .histogram, .clientRates, .clientLengths: try draw(kind, bytes, write, play)
        case .azure, .vidur, .burstGPT: _ = try RequestLogReader.requests(at: try write("case.csv", bytes))
        case .cluster: try play(try write("case.yaml", bytes))
        case .config:
            _ = try write("config.json", bytes)
            try play(
                try write(
                    "of-config.yaml", Array("id: x\nmodel: config.json\nengines: [{device: l4}]\n".utf8)))
        case .attention, .dense, .perSequence, .products, .contextOperators, .generationOperators:
            try readKernels(kind, bytes, write, play)
        case .laws, .service: try readService(kind, bytes, catalog, write)
        case .lawTable:
            do {
                _ = try TokenLawStage(
                    file: try write("laws.csv", bytes), kind: "aiconfigurator",
                    selection: TokenLawStage.Selection(), catalogue: ShippedCatalogue.folder)
            } catch is PipelineError {
                // A table without rows that could be fitted.
            }
        }
    }

    /// Requests of a mutated cluster that are played.
    private static let requestsMost = 20

    private static func readKernels(
        _ kind: Kind, _ bytes: [UInt8], _ write: (String, [UInt8]) throws -> String,
        _ play: (String) throws -> Void
    ) throws {
        let operators = kind == .products || kind == .contextOperators || kind == .generationOperators
        let files: [(kind: Kind, name: String, text: String)] =
            operators
            ? [
                (.products, "operators/gemm_perf.csv", productTable),
                (.contextOperators, "operators/context_attention_perf.csv", contextTable),
                (.generationOperators, "operators/generation_attention_perf.csv", generationTable),
            ]
            : [
                (
                    .attention, "kernels/attention.csv",
                    "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n0,0,1,16,9\n"
                ),
                (.dense, "kernels/dense.csv", "layer,tokens,time_us\nmlp,1,5\nmlp,64,9\n"),
                (.perSequence, "kernels/per_sequence.csv", "layer,sequences,time_us\nlm_head,1,5\n"),
            ]
        for file in files {
            _ = try write(file.name, file.kind == kind ? bytes : Array(file.text.utf8))
        }
        let engine = "{device: l4, kernel_times: \(operators ? "operators" : "kernels")}"
        let text = "id: x\nmodel: llama-3.1-8b\nengines: [\(engine)]\n"
        try play(try write("of-kernels.yaml", Array(text.utf8)))
    }

    /// A model that is a service, or the laws that it names.
    private static func readService(
        _ kind: Kind, _ bytes: [UInt8], _ catalog: Catalog, _ write: (String, [UInt8]) throws -> String
    ) throws {
        let own = try write(kind == .laws ? "llm/laws/case.yaml" : "models/case.yaml", bytes)
        let root = URL(fileURLWithPath: own).deletingLastPathComponent().deletingLastPathComponent()
        let catalog = try Catalog(
            directory: (kind == .laws ? root.deletingLastPathComponent() : root).path,
            others: [catalog.directory])
        if kind == .laws { _ = try catalog.tokenLaws(named: "case") } else { _ = try catalog.model("case") }
    }

    /// Clusters whose workload is drawn from a mutated file.
    private static func draw(
        _ kind: Kind, _ bytes: [UInt8], _ write: (String, [UInt8]) throws -> String,
        _ play: (String) throws -> Void
    ) throws {
        func text(_ workload: String) throws -> String {
            let engine = "engines: [{device: l4, blocks: 900}]"
            return try write(
                "of-workload.yaml",
                Array("id: x\nmodel: llama-3.1-8b\n\(engine)\nworkload: {\(workload)}\n".utf8))
        }
        guard kind != .histogram else {
            _ = try write("lengths.csv", bytes)
            let part = "{name: a, prompt: {histogram: lengths.csv}, output: {fixed: 1}}"
            return try play(try text("rate_per_s: 1, requests: 3, classes: [\(part)]"))
        }
        let rates = "0,1,1,Gamma,1,1\n"
        let lengths = #"{"0": {"input_tokens": "{9: 1}", "output_tokens": "{9: 1}"}}"#
        _ = try write("chunk-0-trace.csv", kind == .clientRates ? bytes : Array(rates.utf8))
        _ = try write("chunk-0-dataset.json", kind == .clientLengths ? bytes : Array(lengths.utf8))
        try play(try text("clients: {folder: ., to_s: 1500}"))
    }
}
