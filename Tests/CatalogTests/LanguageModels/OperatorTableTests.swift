import Catalog
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Tables of operators as AIConfigurator writes them, put together to a layer by hand.
@Suite struct OperatorTableTests {
    private let folder: LogFolder

    init() throws { folder = try LogFolder() }

    private static let products = "framework,version,gemm_dtype,m,n,k,latency\n"

    /// Products that take m x n x k x 1e-6 ms, so that interpolation between shapes is exact.
    private func write(noise: Double = 0, heads: Int = 4) throws {
        var text = Self.products
        for (place, m) in [1, 2, 4, 8, 16].enumerated() {
            for n in [32, 1024] {
                for k in [32, 1024] {
                    let factor = place % 2 == 1 ? 1 + noise : 1
                    text += "VLLM,0.20,bfloat16,\(m),\(n),\(k),\(Double(m * n * k) * 1e-6 * factor)\n"
                }
            }
        }
        _ = try folder.write(text, "gemm_perf.txt")
        let columns =
            "batch_size,isl,num_heads,num_key_value_heads,head_dim,attn_dtype,kv_cache_dtype,step,latency\n"
        var context = columns
        for length in [16, 32, 48] {
            context += "1,\(length),\(heads),2,16,bfloat16,bfloat16,0,\(Double(length) * 0.001)\n"
            context += "8,\(length),\(heads),2,16,bfloat16,bfloat16,0,9\n"
        }
        _ = try folder.write(context, "context_attention_perf.csv")
        var generation = columns
        for (batch, step) in [(1, 16), (1, 64), (2, 16), (2, 64)] {
            generation +=
                "\(batch),1,\(heads),2,16,bfloat16,bfloat16,\(step),\(Double(batch * step) * 0.0001)\n"
        }
        _ = try folder.write(generation, "generation_attention_perf.csv")
        _ = try folder.write(
            """
            {"architectures": ["LlamaForCausalLM"], "hidden_size": 64, "intermediate_size": 128,
             "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
             "vocab_size": 512, "max_position_embeddings": 512}
            """, "config.json")
    }

    private func table(_ rest: String = "") throws -> KernelTable {
        let path = try folder.write(
            "id: x\nmodel: config.json\nengines: [{device: l4, kernel_times: \(folder.url.path)\(rest)}]\n",
            "x.yaml")
        let cluster = try Catalog(directory: Repository.workloads).servingCluster(at: path)
        guard case .kernels(let table, _) = cluster.pools[0].engines[0].timing else {
            throw CocoaError(.fileReadUnknown)
        }
        return table
    }

    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was refused"
        } catch { return "\(error)" }
    }

    @Test func aLayerIsItsProductsAndItsAttention() throws {
        try write()
        let table = try table()
        // 128 x 64 for queries, keys and values; 64 x 64; 256 x 64; 64 x 128; at 4 tokens, in microseconds.
        let shapes = ["qkv_proj": 8192.0, "o_proj": 4096, "gate_up_proj": 16384, "down_proj": 8192]
        for (kernel, size) in shapes {
            let point = try #require(table.dense[kernel]?.first { $0.place == 4 })
            #expect(abs(point.microseconds - 4 * size * 1e-3) < 1e-6, "\(kernel)")
        }
        #expect(table.dense.count == 4 && table.perSequence["lm_head"]?.count == 5)
        func time(_ chunk: Double, _ before: Double, _ decodes: Double, _ context: Double) -> Double? {
            table.attention.first {
                $0.chunk == chunk && $0.chunkContext == before && $0.decodes == decodes
                    && $0.decodeContext == context
            }?.microseconds
        }
        #expect(abs((time(0, 0, 2, 64) ?? 0) - 12.8) < 1e-9)
        #expect(abs((time(32, 0, 0, 0) ?? 0) - 32) < 1e-9)
        // 48 tokens less the first 16 of them, beside two sequences.
        #expect(abs((time(32, 16, 2, 64) ?? 0) - 44.8) < 1e-9)
    }

    @Test func aNoisyTableIsRefused() throws {
        try write(noise: 0.6)
        let found = refusal { _ = try table() }
        #expect(
            found.contains("gemm_perf.txt") && found.contains("left out") && found.contains("15 %"),
            "\(found)")
    }

    @Test func whatTheTablesLackIsNamed() throws {
        try write(heads: 8)
        #expect(refusal { _ = try table() }.contains("4 heads, 2 of keys and values, 16 wide"))
        try write()
        #expect(refusal { _ = try table(", tensor_parallel: 2") }.contains("collectives"))
        try FileManager.default.removeItem(
            at: folder.url.appendingPathComponent("generation_attention_perf.csv"))
        #expect(refusal { _ = try table() }.contains("generation_attention_perf"))
        try write()
        _ = try folder.write(Self.products + "VLLM,0.20,bfloat16,1,32,32,x\n", "gemm_perf.txt")
        #expect(refusal { _ = try table() }.contains("latency"))
        _ = try folder.write(Self.products + "VLLM,0.20,nvfp4,1,32,32,1\n", "gemm_perf.txt")
        #expect(refusal { _ = try table() }.contains("gemm_dtype"))
    }
}
