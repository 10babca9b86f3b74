import Foundation
import Testing

/// The built command, run as a person would.
enum HerculesCommand {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// The executable that was built beside these tests.
    static var executable: URL {
        get throws {
            let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            let path = folder.appendingPathComponent("hercules")
            try #require(
                FileManager.default.isExecutableFile(atPath: path.path), "no executable at \(path.path)")
            return path
        }
    }

    /// Starts the command in a folder.
    /// - Parameter environment: variables beside those of the tests.
    static func start(
        _ arguments: [String], in folder: URL, output: Any, errors: Any, environment: [String: String] = [:]
    ) throws -> Process {
        let process = Process()
        process.executableURL = try executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        // The tests run in a folder of their own, away from the checkout's installed libraries.
        process.environment = ProcessInfo.processInfo.environment.merging(
            [
                "HERCULES_LIB_PATH": repository.appendingPathComponent(".deps/lib").path,
                // Nor do they wait for what else measures on this machine.
                "HERCULES_RUNTIME_DIR": folder.path,
            ]
        ) { $1 }.merging(environment) { $1 }
        try process.run()
        // One that hangs must not hold up the machine after the tests. The watch keeps neither the process
        // nor its files: thousands of open files crash `Process.run()` of Foundation 6.3, which copies whole
        // names from beyond the end of its list of them.
        let limit = Thread { [weak process] in
            for _ in 0..<300 {
                Thread.sleep(forTimeInterval: 1)
                guard let process, process.isRunning else { return }
            }
            if let process { kill(process.processIdentifier, SIGKILL) }
        }
        limit.start()
        return process
    }

    /// Runs the command to its end. Output goes through files: a pipe that nobody reads would stop it.
    static func run(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:]
    ) throws -> Outcome {
        let name = UUID().uuidString
        let files = ["out", "err"].map { folder.appendingPathComponent("\(name).\($0)") }
        defer { files.forEach { try? FileManager.default.removeItem(at: $0) } }
        let handles = try files.map { file -> FileHandle in
            try Data().write(to: file)
            return try FileHandle(forWritingTo: file)
        }
        let process = try start(
            arguments, in: folder, output: handles[0], errors: handles[1], environment: environment)
        process.waitUntilExit()
        for handle in handles { try handle.close() }
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOf: files[0], encoding: .utf8),
            errors: try String(contentsOf: files[1], encoding: .utf8))
    }

    /// The checkout.
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
