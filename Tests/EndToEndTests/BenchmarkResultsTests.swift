import Foundation
import Testing

/// `Scripts/benchmark NAME --write` replaces one section of the results and nothing else.
@Suite struct BenchmarkResultsTests {
    private let folder: URL
    private var results: URL { folder.appendingPathComponent("RESULTS.md") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("results-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Runs the built benchmarks in a folder; returns the exit status and the standard output.
    private func run(_ arguments: [String], in place: URL) throws -> (status: Int32, output: String) {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let process = Process()
        let pipe = Pipe()
        process.executableURL = beside.appendingPathComponent("Benchmarks")
        process.arguments = arguments
        process.currentDirectoryURL = place
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    @Test func aSectionIsReplacedAndTheOthersStay() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let before = """
            # Benchmark results

            ## start

            Kept as it is.

            ```text
            ## model
            ```

            ## model

            Gone afterwards.

            ## forgotten

            No benchmark has this name.

            """
        try before.write(to: results, atomically: true, encoding: .utf8)
        let outcome = try run(
            ["model", "--write", "--results", results.path], in: HerculesCommand.repository)
        #expect(outcome.status == 0)
        let last = outcome.output.split(separator: "\n").last.map(String.init) ?? ""
        #expect(last.hasPrefix("{") && last.contains("\"benchmark\":\"model\""))

        let after = try String(contentsOf: results, encoding: .utf8)
        #expect(after.contains("## start\n\nKept as it is.\n\n```text\n## model\n```\n"))
        #expect(!after.contains("Gone afterwards") && !after.contains("forgotten"))
        let start = try #require(after.range(of: "\n## model\n\n"), "a section named model, outside a block")
        let end = try #require(after.range(of: "\n## start\n"), "sections in the order of their names")
        let section = after[start.upperBound..<end.lowerBound]
        for text in ["| command | `Scripts/benchmark model` |", "| commit | ", "| date | ", "| machine | "] {
            #expect(section.contains(text), "\(text)")
        }
        // Its worst factor is known to miss the bar; the file says so.
        #expect(section.contains("| worst factor | ") && section.contains("| at most 2 | **missed** |"))
        #expect(section.contains("Error by model, both tables"), "the printed tables")
        #expect(section.contains("| meanFactor rm1 | "), "the figures")
        #expect(after.contains("Without a result so far: controller, fleet-llm, fuzz, "))
    }

    @Test func aFailedBenchmarkLeavesItsSectionAlone() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let before = "# Benchmark results\n\n## model\n\nThe last one that ended.\n"
        try before.write(to: results, atomically: true, encoding: .utf8)
        // There is no catalogue in this folder.
        let outcome = try run(["model", "--write", "--results", results.path], in: folder)
        #expect(outcome.status == 1)
        #expect(try String(contentsOf: results, encoding: .utf8) == before)
    }

    @Test func withoutTheOptionNothingIsWritten() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try run(["model", "--results", results.path], in: HerculesCommand.repository)
        #expect(outcome.status == 0)
        #expect(!FileManager.default.fileExists(atPath: results.path))
    }
}
