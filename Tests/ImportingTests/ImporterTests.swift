import Catalog
import Foundation
import Importing
import Quantities
import Testing
import Vocabulary

/// Every format, with its units, from files made up after its definition.
@Suite struct ImporterTests {
    private func server(_ name: String, model: String? = nil) -> ImportMapping {
        var mapping = ImportMapping()
        mapping.constants = ["server": name]
        mapping.constants["model"] = model
        return mapping
    }

    @Test func everyKindHasAWordOfItsOwn() {
        let kinds = Importers.all.map(\.kind)
        #expect(Set(kinds).count == kinds.count && kinds.count == 18)
        #expect(Importers.all.allSatisfy { !$0.title.isEmpty })
        #expect(Importers.named("none") == nil)
    }

    @Test func theGenericTableReadsEveryColumn() throws {
        let file = try ImportedFile(
            """
            # a comment, with "quotes"
            model,server,devices,batch,concurrency,throughput,throughput_unit,mean_ms,p99_ms,target_quantile,\
            target_limit_ms,watts,watts_scope,watts_provenance,utilisation_fraction,date
            bert-99,box,4,8,16,800.5,items,160,210,0.99,300,1250,system,metered,0.5,2024-01-02
            bert-99,box,,,,10,queries,,,,,,,,,

            """)
        let figures = try file.figures("csv")
        #expect(figures.count == 2)
        var first = ImportedFigure(line: 3, model: "bert-99", server: "box")
        first.devices = 4
        first.batch = 8
        first.concurrency = 16
        first.throughput = 800.5
        first.throughputUnit = .items
        first.meanLatency = Nanoseconds(milliseconds: 160)
        first.p99Latency = Nanoseconds(milliseconds: 210)
        first.target = LatencyTarget(quantile: Quantile(0.99), limit: Nanoseconds(milliseconds: 300))
        first.power = Watts(1250)
        first.powerScope = .system
        first.powerProvenance = .metered
        first.utilisation = Fraction(0.5)
        first.date = "2024-01-02"
        #expect(figures[0] == first)
        var second = ImportedFigure(line: 4, model: "bert-99", server: "box")
        second.throughput = 10
        second.throughputUnit = .queries
        #expect(figures[1] == second, "an empty cell is nil, never zero")
    }

    /// Spreadsheets of half the world separate fields by `;` and write decimal commas.
    @Test(arguments: [
        ("800,5", "1.250,75", 800.5, 1250.75), ("800.5", "1,250.75", 800.5, 1250.75),
        ("1 800,5", "250", 1800.5, 250), ("8e2", "1.250.000", 800, 1_250_000),
        ("1.234", "1.5", 1.234, 1.5), ("1,234", "1.234", 1.234, 1234),
    ])
    func decimalCommasAreReadWhereTheyCanBe(rate: String, watts: String, qps: Double, drawn: Double) throws {
        let head = "model;server;throughput;throughput_unit;watts;watts_scope;watts_provenance\n"
        let row = "a;box;\(rate);queries;\(watts);system;metered\n"
        for text in [head + row, "# from a spreadsheet\n" + head + row, "sep=;\n" + head + row] {
            let figure = try #require(try ImportedFile(text).figures("csv").first, "\(text)")
            #expect(figure.throughput == qps && figure.power == Watts(drawn), "\(text)")
        }
    }

    @Test func aFileHasOneDecimalSign() throws {
        let head = "model;server;throughput;throughput_unit\n"
        let file = try ImportedFile(head + "a;box;5,5;queries\nb;box;5.5;queries\nc;box;x;queries\n")
        #expect(try file.figures("csv").map(\.throughput) == [5.5])
        #expect(
            try file.refusals("csv") == [
                "3: throughput: found '5.5', expected a number with one decimal sign throughout the file",
                "4: throughput: found 'x', expected a number from 0 to 1e15",
            ])
        // Between commas a point is what it is.
        let commas = try ImportedFile("model,server,throughput,throughput_unit\na,box,1.234,queries\n")
        #expect(try commas.figures("csv").first?.throughput == 1.234)
    }

    @Test func aMappingReadsAnyTable() throws {
        let map = try ImportedFile(
            """
            columns: {model: net, throughput: "inf/s", watts: mW}
            constants: {throughput_unit: items, server: A100, watts_scope: device, watts_provenance: metered}
            factors: {watts: 0.001}
            models: {BERT-Large: bert-99}
            servers: {A100: a100-x1}
            ignore: [note]
            separator: ";"
            """, name: "map.yaml")
        let file = try ImportedFile("net;inf/s;mW;note\nBERT-Large;100;250000;fine\nother;1;2;\n")
        let figures = try file.figures("csv", ImportMapping(path: map.path))
        #expect(figures.map(\.model) == ["bert-99", "other"])
        #expect(figures.map(\.server) == ["a100-x1", "a100-x1"])
        #expect(figures[0].power == Watts(250) && figures[0].throughput == 100)
    }

    @Test(arguments: [
        ("a,box,x,queries", "2: throughput: found 'x', expected a number from 0 to 1e15"),
        ("a,box,NaN,queries", "2: throughput: found 'NaN', expected a number from 0 to 1e15"),
        ("a,box,inf,queries", "2: throughput: found 'inf', expected a number from 0 to 1e15"),
        ("a,box,-1,queries", "2: throughput: found '-1', expected a number from 0 to 1e15"),
        ("a,box,1e400,queries", "2: throughput: found '1e400', expected a number from 0 to 1e15"),
        ("a,box,,queries", "2: throughput: found nothing, expected a number from 0 to 1e15"),
        (",box,1,queries", "2: model: found nothing, expected a text"),
        (
            "a,box,1,hertz",
            "2: throughput_unit: found 'hertz', expected one of queries, items, tokens, epochs"
        ),
        ("a,box,1", "2: found 3 fields, expected 4, as the header has"),
        ("a,box,1,queries,5", "2: found 5 fields, expected 4, as the header has"),
    ])
    func aRowThatCannotBeReadIsRefusedWithItsReason(row: String, reason: String) throws {
        let file = try ImportedFile("model,server,throughput,throughput_unit\n\(row)\na,box,2,items\n")
        #expect(try file.refusals("csv") == [reason])
        #expect(try file.figures("csv").map(\.throughput) == [2], "the rows after it are read")
    }

    @Test func tritonCountsInputs() throws {
        let file = try ImportedFile(
            "source,section,gpu,backend,precision,batch,concurrency,infer_per_s,p50_ms,p90_ms,p95_ms,p99_ms,"
                + "avg_ms\n"
                + "PyTorch/BERT/triton/large/README.md,Offline,T4,ORT,FP16,8.0,2.0,100,150,170,180,190,160\n")
        let figure = try #require(try file.figures("triton").first)
        #expect(figure.model == "BERT large" && figure.server == "T4")
        #expect(figure.throughput == 100 && figure.throughputUnit == .items && figure.requestRate == 12.5)
        #expect(figure.meanLatency == Nanoseconds(milliseconds: 160) && figure.concurrency == 2)
    }

    @Test func mlperfTellsThroughputFromLatencyAndWattsFromMillijoules() throws {
        let head =
            "version,org,platform,accelerator,acc_per_node,nodes,model,scenario,result,units,power,"
            + "power_units\n"
        let file = try ImportedFile(
            head + "v3,O,P,A100,8,1,bert-99,Server,1000,Queries/s,2000,Watts\n"
                + "v3,O,P,A2,1,1,bert-99,SingleStream,8.6,Latency (ms),1735,Watts\n"
                + "v3,O,P,A2,1,1,bert-99,Server,5,Samples/s,20,Watts\n")
        let figures = try file.figures("mlperf")
        #expect(figures.count == 2)
        #expect(
            figures[0].power == Watts(2000) && figures[0].powerScope == .system && figures[0].devices == 8)
        #expect(
            figures[0].target
                == LatencyTarget(quantile: Quantile(0.99), limit: Nanoseconds(milliseconds: 130)))
        #expect(figures[1].power == nil && figures[1].energyPerItem == Joules(1.735))
        #expect(figures[1].p90Latency == Nanoseconds(milliseconds: 8.6) && figures[1].throughput == nil)
        #expect(try file.refusals("mlperf").first?.contains("found 'Samples/s in Server'") == true)
        let tokens = try ImportedFile(
            head + "v4,O,P,H100,8,1,llama2-70b-99.9,Offline,17561.6,Samples/s,5888,Watts\n"
                + "v5,O,P,H100,8,1,llama2-70b-99.9,Server,15000,Tokens/s,5888,Watts\n"
                + "v4,O,P,H100,8,1,gptj-99,Offline,178.9,Samples/s,4790,Watts\n"
                + "v5,O,P,H100,1,1,pointpainting,SingleStream,9.5,Latency (ms),,\n")
        let units = try tokens.figures("mlperf")
        #expect(units.map(\.throughputUnit) == [.tokens, .tokens, .items, nil])
        #expect(units.map(\.target) == [nil, nil, nil, nil])
        #expect(units[3].p90Latency == nil && units[3].concurrency == 1)
    }

    @Test func llmInferenceBenchIsInSecondsBothWaysAndMilliwatts() throws {
        let file = try ImportedFile(
            "Hardware,Num of Hardware,Framework,Model,Input Output Length,Batch Size,Latency,Throughput,"
                + "avg_power\n"
                + "A100,1,vLLM,Llama-2-7b,1024,16,20,1638.4,292973.44\n")
        let figure = try #require(try file.figures("llm-inference-bench").first)
        #expect(figure.power == Watts(292.97344) && figure.powerScope == .device)
        #expect(figure.throughput == 819.2 && figure.throughputUnit == .tokens)
        #expect(figure.meanLatency == Nanoseconds(seconds: 20) && figure.requestRate == 0.8)
    }

    @Test func splitwisePowerIsAShareAndZeroIsUnknown() throws {
        let head =
            "model,hardware,prompt_size,batch_size,token_size,peak_power,average_power,prompt_time,"
            + "token_time,"
            + "e2e_time,tensor_parallel\n"
        let file = try ImportedFile(
            head
                + "llama2-70b,h100,512,2,100,1.0,0.75,50,10,1000,8\nllama2-70b,h100,512,1,100,0.0,0.0,50,10,"
                + "1000,8\n"
        )
        let figures = try file.figures("splitwise")
        #expect(figures[0].powerFraction == Fraction(0.75) && figures[0].power == nil)
        #expect(figures[1].powerFraction == nil)
        #expect(figures[0].throughput == 200 && figures[0].isThroughputDerived)
    }

    @Test func mlEnergyGivesWattsOfAllDevices() throws {
        let file = try ImportedFile(
            """
            [{"model_id": "m", "gpu_model": "H100", "num_gpus": 4, "max_num_seqs": 64,
              "output_throughput_tokens_per_sec": 2000, "median_itl_ms": 20, "p90_itl_ms": 25,\
               "p95_itl_ms": 30,
              "p99_itl_ms": 40, "avg_power_watts": 2400, "energy_per_token_joules": 1.2},
             {"model_id": "m", "gpu_model": "H100", "num_gpus": 1, "output_throughput_tokens_per_sec": 1,
              "median_itl_ms": 20, "p90_itl_ms": 10}]
            """)
        let figure = try #require(try file.figures("ml-energy").first)
        #expect(figure.devices == 4 && figure.power == Watts(2400) && figure.energyPerItem == Joules(1.2))
        #expect(figure.powerScope == .devices, "the mean of all GPUs together")
        #expect(figure.throughput == 2000 && figure.outputTokenLatency == Nanoseconds(milliseconds: 20))
        #expect(try file.refusals("ml-energy").first?.contains("expected ascending numbers") == true)
        // As it is published: a file of a task, and a file of a model, which stands beside the list.
        let task = try ImportedFile(
            """
            {"configurations": [{"model_id": "m", "gpu_model": "H100", "num_gpus": 2, "max_num_seqs": null,
              "output_throughput_tokens_per_sec": 3582, "avg_power_watts": 1163}], "task": "gpqa"}
            """)
        let model = try ImportedFile(
            """
            {"model_id": "n", "configurations": [{"gpu_model": "H100", "num_gpus": 1,
              "output_throughput_tokens_per_sec": 100}]}
            """)
        let ofTask = try #require(try task.figures("ml-energy").first)
        #expect(ofTask.model == "m" && ofTask.power == Watts(1163) && ofTask.detail == nil)
        #expect(try model.figures("ml-energy").map(\.model) == ["n"])
    }

    @Test func servingBenchmarksTellOpenFromClosedLoops() throws {
        let vllm = try ImportedFile(
            """
            {"date": "20250101", "model_id": "llama", "num_prompts": 10, "request_rate": "inf",\
             "max_concurrency": 8,
             "completed": 10, "total_input_tokens": 1000, "total_output_tokens": 2000,\
              "request_throughput": 2.0,
             "output_throughput": 400.0, "mean_ttft_ms": 50.0, "mean_tpot_ms": 10.0, "mean_e2el_ms": 2040.0,
             "p99_e2el_ms": 3000.0, "ttfts": [0.05]}
            """)
        let closed = try #require(try vllm.figures("vllm", server("h100-x8")).first)
        #expect(closed.model == "llama" && closed.server == "h100-x8" && closed.concurrency == 8)
        #expect(closed.throughput == 400 && closed.outputTokens == 200 && closed.offeredRate == nil)
        #expect(closed.p99Latency == Nanoseconds(seconds: 3))
        let sglang = try ImportedFile(
            """
            {"backend": "sglang", "request_rate": 4, "completed": 4, "total_input_tokens": 4,\
             "total_output_tokens": 40,
             "request_throughput": 3.9, "output_throughput": 39, "mean_ttft_ms": 5, "mean_tpot_ms": 1,
             "mean_e2e_latency_ms": 14, "concurrency": 0.05}
            """.replacing("\n", with: "") + "\n"
                + #"{"request_throughput": 9, "output_throughput": 39, "mean_ttft_ms": 5,"#
                + #" "mean_e2e_latency_ms": 14, "#
                + #""completed": 4, "total_output_tokens": 40}"# + "\n")
        let open = try #require(try sglang.figures("sglang", server("box", model: "m")).first)
        #expect(open.offeredRate == QueriesPerSecond(4) && open.concurrency == 0.05 && open.model == "m")
        #expect(
            try sglang.refusals("sglang", server("box", model: "m")).first?.hasPrefix(
                "2: request_throughput:")
                == true)
        #expect(
            try vllm.refusals("vllm") == [
                "1: server: found nothing, expected it on the command line, or in a mapping: "
                    + "`constants: {server: NAME}`"
            ])
    }

    @Test func servingBenchmarksReadRatesThatAreNoNumbers() throws {
        let run =
            #""completed": 4, "total_output_tokens": 40, "request_throughput": 3.9, "output_throughput": 39,"#
            + #" "#
            + #""mean_ttft_ms": 5, "mean_tpot_ms": 1, "mean_e2e_latency_ms": 14"#
        let sglang = try ImportedFile(
            #"{"backend": "a \"NaN\" - Infinity", "request_rate": Infinity, "std_ttft_ms": NaN, \#(run)}"#
                + "\n"
                + #"{"backend": "b", "request_rate": "trace", \#(run)}"# + "\n")
        let figures = try sglang.figures("sglang", server("box", model: "m"))
        #expect(figures.map(\.offeredRate) == [nil, nil])
        #expect(figures.map(\.framework) == ["a \"NaN\" - Infinity", "b"], "texts stay as they are")
        let growing = try ImportedFile(
            #"{"model_id": "m", "request_rate": "inf", "max_concurrency": 8, "ramp_up_strategy": "linear","#
                + #" \#(run)}"#
        )
        #expect(try #require(try growing.figures("vllm", server("box")).first).concurrency == nil)
    }

    @Test func aiperfIsTwoTablesInOneFile() throws {
        let file = try ImportedFile(
            """
            Metric,avg,min,max,p99,p95,p90,p75,p50,p25
            Time To First Token (ms),50.0,1,100,90,80,70,60,50,40
            Inter Token Latency (ms),10.0,1,20,19,18,17,16,10,5
            Request Latency (ms),"2,040.0",1,3000,2900,2800,2700,2600,2000,1000
            Output Sequence Length (tokens),200.0,1,300,290,280,270,260,200,100

            Metric,Value
            Output Token Throughput (per sec),400.5
            Request Throughput (per sec),2.0
            """)
        var mapping = server("box", model: "m")
        mapping.constants["concurrency"] = "4"
        let figure = try #require(try file.figures("aiperf", mapping).first)
        #expect(figure.throughput == 400.5 && figure.outputTokens == 200 && figure.concurrency == 4)
        #expect(figure.meanLatency == Nanoseconds(milliseconds: 2040))
        #expect(
            figure.p50Latency == Nanoseconds(seconds: 2) && figure.p99Latency == Nanoseconds(seconds: 2.9))
        #expect(figure.firstTokenLatency == Nanoseconds(milliseconds: 50))
        let newer = try ImportedFile(
            """
            Metric,avg,min,max,sum,p1,p5,p10,p25,p50,p75,p90,p95,p99,std
            Time to First Token (ms),49.87,1,100,500,1,2,3,4,50,60,70,80,90,1
            Output Sequence Length (tokens),498,1,501,5000,1,2,3,4,500,500,500,500,500,1

            Metric,Value
            Output Token Throughput (tokens/sec),598.78
            Request Count,50


            Endpoint,GPU_Index,GPU_Name,GPU_UUID,Metric,avg
            localhost:9400,0,H100,GPU-1,GPU Power Usage (W),600.00
            """)
        let second = try #require(try newer.figures("aiperf", mapping).first)
        #expect(second.firstTokenLatency == Nanoseconds(milliseconds: 49.87) && second.throughput == 598.78)
    }

    @Test func modelAnalyzerTakesWattsFromTheTableBesideIt() throws {
        let gpu = try ImportedFile(
            "Model,GPU UUID,Batch,Concurrency,Model Config Path,Instance Group,GPU Utilization (%),"
                + "GPU Power Usage (W)\n"
                + "m,GPU-1,2,4,c1,1:GPU,50.0,200\nm,GPU-2,2,4,c1,1:GPU,25.0,100\n", name: "x-gpu.csv")
        #expect(try gpu.figures("model-analyzer").map(\.utilisation) == [Fraction(0.5), Fraction(0.25)])
        let path = gpu.path.replacing("x-gpu.csv", with: "x-inference.csv")
        let text =
            "Model,Batch,Concurrency,Model Config Path,Instance Group,Throughput (infer/sec),"
            + "p99 Latency (ms)\n"
            + "m,2,4,c1,1:GPU,\"421.0, [184.5,236.5]\",\"20.7, [23.9,17.4]\"\nm,1,4,c1,1:GPU,5,1\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        var figures: [ImportedFigure] = []
        try #require(Importers.named("model-analyzer")).read(ImportInput(path: path)) { row in
            if case .figure(let figure) = row { figures.append(figure) }
        }
        #expect(figures.map(\.throughput) == [421, 5] && figures.map(\.power) == [Watts(300), nil])
        #expect(figures[0].devices == 2 && figures[0].powerScope == .devices)
        #expect(figures[0].p99Latency == Nanoseconds(milliseconds: 20.7) && figures[0].batch == 2)
    }

    @Test func aSumOfWattsWithAMissingPartIsUnknown() throws {
        // What a GPU's busy time was says nothing of its watts; a missing cell of watts does.
        for (cells, watts) in [("None,210", 410.0), ("50.0,None", nil), ("50.0,", nil)] as [(String, Double?)]
        {
            let gpu = try ImportedFile(
                "Model,GPU UUID,Batch,Concurrency,Model Config Path,Instance Group,GPU Utilization (%),"
                    + "GPU Power Usage (W)\n"
                    + "m,GPU-1,1,8,c1,2:GPU,61.0,200\nm,GPU-2,1,8,c1,2:GPU,\(cells)\n", name: "x-gpu.csv")
            let path = gpu.path.replacing("x-gpu.csv", with: "x-inference.csv")
            try """
            Model,Batch,Concurrency,Model Config Path,Instance Group,Throughput (infer/sec),p99 Latency (ms)
            m,1,8,c1,2:GPU,812.4,11.2

            """.write(toFile: path, atomically: true, encoding: .utf8)
            var figures: [ImportedFigure] = []
            try #require(Importers.named("model-analyzer")).read(ImportInput(path: path)) { row in
                if case .figure(let figure) = row { figures.append(figure) }
            }
            #expect(figures.map(\.devices) == [2], "\(cells)")
            #expect(figures.map(\.power) == [watts.map { Watts($0) }], "\(cells)")
        }
    }
}
