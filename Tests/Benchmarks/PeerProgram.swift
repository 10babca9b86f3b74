import Foundation

/// A program of `Scripts/peers` that is given a file of JSON and answers in lines of JSON.
enum PeerProgram {
    /// - Parameters:
    ///   - script: its name in `Scripts/peers`.
    ///   - task: what it is given.
    static func answers<Answer: Decodable>(
        of script: String, to task: some Encodable
    ) throws -> [Answer] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "peer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("task.json")
        try JSONEncoder().encode(task).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ".deps/venv/bin/python")
        process.arguments = ["Scripts/peers/\(script)", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let decoder = JSONDecoder()
        return try data.split(separator: UInt8(ascii: "\n")).map { try decoder.decode(Answer.self, from: $0) }
    }
}
