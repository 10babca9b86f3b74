import Foundation
import Store
import Testing

/// Every published file of measurements beside the checkout, with what becomes of its rows.
@Suite(
    .enabled(
        if: SharedFiles.areThere, "the folder ../shared/data is not there: published files are not imported"))
struct SharedImportTests {
    private struct Expected {
        let kind: String
        let file: String
        let read: Int
        let marked: Int
        let refused: Int
    }

    private static let files = [
        Expected(kind: "devices", file: "gpu_specs/gpus.csv", read: 48, marked: 0, refused: 2),
        Expected(kind: "triton", file: "triton_dlrm/triton_tables.csv", read: 598, marked: 0, refused: 0),
        Expected(kind: "mlperf", file: "mlperf_power/joined_power.csv", read: 346, marked: 0, refused: 0),
        Expected(
            kind: "aiconfigurator", file: "aiconfigurator/silicon_sample.csv", read: 4153, marked: 0,
            refused: 0),
        // Prompt and token phases of a fifth of the rows do not add up to the time of the whole.
        Expected(
            kind: "splitwise", file: "splitwise_sim/perf_model.csv", read: 1260, marked: 250, refused: 0),
        // The rows of llama.cpp count the tokens of one request of a batch: Little's law says so.
        Expected(
            kind: "llm-inference-bench", file: "anl_llm_bench/All_results.csv", read: 4772, marked: 1161,
            refused: 0),
        Expected(
            kind: "llm-inference-bench", file: "anl_llm_bench/power_results.csv", read: 48, marked: 0,
            refused: 0),
        Expected(kind: "zeus", file: "zeus/summary_power_a40.csv", read: 453, marked: 10, refused: 0),
        Expected(kind: "zeus", file: "zeus/summary_power_p100.csv", read: 270, marked: 0, refused: 0),
        Expected(kind: "zeus", file: "zeus/summary_power_rtx6000.csv", read: 410, marked: 0, refused: 0),
        Expected(kind: "zeus", file: "zeus/summary_power_v100.csv", read: 476, marked: 0, refused: 0),
        Expected(
            kind: "model-analyzer",
            file: "model_analyzer/multi-model-ckpt/golden-metrics-model-inference.csv",
            read: 12, marked: 0, refused: 0),
        Expected(
            kind: "model-analyzer", file: "model_analyzer/multi-model-ckpt/golden-metrics-model-gpu.csv",
            read: 12,
            marked: 0, refused: 0),
        Expected(
            kind: "model-analyzer",
            file: "model_analyzer/request-rate-ckpt/golden-metrics-model-inference.csv",
            read: 34, marked: 0, refused: 0),
        Expected(
            kind: "model-analyzer", file: "model_analyzer/request-rate-ckpt/golden-metrics-model-gpu.csv",
            read: 34,
            marked: 0, refused: 0),
        Expected(
            kind: "model-analyzer",
            file: "model_analyzer/single-model-ckpt/golden-metrics-model-inference.csv",
            read: 16, marked: 0, refused: 0),
        Expected(
            kind: "model-analyzer", file: "model_analyzer/single-model-ckpt/golden-metrics-model-gpu.csv",
            read: 16,
            marked: 0, refused: 0),
    ]

    @Test func everyFileImportsWithTheseCounts() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "shared-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in Self.files {
            let run = try HerculesCommand.run(
                ["import", file.kind, "\(SharedFiles.folder)/\(file.file)", "--quiet", "--format", "json"],
                in: folder)
            #expect(run.status == 0, "\(file.file): \(run.errors)")
            let list = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
            let summary = try #require(list?.first)
            #expect(summary["rowsRead"] as? Int == file.read, "\(file.file)")
            #expect(summary["rowsKept"] as? Int == file.read - file.refused, "\(file.file)")
            #expect(summary["rowsMarked"] as? Int == file.marked, "\(file.file)")
            #expect(summary["rowsRefused"] as? Int == file.refused, "\(file.file)")
        }
        let store = try Store(path: folder.appendingPathComponent("hercules.sqlite").path)
        #expect(try store.integrityProblems() == [])
        #expect(try store.hardwareLimits().count == 46)
        #expect(try store.importedFigures(isSoundOnly: false).count == 12_910)
        #expect(try store.importedFigures().count == 12_910 - 1421)
        let watts = try store.importedFigures(kind: "llm-inference-bench").compactMap(\.power?.value)
        #expect(watts.count == 48 && watts.allSatisfy { (200...700).contains($0) }, "milliwatts became watts")
    }
}

/// Published traces, each through the command and the layout that people would name, with what is said of it.
@Suite(
    .enabled(
        if: SharedFiles.areThere, "the folder ../shared/data is not there: published files are not imported"))
struct SharedTraceTests {
    @Test(arguments: [
        (
            ["azure_llm_2023/AzureLLMInferenceTrace_conv.csv", "--layout", "azure_llm"],
            [
                "19366 rows every 60 s -> 59 intervals of 60 s (0.04 days)",
                "the last interval is recorded for 21.9 s; for the rest of it each series goes on at its "
                    + "mean rate",
                "arrivals: 3.1833 to 8.45, mean 5.5301 queries/s",
                "19366 requests of 1154.6974 tokens in and 211.1259 out on average",
            ]
        ),
        (
            ["servegen/language_m-large_rate.csv", "--layout", "servegen"],
            [
                "2016 rows every 600 s -> 2016 intervals of 600 s (14.0 days)",
                "total_rate_rps: 48.3517 to 582.9917, mean 195.8439 queries/s",
            ]
        ),
        (
            ["worldcup98/invocation_count.csv", "--load-kind", "count"],
            [
                "58319 rows every 60 s -> 58329 intervals of 60 s (40.51 days)",
                "10 missing rows in 7 gaps (longest 3) were filled",
                "count: 0.0167 to 958.4833, mean 46.8559 queries/s",
            ]
        ),
        (
            ["nab/Twitter_volume_GOOG.csv", "--load-kind", "count"],
            [
                "15842 rows every 300 s", "35 intervals have no load",
                "value: 0.0 to 1.55, mean 0.0691 queries/s",
            ]
        ),
        (
            ["nab/Twitter_volume_AAPL.csv", "--load-kind", "count"],
            [
                "15902 rows every 300 s", "29 intervals have no load",
                "value: 0.0 to 44.93, mean 0.2852 queries/s",
            ]
        ),
        (
            ["nab/Twitter_volume_AMZN.csv", "--load-kind", "count"],
            [
                "15831 rows every 300 s", "28 intervals have no load",
                "value: 0.0 to 5.5767, mean 0.1777 queries/s",
            ]
        ),
    ])
    func everyTraceIsSummedUp(arguments: [String], lines: [String]) throws {
        let run = try HerculesCommand.run(
            ["trace", "inspect", "--trace", "\(SharedFiles.folder)/\(arguments[0])"] + arguments.dropFirst(),
            in: HerculesCommand.repository)
        #expect(run.status == 0, "\(run.errors)")
        for line in lines { #expect(run.output.contains(line), "\(run.output)") }
    }

    @Test func azuresRequestsBecomeATraceOfRates() throws {
        let run = try HerculesCommand.run(
            [
                "trace", "convert", "--layout", "azure_llm", "--interval-seconds", "600", "--trace",
                "\(SharedFiles.folder)/azure_llm_2023/AzureLLMInferenceTrace_conv.csv",
            ], in: HerculesCommand.repository)
        #expect(run.status == 0, "\(run.errors)")
        let rows = run.output.split(separator: "\n")
        // 58 minutes and 22 s: five whole intervals, and a sixth that goes on at the mean rate.
        #expect(rows.count == 7 && rows[0] == "time,arrivals" && rows[1].hasPrefix("2023-11-16T18:"))
    }
}

/// Curves through published figures of language models.
@Suite(
    .enabled(
        if: SharedFiles.areThere, "the folder ../shared/data is not there: published files are not imported"))
struct SharedFitTests {
    private static let database = "fit.sqlite"
    private let workloads: SmallWorkloads

    init() throws {
        workloads = try SmallWorkloads()
        for (kind, file) in [
            ("aiconfigurator", "aiconfigurator/silicon_sample.csv"),
            ("splitwise", "splitwise_sim/perf_model.csv"),
        ] {
            let run = try HerculesCommand.run(
                ["import", kind, "\(SharedFiles.folder)/\(file)", "--quiet", "--database", Self.database],
                in: workloads.folder)
            #expect(run.status == 0, "\(run.errors)")
        }
    }

    private func rows(_ arguments: String...) throws -> [[String: Any]] {
        let run = try HerculesCommand.run(
            arguments + ["--format", "json", "--database", Self.database], in: workloads.folder)
        #expect(run.status == 0, "\(run.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
    }

    @Test func theErrorOfEachSourceIsThere() throws {
        let found = try rows("fit", "errors").map { row in
            "\(row["source"] ?? "") \(row["curve"] ?? "") \(row["curves"] ?? "") \(row["points"] ?? "") "
                + "\(row["leftOut"] ?? "")"
        }
        #expect(
            found == [
                "Mutinifni/splitwise-sim throughput over concurrency 12 525 57",
                "Mutinifni/splitwise-sim latency over throughput 102 969 645",
                "ai-dynamo/aiconfigurator throughput over concurrency 376 3258 1424",
            ])
        let errors = try rows("fit", "errors").compactMap { $0["errorMedianFraction"] as? Double }
        #expect(errors.count == 3 && errors.allSatisfy { $0 < 0.05 }, "\(errors)")
    }

    @Test func everyModelHasItsRateWithinBothTargets() throws {
        let loose = try rows("fit", "rates", "--first-token-ms", "1000", "--output-token-ms", "50")
        let tight = try rows("fit", "rates", "--first-token-ms", "500", "--output-token-ms", "25")
        #expect(loose.count == 945 && tight.count == loose.count)
        for (loose, tight) in zip(loose, tight) {
            let more = try #require(loose["tokensPerSecond"] as? Double)
            #expect(try #require(tight["tokensPerSecond"] as? Double) <= more)
        }
        // Prompts of 512 and answers of 128 tokens on eight H100: the only curve there with all batch sizes.
        let bloom = try #require(
            loose.first {
                $0["model"] as? String == "bloom-176b" && $0["server"] as? String == "h100-80gb"
                    && $0["inputTokens"] as? Double == 512 && $0["outputTokens"] as? Double == 128
            })
        #expect(bloom["points"] as? Int == 45 && bloom["limit"] as? String == "first token")
        let rate = try #require(bloom["tokensPerSecond"] as? Double)
        #expect(abs(rate - 260.9) < 0.1, "\(rate)")
    }
}

enum SharedFiles {
    static let folder = HerculesCommand.repository.deletingLastPathComponent()
        .appendingPathComponent("shared/data").path
    static let areThere = FileManager.default.fileExists(atPath: folder)
}
