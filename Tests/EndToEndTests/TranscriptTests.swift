import Foundation
import Testing

/// What people read on the terminal, kept word for word.
///
/// `HERCULES_RECORD=1 Scripts/test --filter TranscriptTests` writes the files anew, and fails so that a
/// recording never passes for a test.
@Suite struct TranscriptTests {
    private static let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens")
    private static let isRecording = ProcessInfo.processInfo.environment["HERCULES_RECORD"] == "1"

    @Test(arguments: [
        ("help", ["--help"]), ("help-run", ["run", "--help"]), ("help-replay", ["replay", "--help"]),
        ("search", ["search", "Workloads/scenarios/small.yaml", "--quiet"]),
        ("plan", ["plan", "--quiet"]),
        ("plan-infeasible", ["plan", "--load", "ncf=9000000", "--quiet"]),
        ("replay", ["replay", "--days", "1", "--omit-timing", "--quiet"]),
        ("unknown-policy", ["replay", "--policies", "magic"]),
    ])
    func transcriptsStayAsTheyAre(name: String, arguments: [String]) throws {
        let workloads = try SmallWorkloads()
        if ["plan", "replay"].contains(arguments[0]), !arguments.contains("--help") {
            _ = try HerculesCommand.run(
                ["search", "Workloads/scenarios/small.yaml"], in: workloads.folder)
        }
        let outcome = try HerculesCommand.run(arguments, in: workloads.folder)
        let transcript =
            "$ hercules \(arguments.joined(separator: " "))\n\(outcome.output)\(outcome.errors)"
            + "[exit \(outcome.status)]\n"
        let file = Self.goldens.appendingPathComponent("\(name).txt")
        if Self.isRecording {
            try transcript.write(to: file, atomically: true, encoding: .utf8)
            Issue.record("recorded \(name)")
            return
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        #expect(transcript == expected)
    }
}
