import Foundation
import Quantities
import Store
import Vocabulary

/// A process that writes measurements into a database (`Tests/Support/StoreCrashChild`).
final class ChildProcess {
    /// What the child said it had saved.
    struct Saved: Hashable {
        let id: Int64
        let digest: String
    }

    struct StartFailure: Error, CustomStringConvertible {
        let description: String
    }

    private struct Template: Encodable {
        let measurement: LoadRun
        let verdict: Verdict
        let model: Model
        let serverType: ServerType
    }

    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private var received = Data()

    init(folder: TemporaryFolder, first: UInt64, count: UInt64) throws {
        // SwiftPM puts the child beside the executable that runs the tests.
        let binaries = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let executable = binaries.appendingPathComponent("StoreCrashChild")
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw StartFailure(
                description: "\(executable.path) is missing; `swift build --build-tests` makes it")
        }
        let template = folder.url.appendingPathComponent("template-\(first).json")
        try JSONEncoder().encode(
            Template(
                measurement: Samples.measurement, verdict: Verdict(doubts: [.stolenTime, .tooFewQueries]),
                model: Samples.model, serverType: Samples.serverType)
        ).write(to: template)
        process.executableURL = executable
        process.arguments = [folder.path(), template.path, "\(first)", "\(count)"]
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    /// Waits until the child has reported so many saves, or has ended.
    func wait(forLines count: Int) {
        while received.count(where: { $0 == UInt8(ascii: "\n") }) < count {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return }
            received.append(data)
        }
    }

    /// Kills the child as the kernel's out-of-memory killer would: it gets no chance to clean up.
    func kill() { _ = Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Waits for the end and gives every save that was reported in full.
    func finish() throws -> (saved: [Saved], status: Int32, errors: String) {
        received.append(try output.fileHandleForReading.readToEnd() ?? Data())
        let errorText = String(
            decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        // What follows the last line end was cut off by the kill.
        let lines = String(decoding: received, as: UTF8.self).components(separatedBy: "\n").dropLast()
        let saved = lines.compactMap { line -> Saved? in
            let parts = line.components(separatedBy: " ")
            guard parts.count == 2, let id = Int64(parts[0]) else { return nil }
            return Saved(id: id, digest: parts[1])
        }
        return (saved, process.terminationStatus, errorText)
    }
}
