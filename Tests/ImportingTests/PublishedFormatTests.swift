import Catalog
import Foundation
import Importing
import Quantities
import Testing
import Vocabulary

/// Formats of other benchmarks as their tools write them, from files made up after the formats' definitions.
@Suite struct PublishedFormatTests {
    private func mapping(_ constants: [String: String] = ["server": "box", "model": "m"]) -> ImportMapping {
        var mapping = ImportMapping()
        mapping.constants = constants
        return mapping
    }

    private let ms = { (number: Double) in Nanoseconds(milliseconds: number) }

    @Test func guidellmHasABenchmarkForEachLoad() throws {
        let file = try ImportedFile(
            """
            {"metadata": {"version": 1}, "args": {"model": "tiny", "rate": [4.0]}, "benchmarks": [
             {"config": {"strategy": {"type_": "concurrent", "streams": 4}}, "metrics": {
               "request_totals": {"successful": 120, "errored": 3, "incomplete": 1, "total": 124},
               "requests_per_second": {"successful": {"mean": 2.0}},
               "request_concurrency": {"successful": {"mean": 4.0}},
               "request_latency": {"successful": {"mean": 2.0, "median": 1.9,
                 "percentiles": {"p50": 1.9, "p90": 2.3, "p95": 2.5, "p99": 2.9}}},
               "output_tokens_per_second": {"successful": {"mean": 512.0}},
               "time_to_first_token_ms": {"successful": {"mean": 60.0, "percentiles": {"p99": 90.0}}},
               "inter_token_latency_ms": {"successful": {"mean": 7.6, "median": 7.5}},
               "time_per_output_token_ms": {"successful": {"mean": 7.8}}}},
             {"config": {"strategy": {"type_": "constant", "rate": 5.0}}, "metrics": {
               "requests_per_second": {"successful": {"mean": 4.0}},
               "request_latency": {"successful": {"mean": 0.5}},
               "prompt_token_count": {"successful": {"mean": 100}},
               "output_token_count": {"successful": {"mean": 50}},
               "output_tokens_per_second": {"successful": {"mean": 200.0}}}}]}
            """)
        let figures = try file.figures("guidellm", mapping(["server": "box"]))
        #expect(figures.map(\.model) == ["tiny", "tiny"] && figures.map(\.throughput) == [512, 200])
        let closed = figures[0]
        #expect(closed.outputTokens == 256 && closed.concurrency == 4 && closed.failedRequests == 3)
        #expect(
            closed.meanLatency == ms(2000) && closed.p50Latency == ms(1900) && closed.p99Latency == ms(2900))
        #expect(closed.firstTokenTail?.p99 == ms(90) && closed.interTokenTail?.p50 == ms(7.5))
        #expect(closed.outputTokenLatency == ms(7.6), "the first token is not one of those after it")
        let open = figures[1]
        #expect(open.offeredRate == QueriesPerSecond(5) && open.inputTokens == 100)
        #expect(open.concurrency == 2 && open.isConcurrencyDerived == true)
    }

    @Test func inferenceXCountsEachGPUAndSeconds() throws {
        let file = try ImportedFile(
            """
            [{"hw": "h200", "conc": 64, "model": "gpt-oss-120b", "framework": "vllm", "precision": "fp4",
              "tp": 8, "isl": 1024, "osl": 1024, "disagg": false, "is_multinode": false,
              "tput_per_gpu": 200.0, "output_tput_per_gpu": 100.0, "mean_ttft": 0.123, "median_ttft": 0.1,
              "p99_ttft": 0.4, "mean_tpot": 0.0045, "median_tpot": 0.0044, "mean_e2el": 4.7, "p99_e2el": 6},
             {"hw": "gb200", "conc": 512, "model": "dsr1", "precision": "fp8", "isl": 8192, "osl": 1024,
              "disagg": true, "num_prefill_gpu": 8, "num_decode_gpu": 16, "output_tput_per_gpu": 300},
             {"hw": "gb200", "conc": 512, "model": "dsr1", "precision": "fp8", "isl": 8192, "osl": 1024,
              "disagg": true, "num_prefill_gpu": 8, "num_decode_gpu": 16, "output_tput_per_gpu": 200,
              "output_tput_per_decode_gpu": 300},
             {"hardware": "b300", "conc": 64, "model": "mini", "disagg": false, "num_prefill_gpu": 2,
              "num_decode_gpu": 2, "isl": 1024, "osl": 1024,
              "metrics": {"tput_per_gpu": 2781.5, "output_tput_per_gpu": 1390.5, "mean_ttft": 0.094}},
             {"hw": "mi300x", "conc": 4, "model": "mini", "tp": 4, "isl": 300, "osl": 100,
              "tput_per_gpu": 80}]
            """)
        let figures = try file.figures("inferencex")
        #expect(figures.map(\.throughput) == [800, 4800, 4800, 2781, 80])
        #expect(figures.map(\.devices) == [8, 24, 24, 2, 4])
        #expect(figures.map(\.server) == ["h200", "gb200", "gb200", "b300", "mi300x"])
        #expect(figures[0].firstTokenLatency == ms(123) && figures[0].firstTokenTail?.p99 == ms(400))
        #expect(figures[0].p99Latency == ms(6000) && figures[0].parallelism == "tp8")
        #expect(figures[3].firstTokenLatency == ms(94) && figures[4].isThroughputDerived)
    }

    private static let summary = """
        ================================================
        MLPerf Results Summary
        ================================================
        SUT name : PySUT
        Scenario : Server
        Mode     : PerformanceOnly
        Completed samples per second    : 100.00
        Result is : VALID
          Performance constraints satisfied : Yes
        ================================================
        Additional Stats
        ================================================
        Scheduled samples per second : 101.00
        Mean latency (ns)               : 37756807
        50.00 percentile latency (ns)   : 32917446
        90.00 percentile latency (ns)   : 68033586
        99.00 percentile latency (ns)   : 121801757
        ================================================
        Test Parameters Used
        ================================================
        samples_per_query : 1
        target_qps : 104
        target_latency (ns): 130000000

        """

    @Test func loadGensSummaryIsInNanoseconds() throws {
        let figure = try #require(
            try ImportedFile(Self.summary, name: "mlperf_log_summary.txt").figures("loadgen", mapping()).first
        )
        #expect(figure.throughput == 100 && figure.throughputUnit == .queries && figure.batch == 1)
        #expect(
            figure.meanLatency == Nanoseconds(37_756_807) && figure.p99Latency == Nanoseconds(121_801_757))
        #expect(figure.target == LatencyTarget(quantile: Quantile(0.99), limit: ms(130)))
        #expect(figure.offeredRate == QueriesPerSecond(101) && figure.isConcurrencyDerived == true)
        #expect(PhysicsChecks(limits: []).verdict(on: figure).isSound)
    }

    @Test func aRunThatLoadGenCallsInvalidIsMarked() throws {
        let text = Self.summary.replacing("Result is : VALID", with: "Result is : INVALID")
        let figure = try #require(try ImportedFile(text).figures("loadgen", mapping()).first)
        let failures = PhysicsChecks(limits: []).verdict(on: figure).failures
        #expect(failures.map(\.reason) == ["LoadGen calls the run INVALID"] && figure.target == nil)
    }

    @Test func loadGenCountsTokensWhereTheyAreMeasured() throws {
        let text =
            Self.summary
            + "Completed tokens per second : 29522.56\nMean First Token latency (ns) : 963332124\n"
            + "99.00 percentile first token latency (ns) : 1760966679\n"
            + "Mean Time to Output Token (ns) : 126269215\n"
            + "99.00 percentile time to output token (ns) : 164964162\n"
        let figure = try #require(try ImportedFile(text).figures("loadgen", mapping()).first)
        #expect(figure.throughput == 29522.56 && figure.throughputUnit == .tokens)
        #expect(figure.outputTokens == 295.2256 && figure.target == nil)
        #expect(figure.firstTokenTail?.p99 == Nanoseconds(1_760_966_679))
        #expect(figure.outputTokenLatency == Nanoseconds(126_269_215))
    }

    @Test func loadGensDetailSaysTheSame() throws {
        func line(_ key: String, _ value: String) -> String {
            #":::MLLOG {"key": "\#(key)", "value": \#(value), "time_ms": 1.5, "metadata": {"pid": 1}}"# + "\n"
        }
        let text =
            line("effective_scenario", #""Offline""#) + line("effective_test_mode", #""PerformanceOnly""#)
            + line("result_validity", #""VALID""#) + line("result_samples_per_second", "1250.5")
            + line("result_99.00_percentile_latency_ns", "41013900") + "not a record\n"
        let figure = try #require(
            try ImportedFile(text, name: "mlperf_log_detail.txt").figures("loadgen", mapping()).first)
        #expect(figure.throughput == 1250.5 && figure.throughputUnit == .items && figure.detail == "Offline")
        #expect(figure.p99Latency == Nanoseconds(41_013_900))
        #expect(throws: (any Error).self) { try ImportedFile("hello : you\n").rows("loadgen", mapping()) }
        let accuracy = try ImportedFile(text.replacing("PerformanceOnly", with: "AccuracyOnly"))
        #expect(try accuracy.refusals("loadgen", mapping()).first?.contains("found 'AccuracyOnly'") == true)
    }

    @Test func perfAnalyzerIsInMicroseconds() throws {
        let header =
            "Concurrency,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,"
            + "Server Compute Input,Server Compute Infer,Server Compute Output,Client Recv,p50 latency,"
            + "p90 latency,p95 latency,p99 latency,Avg latency,request/response,response wait,"
            + "Avg GPU Utilization,Avg GPU Power Usage,Max GPU Memory Usage,Total GPU Memory\n"
        let rows =
            "4,84.2,279,1604,33669,233,11731,18,1,47045,56545,59225,64886,47500,3,314,"
            + "GPU-a:0.5;GPU-b:0.9;,GPU-a:91.2;GPU-b:100;,GPU-a:1;GPU-b:2;,GPU-a:1;GPU-b:2;\n"
            + "1,46.8,2,187,18,34,65,16,1,4600,4700,4800,4900,21367,3,314,"
            + "GPU-a:0.5;GPU-b:0.9;,GPU-a:91.2;,GPU-a:1;,GPU-a:1;\n"
        let figures = try ImportedFile(header + rows).figures("perf-analyzer", mapping())
        #expect(figures.map(\.throughput) == [84.2, 46.8] && figures.map(\.concurrency) == [4, 1])
        #expect(figures[0].p50Latency == ms(47.045) && figures[0].p99Latency == ms(64.886))
        #expect(
            figures[0].power == Watts(191.2) && figures[0].devices == 2 && figures[0].powerScope == .devices)
        #expect(figures[0].utilisation == Fraction(0.7))
        #expect(figures[1].power == nil, "a sum with a missing part is unknown")
        let rates =
            "Request Rate,Inferences/Second,Client Send,Client Recv,p99 latency,Avg latency\n"
            + "50,49,1,2,30000,20000\n"
        var batch = mapping()
        batch.constants["batch"] = "8"
        let open = try #require(try ImportedFile(rates).figures("perf-analyzer", batch).first)
        #expect(open.batch == 8 && open.offeredRate == QueriesPerSecond(50))
        let inFlight = try #require(open.concurrency)
        #expect(abs(inFlight - 49.0 / 8 * 0.02) < 1e-12 && open.isConcurrencyDerived == true)
    }
}
