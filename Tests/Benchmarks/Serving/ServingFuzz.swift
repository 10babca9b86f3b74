import Catalog
import Files
import Foundation
import ServerModels
import Vocabulary

/// Files about language models that people write or download, for mutation.
enum ServingFuzz {
    /// What reads a file.
    enum Kind: CaseIterable {
        case log, mooncake, azure, vidur, burstGPT
        case detailed, guidellm, aiperf, histogram, clientRates, clientLengths
        case config, cluster, attention
    }

    static let samples: [(kind: Kind, text: String)] = [
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
                power_law: {range_watts: 300, steepness: 1, midpoint: 4, source: mine}
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
    ]

    /// Reads a mutated file with whatever else it needs.
    /// - Parameter folder: for files beside it.
    static func read(_ kind: Kind, _ bytes: [UInt8], catalog: Catalog, in folder: URL) throws {
        func write(_ name: String, _ bytes: [UInt8]) throws -> String {
            let path = folder.appendingPathComponent(name).path
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return path
        }
        func play(_ path: String) throws {
            do {
                _ = try ServingSimulation(try catalog.servingCluster(at: path))
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
        case .attention:
            _ = try write("attention.csv", bytes)
            _ = try write("dense.csv", Array("layer,tokens,time_us\nmlp,1,5\nmlp,64,9\n".utf8))
            _ = try write("per_sequence.csv", Array("layer,sequences,time_us\nlm_head,1,5\n".utf8))
            let engine = "{device: l4, kernel_times: \(folder.path)}"
            let text = "id: x\nmodel: llama-3.1-8b\nengines: [\(engine)]\n"
            try play(try write("of-kernels.yaml", Array(text.utf8)))
        }
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
