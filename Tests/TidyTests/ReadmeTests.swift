import Foundation
import Testing

/// What the README tells people to type exists.
@Suite struct ReadmeTests {
    /// The lines of the README's shell blocks, without comments and continuation.
    private func commands() throws -> [String] {
        var isShell = false
        var found: [String] = []
        for line in try SourceTree.text("README.md").components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                isShell = line.hasPrefix("```sh")
            } else if isShell {
                let command = line.components(separatedBy: " #")[0].trimmingCharacters(in: .whitespaces)
                if !command.isEmpty, !command.hasPrefix("#") { found.append(command) }
            }
        }
        return found
    }

    @Test func scriptsNamedInTheReadmeExist() throws {
        let scripts = try commands().compactMap { command in
            command.split(separator: " ").first { $0.hasPrefix("Scripts/") }.map(String.init)
        }
        #expect(scripts.contains("Scripts/quickstart") && scripts.contains("Scripts/test"))
        for script in scripts {
            let path = SourceTree.root.appendingPathComponent(script).path
            #expect(FileManager.default.isExecutableFile(atPath: path), "\(script)")
        }
    }

    @Test func filesNamedInCommandsExist() throws {
        for command in try commands() {
            for word in command.split(separator: " ").map(String.init)
            where word.hasPrefix("Workloads/") || word.hasPrefix("Database/") {
                let path = SourceTree.root.appendingPathComponent(word).path
                #expect(FileManager.default.fileExists(atPath: path), "\(word) in '\(command)'")
            }
        }
    }

    @Test func verbsAndOptionsNamedInTheReadmeExist() throws {
        let tool = try #require(Self.tool(), "the hercules executable lies beside the tests")
        for command in try commands() {
            var words = command.split(separator: " ").map(String.init)
            guard let position = words.firstIndex(where: { $0 == "hercules" || $0.hasSuffix("/hercules") })
            else {
                continue
            }
            words.removeFirst(position + 1)
            // Sub-verbs are the leading bare words that the tool itself knows.
            var verb: [String] = []
            var help = try Self.help(of: tool, verb)
            while let next = words.first, !next.hasPrefix("-"), help.contains("\n  \(next)") {
                verb.append(words.removeFirst())
                help = try Self.help(of: tool, verb)
            }
            #expect(!verb.isEmpty || words.first?.hasPrefix("-") == true, "'\(command)' names no verb")
            for option in words where option.hasPrefix("--") && option != "--help" {
                #expect(help.contains(option), "'\(command)': \(option) is not an option of \(verb)")
            }
        }
    }

    private static func tool() -> URL? {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let path = folder.appendingPathComponent("hercules")
        return FileManager.default.isExecutableFile(atPath: path.path) ? path : nil
    }

    private static func help(of tool: URL, _ verb: [String]) throws -> String {
        let process = Process()
        process.executableURL = tool
        process.arguments = verb + ["--help"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "hercules \(verb.joined(separator: " ")) --help")
        return text
    }
}
