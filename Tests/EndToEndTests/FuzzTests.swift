import Foundation
import Testing

/// A short run of what `Scripts/fuzz` does for a million cases.
@Suite struct FuzzTests {
    @Test func mutatedFilesEndInRowsOrInAnError() throws {
        let folder = try HerculesCommand.executable.deletingLastPathComponent()
        let process = Process()
        process.executableURL = folder.appendingPathComponent("Benchmarks")
        process.arguments = ["fuzz", "20000", "7"]
        process.currentDirectoryURL = HerculesCommand.repository
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let last = try #require(text.split(separator: "\n").last)
        #expect(last.contains("\"cases\":20000"), "\(text)")
        #expect(!last.contains("\"met\":false"), "\(text)")
    }
}
