import Foundation
import Reporting

/// The shipped fleet for language models under published traces of language services: a fortnight of rates
/// (ServeGen) and the arrivals and lengths of an hour (Azure).
enum FleetTraces {
    private static let scenario = "Workloads/scenarios/chat-fleet.yaml"

    private struct Trace {
        let name: String
        let file: String
        /// Of `hercules replay`.
        let reading: [String]
        /// From one model's peak to the next one's, in hours.
        let shiftHours: Double
        /// What to bear in mind about it.
        var remark: String?
    }

    private static let traces = [
        Trace(
            name: "chat-fleet on servegen-m-large", file: "servegen/language_m-large_rate.csv",
            reading: ["--load-column", "total_rate_rps"], shiftHours: 8),
        Trace(
            name: "chat-fleet on azure-chat", file: "azure_llm_2023/AzureLLMInferenceTrace_conv.csv",
            reading: ["--layout", "azure_llm", "--interval-seconds", "60"], shiftHours: 0.3,
            remark: "an hour in intervals of a minute holds fewer intervals than the errors that headroom is "
                + "learnt from, and a start takes at least four of them. Static plans know the hour's peak. "
                + "Only this hour of the trace is at hand."),
    ]
    private static let models = ["chat-70b", "chat-32b", "chat-8b"]

    static func run(_ board: inout BenchmarkBoard) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "fleet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let shared = [
            scenario, "--format", "json", "--quiet", "--database",
            folder.appendingPathComponent("f.sqlite").path,
        ]
        var isSearched = false
        for trace in traces {
            let path = "\(ServingBenchmark.data)/\(trace.file)"
            guard FileManager.default.fileExists(atPath: path) else {
                board.note("No trace at \(path): not played.")
                continue
            }
            if !isSearched { _ = try BuiltProgram.output(of: ["search"] + shared) }
            isSearched = true
            let shifts = models.enumerated().flatMap { index, model in
                ["--shift", "\(model)=\(Double(index) * trace.shiftHours)"]
            }
            let output = try BuiltProgram.output(
                of: ["replay"] + shared + ["--trace", path, "--scale-to-peak", "--frontier"] + trace.reading
                    + shifts)
            let replay = try JSONDecoder().decode(SavingsBenchmark.Replay.self, from: output)
            SavingsBenchmark.tell(replay, of: trace.name, &board)
            if let remark = trace.remark { board.note("\(trace.name): \(remark)") }
        }
    }
}
