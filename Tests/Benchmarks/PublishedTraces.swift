import Foundation

/// The published traces, played by `Scripts/study-traces`, which knows where they lie and how they are read.
enum PublishedTraces {
    /// Those on which a third of the way to the oracle is asked for.
    static let closing: Set<String> = ["servegen-m-large", "worldcup98"]

    private struct Failure: Error, CustomStringConvertible {
        let status: Int32
        var description: String { "Scripts/study-traces ended with \(status), expected 0" }
    }

    /// The replay of each trace with its frontier, by name; none where no trace is there, which is said.
    /// - Parameters:
    ///   - only: one trace; nil for all.
    ///   - changesLike: the policy whose changes a day the subject aims at; nil for no such budget.
    static func replays(
        only: String?, changesLike: String? = nil, _ board: BenchmarkBoard
    ) throws -> [(name: String, replay: SavingsBenchmark.Replay)] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "traces-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcomes = folder.appendingPathComponent("traces.json")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "Scripts/study-traces")
        process.arguments =
            [
                "--frontier", "--json", outcomes.path, "--database",
                folder.appendingPathComponent("t.sqlite").path,
            ]
            + (only.map { ["--only", $0] } ?? []) + (changesLike.map { ["--changes-like", $0] } ?? [])
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        guard let data = try? Data(contentsOf: outcomes) else {
            board.note("Published traces: skipped, as none is in ../shared/data or $HERCULES_TRACE_DATA.")
            return []
        }
        return try JSONDecoder().decode([String: SavingsBenchmark.Replay].self, from: data)
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
