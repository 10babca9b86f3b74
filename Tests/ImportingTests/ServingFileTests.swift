import Catalog
import Foundation
import Importing
import Quantities
import Testing
import Vocabulary

/// What people's own runs say beside their rate: failures, tails per token, GPUs, and what a mapping adds.
@Suite struct ServingFileTests {
    private func mapping(_ constants: [String: String] = ["server": "box", "model": "m"]) -> ImportMapping {
        var mapping = ImportMapping()
        mapping.constants = constants
        return mapping
    }

    private static func vllm(_ more: String) -> String {
        """
        {"model_id": "m", "request_rate": "inf", "max_concurrency": 64, "total_input_tokens": 4736,
         "total_output_tokens": 2368, "request_throughput": 3.7, "output_throughput": 236.8,
         "mean_ttft_ms": 30, "median_ttft_ms": 28, "p99_ttft_ms": 60, "mean_tpot_ms": 5,
         "median_tpot_ms": 5, "p99_tpot_ms": 7, "mean_itl_ms": 4.9, "p99_itl_ms": 9,
         "mean_e2el_ms": 345, "p99_e2el_ms": 400, \(more)}
        """
    }

    @Test func failuresStandBesideCompletionsAndKeepAFigureOutOfPlans() throws {
        let file = try ImportedFile(Self.vllm(#""num_prompts": 1000, "completed": 37, "failed": 963"#))
        let figure = try #require(try file.figures("vllm", mapping()).first)
        #expect(figure.completedRequests == 37 && figure.failedRequests == 963)
        #expect(figure.failedFraction == 0.963)
        let verdict = PhysicsChecks(limits: []).verdict(on: figure)
        #expect(verdict.failures.contains { $0.check == .failures })
        let older = try ImportedFile(Self.vllm(#""num_prompts": 1000, "completed": 37"#))
        #expect(try older.figures("vllm", mapping()).first?.failedRequests == 963)
    }

    @Test func tailsOfTokensAreKept() throws {
        let file = try ImportedFile(Self.vllm(#""num_prompts": 37, "completed": 37, "failed": 0"#))
        let figure = try #require(try file.figures("vllm", mapping()).first)
        let ms = { (number: Double) in Nanoseconds(milliseconds: number) }
        #expect(figure.firstTokenTail == .init(p50: ms(28), p99: ms(60)))
        #expect(figure.outputTokenTail == .init(p50: ms(5), p99: ms(7)))
        #expect(figure.interTokenLatency == ms(4.9) && figure.interTokenTail == .init(p99: ms(9)))
        #expect(figure.failedRequests == 0 && figure.p99Latency == ms(400))
    }

    @Test func aRateGivesRequestsInFlightByLittlesLaw() throws {
        let text = Self.vllm(#""completed": 37"#).replacing(#""inf""#, with: "4.0")
        let figure = try #require(try ImportedFile(text).figures("vllm", mapping()).first)
        let inFlight = try #require(figure.concurrency)
        #expect(abs(inFlight - 3.7 * 0.345) < 1e-9 && figure.isConcurrencyDerived == true)
        #expect(PhysicsChecks(limits: []).verdict(on: figure).findings[.little] == nil)
    }

    @Test func aMappingNamesOtherKeysAndSaysWhatAFileLeavesOut() throws {
        var other = mapping(["server": "box", "parallelism": "tp8", "devices": "8", "precision": "fp8"])
        other.columns = ["output_throughput": "results.tokens", "date": "$.when", "model": "config['a.b']"]
        let text = Self.vllm(#""completed": 37, "when": "2026", "config": {"a.b": "mine"}"#)
            .replacing(#""output_throughput": 236.8"#, with: #""results": {"tokens": 236.8}"#)
        let figure = try #require(try ImportedFile(text).figures("vllm", other).first)
        #expect(figure.throughput == 236.8 && figure.model == "mine" && figure.date == "2026")
        #expect(figure.parallelism == "tp8" && figure.devices == 8 && figure.precision == "fp8")
    }

    @Test(arguments: [
        (["paralellism": "tp8"], [:], "found 'paralellism', expected a column of ours"),
        (["server": "box"], ["qps": "x"], "found 'qps', expected a column of ours"),
        (["server": "box"], ["date": "when"], "found no single value at 'when' (object 1)"),
        (["server": "box"], ["date": "a..b"], "mapping.columns.date: found 'a..b', expected a path like"),
    ])
    func aMappingWithoutEffectIsRefused(
        constants: [String: String], columns: [String: String], message: String
    ) throws {
        var other = mapping(constants)
        other.columns = columns
        let file = try ImportedFile(Self.vllm(#""completed": 37"#))
        #expect {
            try file.rows("vllm", other)
        } throws: { error in
            "\(error)".contains(message)
        }
    }

    @Test func whatIsFoundIsWhatStandsInTheFileUnderItsOwnName() throws {
        var other = mapping(["server": "box", "throughput_unit": "queries", "watts_scope": "system"])
        other.constants["watts_provenance"] = "metered"
        other.columns = [
            "model": "net", "throughput": "inf/s", "watts": "mW", "utilisation_fraction": "busy",
        ]
        other.factors = ["watts": 0.001]
        let file = try ImportedFile("net,inf/s,mW,busy\na,1,2.50e17,0.5\na,1,1,+1.50\n")
        #expect(
            try file.refusals("csv", other) == [
                "2: mW (read as watts): found '2.50e17', expected a number from 0 to 1e15",
                "3: busy (read as utilisation_fraction): found '+1.50', expected a number from 0 to 1",
            ])
        other.constants["devices"] = "many"
        #expect(
            try file.refusals("csv", other).first?.contains("devices (a constant of the mapping)") == true)
    }

    private static let aiperf = """
        Metric,avg,min,max,p50,p90,p95,p99,std
        Time to First Token (ms),40.00,20.00,90.00,38.00,60.00,70.00,85.00,9.20
        Inter Token Latency (ms),10.00,9.00,12.00,10.00,11.00,11.50,11.90,0.40
        Request Latency (ms),"2,030.00",1800.00,2600.00,2000.00,2200.00,2400.00,2500.00,120.00
        Output Sequence Length (tokens),200.00,200,200,200,200,200,200,0

        Metric,Value
        Output Token Throughput (tokens/sec),1576.35
        Request Count,400.00
        Error Request Count,600.00

        Endpoint,GPU_Index,GPU_Name,GPU_UUID,Metric,avg,min,max,p50,p90,p95,p99,std
        localhost:9401,0,Imaginary 9,GPU-a,GPU Power Usage (W),310.00,100,420,320,400,410,419,30
        localhost:9401,0,Imaginary 9,GPU-a,GPU Utilization (%),50,1,99,50,90,95,99,3

        """

    @Test func aiperfsGPUsAreSummedOnlyWhereAllAreKnown() throws {
        let row = "localhost:9401,1,Imaginary 9,GPU-b,GPU Power Usage (W),305.00,100,420,320,400,410,419,30\n"
        let two = try #require(
            try ImportedFile(Self.aiperf + row).figures("aiperf", mapping()).first)
        #expect(two.power == Watts(615) && two.powerScope == .devices && two.devices == 2)
        #expect(two.powerProvenance == .metered)
        #expect(two.completedRequests == 400 && two.failedRequests == 600)
        #expect(two.firstTokenTail?.p99 == Nanoseconds(milliseconds: 85))
        #expect(two.outputTokenTail?.p95 == Nanoseconds(milliseconds: 11.5))
        let unknown = Self.aiperf + row.replacing("305.00", with: "")
        let half = try #require(try ImportedFile(unknown).figures("aiperf", mapping()).first)
        #expect(half.power == nil && half.devices == 2, "a sum with a missing part is unknown")
    }

    @Test func aiperfsJSONSaysTheSame() throws {
        let file = try ImportedFile(
            """
            {"schema_version": "1.0", "request_throughput": {"unit": "requests/sec", "avg": 7.88},
             "request_latency": {"unit": "ms", "avg": 2030, "p50": 2000, "p90": 2200, "p95": 2400,
                                 "p99": 2500},
             "request_count": {"unit": "requests", "avg": 400},
             "error_request_count": {"unit": "requests", "avg": 4},
             "time_to_first_token": {"unit": "ms", "avg": 40, "p50": 38, "p99": 85},
             "inter_token_latency": {"unit": "ms", "avg": 10, "p99": 11.9},
             "output_token_throughput": {"unit": "tokens/sec", "avg": 1576.35},
             "output_sequence_length": {"unit": "tokens", "avg": 200},
             "input_sequence_length": {"unit": "tokens", "avg": 512},
             "input_config": {"endpoint": {"model_names": ["tiny"]}, "loadgen": {"concurrency": 16}},
             "telemetry_data": {"endpoints": {"localhost:9401": {"gpus": {
               "gpu_0": {"gpu_uuid": "GPU-a", "gpu_name": "Imaginary",
                         "metrics": {"gpu_power_usage": {"avg": 310, "unit": "W"}}},
               "gpu_1": {"gpu_uuid": "GPU-b", "gpu_name": "Imaginary",
                         "metrics": {"gpu_power_usage": {"avg": 305, "unit": "W"}}}}}}}}
            """)
        let figure = try #require(try file.figures("aiperf", mapping(["server": "box"])).first)
        #expect(figure.model == "tiny" && figure.concurrency == 16 && figure.throughput == 1576.35)
        #expect(figure.power == Watts(615) && figure.devices == 2 && figure.failedRequests == 4)
        #expect(figure.p95Latency == Nanoseconds(seconds: 2.4))
        #expect(figure.firstTokenTail?.p50 == Nanoseconds(milliseconds: 38) && figure.inputTokens == 512)
    }

    @Test func modelAnalyzerSumsEveryGPUOfAConfigurationOrNone() throws {
        func inference(_ gpus: String) throws -> ImportedFigure {
            let gpu = try ImportedFile(
                "Model,GPU UUID,Batch,Concurrency,Model Config Path,Instance Group,GPU Utilization (%),"
                    + "GPU Power Usage (W)\n" + gpus, name: "metrics-model-gpu.csv")
            let path = gpu.path.replacing("-gpu", with: "-inference")
            try Data(
                ("Model,Batch,Concurrency,Model Config Path,Instance Group,Throughput (infer/sec),"
                    + "p99 Latency (ms)\nm,1,8,c3,2:GPU,812.4,11.2\n").utf8
            ).write(to: URL(fileURLWithPath: path))
            var figures: [ImportedFigure] = []
            try #require(Importers.named("model-analyzer")).read(ImportInput(path: path)) { row in
                if case .figure(let figure) = row { figures.append(figure) }
            }
            return try #require(figures.first)
        }
        let both = try inference("m,GPU-a,1,8,c3,2:GPU,61.0,200.0\nm,GPU-b,1,8,c3,2:GPU,None,210.0\n")
        #expect(both.power == Watts(410) && both.powerScope == .devices && both.devices == 2)
        let one = try inference("m,GPU-a,1,8,c3,2:GPU,61.0,200.0\nm,GPU-b,1,8,c3,2:GPU,60,None\n")
        #expect(one.power == nil && one.devices == 2)
        let broken = try inference("m,GPU-a,1,8,c3,2:GPU,61.0,200.0\nm,GPU-b,1,8,c3,2:GPU,60,x\n")
        #expect(broken.power == nil)
    }
}
