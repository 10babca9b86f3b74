import Catalog
import Files
import Foundation
import TestSupport
import Testing
import Vocabulary

/// A folder that is gone after its test.
final class LogFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("logs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file and gives its path.
    func write(_ text: String, _ name: String) throws -> String {
        let path = url.appendingPathComponent(name).path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}

private func refusal(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing was refused"
    } catch { return "\(error)" }
}

/// Requests as benchmarks of servers write them, after the code that writes them.
@Suite struct BenchmarkLogTests {
    private let folder: LogFolder

    init() throws { folder = try LogFolder() }

    private func log(_ text: String, _ name: String = "log.json") throws -> RequestLog {
        try RequestLogReader.log(at: try folder.write(text, name))
    }

    /// Three requests, of which the second failed; the third was sent first.
    private static let detailed = """
        {"backend": "vllm", "request_rate": "inf", "mean_ttft_ms": 300, "input_lens": [10, 20, 30],
         "output_lens": [3, 0, 1], "ttfts": [0.5, 0, 0.25], "itls": [[0.1, 0.2], [], []],
         "start_times": [1000.5, 1000.6, 1000.0], "generated_texts": ["a", "", "b"],
         "errors": ["", "Internal Server Error", ""]}
        """

    @Test func detailsOfVLLMAreRead() throws {
        let log = try log(Self.detailed)
        #expect(log.anchor == .client && log.failed == 1 && log.hasArrivals)
        #expect(log.requests.map(\.arrival) == [0, 0.5] && log.requests.map(\.prompt) == [30, 10])
        #expect(log.requests.map(\.output) == [1, 3])
        #expect(log.requests.map(\.firstToken) == [0.25, 0.5])
        #expect(abs((log.requests[1].lastToken ?? 0) - 0.8) < 1e-12 && log.requests[0].lastToken == 0.25)
    }

    @Test func detailsOfSGLangSayNotWhenRequestsArrived() throws {
        let line = Self.detailed.replacing("\n", with: " ")
            .replacing(#""start_times": [1000.5, 1000.6, 1000.0],"#, with: "")
        let log = try log(line + "\n", "log.jsonl")
        #expect(!log.hasArrivals && log.requests.map(\.prompt) == [10, 30])
        let path = try folder.write(line, "log.jsonl")
        #expect(refusal { _ = try RequestLogReader.requests(at: path) }.contains("times of arrival"))
        #expect(refusal { _ = try self.log(line + "\n" + line, "two.jsonl") }.contains("second run"))
    }

    @Test(arguments: [
        (#""ttfts": [0.5, 0, 0.25]"#, #""ttfts": [0.5, 0]"#, "2 elements"),
        (#""ttfts": [0.5, 0, 0.25]"#, #""ttfts": [0.5, 0, -1]"#, "ttfts[2]"),
        (#""output_lens": [3, 0, 1]"#, #""output_lens": [0, 0, 1]"#, "output_lens[0]"),
        (#""output_lens": [3, 0, 1]"#, #""output_lens": [2.5, 0, 1]"#, "output_lens[0]"),
        (#""itls": [[0.1, 0.2], [], []]"#, #""itls": [[0.1, "x"], [], []]"#, "itls[0]"),
        (#""itls": [[0.1, 0.2], [], []]"#, #""other": 1"#, "itls"),
        (#""input_lens": [10, 20, 30]"#, #""other": 1"#, "save-detailed"),
        (
            #""start_times": [1000.5, 1000.6, 1000.0]"#, #""start_times": [1000.5, 1000.6, 1.7e9]"#,
            "one clock"
        ),
    ])
    func wrongDetailsAreRefused(text: String, wrong: String, word: String) {
        let found = refusal { _ = try log(Self.detailed.replacing(text, with: wrong)) }
        #expect(found.contains(word), "\(found)")
    }

    /// Version 0.2 writes times of tokens, later versions a tree of timings.
    @Test(arguments: [
        (#""start_time": 50"#, #""first_token_time": 50.2, "last_token_time": 51"#),
        (#""request_start_time": 50"#, #""info": {"timings": {"last_token_iteration": 51}}"#),
    ])
    func reportsOfGuidellmAreRead(start: String, last: String) throws {
        let request =
            "{\(start), \"prompt_tokens\": 7, \"output_tokens\": 5, \"time_to_first_token_ms\": 200, "
            + "\"request_latency\": 1.5, \(last)}"
        let report =
            "{\"metadata\": {\"version\": 1}, \"benchmarks\": [{\"requests\": {\"successful\": [\(request)], "
            + "\"errored\": [{}], \"incomplete\": [{}, {}]}}]}"
        let log = try log(report)
        #expect(log.writer == "guidellm" && log.anchor == .client && log.failed == 3)
        #expect(log.requests.count == 1 && log.requests[0].firstToken == 0.2)
        #expect(log.requests[0].lastToken == 1, "the last token counts, not the end of the connection")
        let sampled = report.replacing(
            "{\"requests\"", with: "{\"total_count\": {\"successful\": 9}, \"requests\"")
        #expect(refusal { _ = try self.log(sampled, "sampled.json") }.contains("1 of 9 requests"))
    }

    /// As the documentation of AIPerf shows a record.
    private func record(
        _ start: Int, phase: String = "profiling", error: String = "null", first: String = "20.5",
        unit: String = "ms"
    ) -> String {
        """
        {"metadata": {"request_start_ns": \(start), "benchmark_phase": "\(phase)", "was_cancelled": false},
         "metrics": {"input_sequence_length": {"value": 550, "unit": "tokens"},
         "output_sequence_length": {"value": 9, "unit": "tokens"},
         "time_to_first_token": {"value": \(first), "unit": "\(unit)"},
         "request_latency": {"value": 297.5, "unit": "ms"}}, "error": \(error)}
        """.replacing("\n", with: " ")
    }

    @Test func recordsOfAIPerfAreRead() throws {
        let lines = [
            record(4_000_000_000), record(1_000_000_000, phase: "warmup"), record(3_000_000_000),
            record(5_000_000_000, error: #"{"code": 500}"#),
        ]
        let log = try log(lines.joined(separator: "\n"), "profile_export.jsonl")
        #expect(log.failed == 1 && log.requests.map(\.arrival) == [0, 1], "the warm-up is left out")
        #expect(log.requests[0].prompt == 550 && log.requests[0].output == 9)
        #expect(log.requests[0].firstToken == 0.0205 && log.requests[0].lastToken == 0.2975)
    }

    @Test func wrongRecordsOfAIPerfAreRefused() {
        let later = refusal { _ = try log(record(1, first: "400")) }
        #expect(later.contains("time_to_first_token"), "\(later)")
        let unit = refusal { _ = try log(record(1, unit: "fortnights")) }
        #expect(unit.contains("metrics.time_to_first_token.unit") && unit.contains("ms"), "\(unit)")
        let zero = refusal { _ = try log(record(1).replacing("550", with: "0")) }
        #expect(zero.contains("input_sequence_length"), "\(zero)")
        let mixed = refusal {
            _ = try log(
                record(1) + "\n" + #"{"timestamp": 1, "input_length": 4, "output_length": 1}"#, "m.jsonl")
        }
        #expect(mixed.contains("one kind"), "\(mixed)")
        let cut = refusal { _ = try log(record(1) + "\n" + String(record(2).dropLast(40)), "cut.jsonl") }
        #expect(cut.contains("cut.jsonl:2"), "\(cut)")
    }

    @Test func aClientsLogCountsFromTheClient() throws {
        let log = try log(
            #"{"input_toks": 5, "output_toks": 2, "sent_ts": 2, "first_token_ts": 2.75, "last_token_ts": 3}"#)
        #expect(log.anchor == .client && log.requests[0].firstToken == 0.75)
    }

    @Test(arguments: [
        "arrived_at,num_prefill_tokens,num_decode_tokens\n5,1,1\n4,1,1\n",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:48,1,1\n2023-11-16 18:15:46,1,1\n",
    ])
    func aTraceOutOfOrderIsRefused(text: String) {
        let found = refusal { _ = try log(text, "trace.csv") }
        #expect(found.contains("trace.csv:3") && found.contains("order"), "\(found)")
    }
}
