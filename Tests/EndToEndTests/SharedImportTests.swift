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

enum SharedFiles {
    static let folder = HerculesCommand.repository.deletingLastPathComponent()
        .appendingPathComponent("shared/data").path
    static let areThere = FileManager.default.fileExists(atPath: folder)
}
