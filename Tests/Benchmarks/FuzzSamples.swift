import Catalog
import Foundation
import Importing
import Quantities
import Vocabulary

/// A small file of every kind, made up after the formats' definitions, and the beginnings of published files
/// where these lie beside the checkout.
enum FuzzSamples {
    /// In a fixed order, each as large as a few rows.
    static func all() -> [(kind: Kind, bytes: [UInt8])] {
        madeUp.map { (.figures($0.kind), Array($0.text.utf8)) }
            + files.compactMap { kind, name in beginning(of: name).map { (.figures(kind), $0) } }
            + traces.map { (.trace($0.layout), Array($0.text.utf8)) }
            + traceFiles.compactMap { layout, name in beginning(of: name).map { (.trace(layout), $0) } }
            + paths.map { (.path, Array($0.utf8)) }
            + ServingFuzz.samples.map { (.serving($0.kind), Array($0.text.utf8)) }
    }

    /// What reads a sample.
    enum Kind {
        /// An importer of figures, by name.
        case figures(String)
        case trace(TraceLayout)
        /// Files about language models.
        case serving(ServingFuzz.Kind)
        /// The paths of a mapping over a document that stays as it is.
        case path
    }

    /// Where numbers stand in a document, as a mapping says it.
    private static let paths = [
        "$.runs[*].gpus[0].w", "sum(gpus[*].w)", "['p.99']", "$.model", "mean($.runs[*].rps)",
        "count(runs[*].gpus[*])", "a.b[12]['c d'].*",
    ]

    /// What paths are asked of.
    static var pathDocument: String { madeUp.last { $0.kind == "json" }?.text ?? "{}" }

    /// What formats that do not name model and server are told of them; `json` is read by paths.
    static func mapping(of kind: String) -> ImportMapping {
        var mapping = ImportMapping()
        switch kind {
        case "vllm", "sglang", "aiperf", "guidellm", "loadgen", "perf-analyzer":
            mapping.constants = ["model": "m", "server": "s"]
        case "json":
            mapping.rows = "$.runs[*]"
            mapping.columns = [
                "model": "$.model", "server": "where", "throughput": "rps", "watts": "sum(gpus[*].w)",
                "p99_ms": "['p.99']", "devices": "count(gpus[*])",
            ]
            mapping.constants = [
                "throughput_unit": "queries", "watts_scope": "devices", "watts_provenance": "metered",
            ]
        default: break
        }
        return mapping
    }

    private static let madeUp: [(kind: String, text: String)] = [
        (
            "csv",
            "model,server,devices,batch,concurrency,throughput,throughput_unit,p50_ms,p99_ms,watts,"
                + "watts_scope,"
                + "watts_provenance\nm,box,1,8,4,100,items,10,20,300,device,metered\n"
                + "\"m, two\",box,2,,,7.5,queries,,,,,\n"
        ),
        (
            "csv",
            "sep=;\nmodel;server;throughput;throughput_unit;p99_ms;watts;watts_scope;watts_provenance\n"
                + "m;box;1.234,5;queries;20,5;310;device;metered\nn;box;800.5;items;1.006;;;\n"
        ),
        (
            "triton",
            "section,gpu,backend,precision,batch,concurrency,infer_per_s,p50_ms,p90_ms,p95_ms,p99_ms,avg_ms\n"
                + "s,T4,ORT,FP16,8.0,2.0,100,150,170,180,190,160\n"
        ),
        (
            "mlperf",
            "version,org,platform,accelerator,acc_per_node,nodes,model,scenario,result,units,power,"
                + "power_units\n"
                + "v3,O,P,A100,8,1,bert-99,Server,1000,Queries/s,2000,Watts\n"
                + "v3,O,P,A2,1,1,bert-99,SingleStream,8.6,Latency (ms),1735,Watts\n"
        ),
        (
            "aiconfigurator",
            "id,silicon_data_source,backend,backend_version,model_path,system,precision,mode,isl,osl,"
                + "tp_size,pp_size,"
                + "attention_dp_size,prefill_num_workers,prefill_tp_size,prefill_pp_size,"
                + "prefill_attention_dp_size,"
                + "decode_num_workers,decode_tp_size,decode_pp_size,decode_attention_dp_size,silicon_ttft_ms,"
                + "silicon_tpot_ms\na,x; silicon_concurrency=8; y,trtllm,1,m-7B,h100_sxm,fp8,agg,128,128,2,"
                + "1,1,,,,,,,,,"
                + "50,10\n"
        ),
        (
            "splitwise",
            "model,hardware,prompt_size,batch_size,token_size,peak_power,average_power,prompt_time,"
                + "token_time,e2e_time,"
                + "tensor_parallel\nllama2-70b,h100,512,2,100,1.0,0.75,50,10,1000,8\n"
        ),
        (
            "llm-inference-bench",
            "Hardware,Num of Hardware,Framework,Model,Input Output Length,Batch Size,Latency,Throughput,"
                + "avg_power\n"
                + "A100,1,vLLM,Llama-2-7b,1024,16,20,1638.4,292973.44\n"
        ),
        (
            "model-analyzer",
            "Model,Batch,Concurrency,Model Config Path,Instance Group,Throughput (infer/sec),"
                + "p99 Latency (ms)\n"
                + "\"a,b\",\"1,2\",\"4,4\",c,1:GPU,\"421.0, [184.5,236.5]\",\"20.7, [23.9,17.4]\"\n"
        ),
        (
            "zeus",
            "dataset,network,batch_size,optimizer,power_limit,time_per_epoch,average_power\nd,n,64,adam,100,"
                + "16.8,99\n"
        ),
        (
            "devices",
            "name,type,tdp_watts,TFLOPS32, TFLOPS16,GFLOPS32/W,GFLOPS16/W,memory,source\nX100,gpu,400,19,"
                + "312,,,80,s\n"
        ),
        (
            "ml-energy",
            #"[{"model_id":"m","gpu_model":"H100","num_gpus":4,"output_throughput_tokens_per_sec":2000,"#
                + #""median_itl_ms":20,"p90_itl_ms":25,"avg_power_watts":2400,"#
                + #""energy_per_token_joules":1.2}]"#
        ),
        (
            "vllm",
            #"{"model_id":"m","server":"s","request_rate":"inf","max_concurrency":8,"completed":10,"#
                + #""total_output_tokens":2000,"request_throughput":2.0,"output_throughput":400.0,"#
                + #""mean_ttft_ms":50,"#
                + #""mean_tpot_ms":10,"mean_e2el_ms":2040}"#
        ),
        (
            "sglang",
            #"{"model":"m","server":"s","request_throughput":2.0,"output_throughput":400.0,"#
                + #""mean_ttft_ms":50,"#
                + #""mean_e2e_latency_ms":2040,"concurrency":4.1}"# + "\n{}\n"
        ),
        (
            "aiperf",
            "Metric,avg,min,max,p99,p95,p90,p75,p50,p25\nRequest Latency (ms),\"2,040.0\",1,3,3,3,2,2,2,1\n\n"
                + "Metric,Value\nOutput Token Throughput (per sec),400.5\nError Request Count,3\n\n"
                + "Endpoint,GPU_Index,GPU_Name,GPU_UUID,Metric,avg\nh:1,0,G,GPU-a,GPU Power Usage (W),310\n"
                + "h:1,1,G,GPU-b,GPU Power Usage (W),305.5\n"
        ),
        (
            "aiperf",
            #"{"output_token_throughput":{"unit":"tokens/sec","avg":52.69},"request_latency":{"unit":"ms","#
                + #""avg":2413.5,"p99":2439.4},"time_to_first_token":{"unit":"ms","avg":195.8},"#
                + #""output_sequence_length":{"avg":64.0},"telemetry_data":{"endpoints":{"a:1":{"gpus":"#
                + #"{"gpu_0":{"gpu_uuid":"GPU-a","metrics":{"gpu_power_usage":{"avg":43.3}}}}}}}}"#
        ),
        (
            "guidellm",
            #"{"args":{"model":"m"},"benchmarks":[{"config":{"strategy":{"type_":"constant","rate":2}},"#
                + #""metrics":{"request_totals":{"successful":120,"errored":1},"requests_per_second":"#
                + #"{"successful":{"mean":2.0}},"request_latency":{"successful":{"mean":2.0,"percentiles":"#
                + #"{"p99":2.9}}},"output_tokens_per_second":{"successful":{"mean":512.0}}}}]}"#
        ),
        (
            "inferencex",
            #"[{"hw":"h200","conc":64,"model":"m","tp":8,"isl":1024,"osl":1024,"disagg":false,"#
                + #""output_tput_per_gpu":100.0,"mean_ttft":0.1,"p99_e2el":6},{"hw":"b","conc":4,"#
                + #""model":"n","disagg":true,"num_prefill_gpu":8,"num_decode_gpu":16,"#
                + #""metrics":{"output_tput_per_gpu":3}}]"#
        ),
        (
            "loadgen",
            "Scenario : Server\nMode     : PerformanceOnly\nCompleted samples per second    : 100.00\n"
                + "Result is : VALID\nMean latency (ns)  : 37756807\n"
                + "99.00 percentile latency (ns)   : 121801757\ntarget_latency (ns): 130000000\n"
        ),
        (
            "loadgen",
            #":::MLLOG {"key": "effective_scenario", "value": "Offline", "time_ms": 1.5}"# + "\n"
                + #":::MLLOG {"key": "result_samples_per_second", "value": 1250.5}"# + "\n"
                + #":::MLLOG {"key": "result_99.00_percentile_latency_ns", "value": 41013900}"# + "\n"
        ),
        (
            "perf-analyzer",
            "Concurrency,Inferences/Second,Client Send,Client Recv,p50 latency,p99 latency,Avg latency,"
                + "Avg GPU Utilization,Avg GPU Power Usage\n"
                + "4,84.2,279,1,47045,64886,47500,GPU-a:0.5;GPU-b:0.9;,GPU-a:91.2;GPU-b:100;\n"
        ),
        (
            "json",
            #"{"model":"m","runs":[{"where":"box","rps":50,"p.99":200,"gpus":[{"w":150},{"w":160.5}]},"#
                + #"{"where":"box","rps":"7","p.99":null,"gpus":[{"w":null}]}]}"#
        ),
    ]

    /// Traces: how they are read, and a small one.
    private static let traces: [(layout: TraceLayout, text: String)] = [
        (.table, "time,a,b\n2024-03-31 00:00:00,1,2\n2024-03-31 01:00:00,3,4.5\n2024-03-31 03:00:00,5,6\n"),
        (.table, "time,svc,load\n0,a,1\n0,b,2\n60,a,3\n60,b,4\n"),
        (.table, "sep=;\nTime;rps\n2026-01-01 00:00:00;5,5\n2026-01-01 00:01:00;1.006,1\n"),
        (.table, "Time,x,y\n2026-01-01 00:00:00,5 req/s,186.7 K\n2026-01-01 00:01:00,,2 Mil\n"),
        (
            .table,
            "\"MTU (CET/CEST)\",\"Area\",\"Day-ahead Price (EUR/MWh)\"\n"
                + "\"26/10/2025 02:00:00 (CEST) - 26/10/2025 02:00:00 (CET)\",\"BZN|DE-LU\",\"20.50\"\n"
                + "\"26/10/2025 02:00:00 (CET) - 26/10/2025 03:00:00\",\"BZN|DE-LU\",\"-30.50\"\n"
                + "\"26/10/2025 03:00:00 - 26/10/2025 04:00:00\",\"BZN|DE-LU\",\"40\"\n"
        ),
        (.table, "epoch,load\n1700000000,1\n1700000060,2\n1700000120,3\n"),
        (
            .azureLLM,
            "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n"
                + "2023-11-16 18:15:50.9951690,396,109\n"
        ),
        (.vidur, "arrived_at,num_prefill_tokens,num_decode_tokens\n0.5,1,2\n61.25,1,2\n"),
        (
            .burstGPT,
            "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,x\n"
                + "45,ChatGPT,1087,230,1317,x\n"
        ),
        (.serveGen, "0,2.5,0.9,Gamma,1,2\n600,3.5,nan,Gamma,1,2\n1200,3,1,Gamma,1,2\n"),
        (.serveGen, "window_start_s,total_rate_rps\n0,2.5\n600,3.5\n1200,3\n"),
        (
            .mooncake,
            #"{"timestamp": 0, "input_length": 6755, "output_length": 500, "hash_ids": [0, 1]}"# + "\n"
                + #"{"timestamp": 61000, "input_length": 7319, "output_length": 490, "hash_ids": [0]}"# + "\n"
        ),
        (
            .prometheus,
            #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"job":"a"},"values":"#
                + #"[[1700000000,"1.5"],[1700000060,"2"]]}]}}"#
        ),
    ]

    private static let traceFiles: [(layout: TraceLayout, name: String)] = [
        (.azureLLM, "azure_llm_2023/AzureLLMInferenceTrace_conv.csv"),
        (.serveGen, "servegen/language_m-large_rate.csv"), (.table, "worldcup98/invocation_count.csv"),
        (.table, "nab/Twitter_volume_AMZN.csv"),
    ]

    private static let files = [
        ("triton", "triton_dlrm/triton_tables.csv"), ("mlperf", "mlperf_power/joined_power.csv"),
        ("aiconfigurator", "aiconfigurator/silicon_sample.csv"),
        ("splitwise", "splitwise_sim/perf_model.csv"),
        ("llm-inference-bench", "anl_llm_bench/power_results.csv"), ("zeus", "zeus/summary_power_a40.csv"),
        ("model-analyzer", "model_analyzer/multi-model-ckpt/golden-metrics-model-gpu.csv"),
        ("devices", "gpu_specs/gpus.csv"),
    ]

    /// The first kilobytes of a published file, up to the end of a line; nil where it is not there.
    private static func beginning(of name: String) -> [UInt8]? {
        guard let handle = FileHandle(forReadingAtPath: "../shared/data/\(name)"),
            let bytes = try? handle.read(upToCount: 3000), let end = bytes.lastIndex(of: 0x0A)
        else { return nil }
        return [UInt8](bytes[...end])
    }
}
