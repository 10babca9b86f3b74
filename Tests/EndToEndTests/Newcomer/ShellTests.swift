import Foundation
import Testing

/// What the command gives a shell: completions, a manual page, suggestions, and errors for programs.
@Suite struct ShellTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("shell-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func hercules(
        _ arguments: String..., environment: [String: String] = [:]
    ) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: folder, environment: environment)
    }

    /// Runs another program; nil where it is not installed.
    private func run(_ program: String, _ arguments: [String]) throws -> HerculesCommand.Outcome? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard
            let path = folders.map({ "\($0)/\(program)" }).first(where: {
                FileManager.default.isExecutableFile(atPath: $0)
            })
        else { return nil }
        let process = Process()
        let (output, errors) = (folder.appendingPathComponent("o"), folder.appendingPathComponent("e"))
        for file in [output, errors] { try Data().write(to: file) }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        return HerculesCommand.Outcome(
            status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    @Test(arguments: [
        ("bash", "data/bash-completion/completions/hercules"), ("zsh", "z/.zfunc/_hercules"),
        ("fish", "config/fish/completions/hercules.fish"),
    ])
    func completionsParseAndAreInstalledByOneCommand(shell: String, place: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let printed = try hercules("completions", shell)
        #expect(printed.status == 0 && printed.output.hasSuffix("\n"))
        for word in ["profile-compare", "profile-status", "completions", "backup"] {
            #expect(printed.output.contains(word), "\(word)")
        }
        let environment = [
            "SHELL": "/bin/\(shell)", "HOME": folder.path, "ZDOTDIR": "\(folder.path)/z",
            "XDG_DATA_HOME": "\(folder.path)/data", "XDG_CONFIG_HOME": "\(folder.path)/config",
        ]
        // A second time, over the file of the first.
        for _ in 0..<2 {
            let installed = try hercules("completions", "--install", environment: environment)
            #expect(installed.output == "\(folder.path)/\(place)\n", "\(installed.errors)")
        }
        let file = folder.appendingPathComponent(place)
        #expect(try String(contentsOf: file, encoding: .utf8) == printed.output)
        if let parsed = try run(shell, ["-n", file.path]) {
            #expect(parsed.status == 0 && parsed.errors.isEmpty, "\(parsed.errors)")
        }
        // Something else of that name is nobody's to replace.
        try Data("mine\n".utf8).write(to: file)
        let refused = try hercules("completions", "--install", environment: environment)
        #expect(refused.errors.contains("found a file that is not completions of a shell"))
        #expect(try String(contentsOf: file, encoding: .utf8) == "mine\n")
    }

    /// What bash offers after the words typed so far.
    @Test func bashOffersVerbsAndOptions() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appendingPathComponent("c")
        try Data(try hercules("completions", "bash").output.utf8).write(to: script)
        for (line, expected) in [
            ("hercules pro", "profile profile-compare profile-status"), ("hercules db ba", "backup"),
            ("hercules plan --pri", "--price --priority"), ("hercules search --format j", "json"),
            ("hercules search --method co", "coordinate"),
        ] {
            let words = line.split(separator: " ").map { "'\($0)'" }
            let shell =
                "shopt -s extglob; source \(script.path); COMP_LINE='\(line)'; COMP_POINT=\(line.count); "
                + "COMP_WORDS=(\(words.joined(separator: " "))); COMP_CWORD=\(words.count - 1); "
                + "_hercules hercules \(words[words.count - 1]) \(words[words.count - 2]); "
                + "echo ${COMPREPLY[*]}"
            guard let offered = try run("bash", ["-c", shell]) else { return }
            #expect(offered.output == "\(expected)\n", "\(line): \(offered.output)\(offered.errors)")
        }
    }

    @Test func aShellThatIsNotKnownIsSaid() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let other = try hercules("completions", environment: ["SHELL": "/bin/tcsh"])
        #expect(other.status == 64)
        #expect(other.errors.contains("$SHELL: found '/bin/tcsh', expected one of bash, zsh, fish"))
    }

    @Test func theManualPageHoldsEveryVerbAndOptionAndFormats() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let page = try hercules("manual")
        #expect(page.status == 0 && page.output.hasPrefix(".TH HERCULES 1"))
        for words in [
            ".SH NAME", "hercules \\- decides which servers", "hercules plan [<scenario>]",
            "hercules db backup <file>", "\\-\\-price <", "hercules profile\\-compare",
            "(default: hercules.sqlite)",
        ] {
            #expect(page.output.contains(words), "\(words)")
        }
        let file = folder.appendingPathComponent("hercules.1")
        try Data(page.output.utf8).write(to: file)
        guard let formatted = try run("groff", ["-man", "-Tutf8", "-ww", "-P-cbou", file.path]) else {
            return
        }
        #expect(formatted.status == 0 && formatted.errors.isEmpty, "\(formatted.errors.prefix(500))")
        #expect(formatted.output.contains("--price <"))
    }

    @Test(arguments: [
        (["serch"], "hercules: found 'serch', expected one of init, run,", "did you mean 'search'?"),
        (["db", "bakup"], "hercules db: found 'bakup', expected one of tables,", "did you mean 'backup'?"),
        (["setup-chek"], "found 'setup-chek'", "did you mean 'setup-check'?"),
        (["plan", "--pric", "a=1"], "Unknown option '--pric'", "Did you mean '--price'?"),
        (
            ["replay", "--policies", "gredy"], "unknown policy 'gredy': expected one of",
            "did you mean 'greedy'?"
        ),
    ])
    func whatIsMistypedIsSuggested(words: [String], found: String, meant: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try HerculesCommand.run(words, in: folder)
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(found) && outcome.errors.contains(meant), "\(outcome.errors)")
    }

    @Test func verbsOfTwoWordsAreOneVerb() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let two = try hercules("profile", "compare", "--help")
        let one = try hercules("profile-compare", "--help")
        #expect(one.status == 0 && one.output == two.output)
        #expect(one.output.contains("USAGE: hercules profile-compare"))
    }

    private func report(_ outcome: HerculesCommand.Outcome) throws -> [String: Any] {
        let lines = outcome.errors.split(separator: "\n")
        let object = try JSONSerialization.jsonObject(with: Data((lines.last ?? "").utf8))
        let report = try #require(object as? [String: Any])
        #expect(report["schemaVersion"] as? Int == 1)
        return try #require(report["error"] as? [String: Any])
    }

    @Test(arguments: [
        ["serch", "--format", "json"], ["plan", "--format=json", "--no-such-option"],
        ["search", "--format", "json", "--method", "luck"], ["db", "tables", "--format", "json", "extra"],
        ["db", "export", "--format", "json", "--database", "none.sqlite"],
    ])
    func errorsAreOneObjectForPrograms(words: [String]) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try HerculesCommand.run(words, in: folder)
        let error = try report(outcome)
        #expect(error["exitCode"] as? Int == Int(outcome.status) && outcome.status != 0)
        #expect((error["message"] as? String)?.isEmpty == false)
        #expect((error["faults"] as? [Any])?.isEmpty == true)
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    @Test func faultsOfFilesHaveTheirPlaces() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("id: a\ntitle: A\nfleet: none\nmodels: [x]\nmodles: 1\n".utf8).write(
            to: folder.appendingPathComponent("a.yaml"))
        let outcome = try hercules("plan", "a.yaml", "--format", "json", "--quiet")
        let faults = try #require(try report(outcome)["faults"] as? [[String: Any]])
        let unknown = try #require(faults.first { $0["key"] as? String == "modles" }, "\(outcome.errors)")
        #expect((unknown["file"] as? String)?.hasSuffix("a.yaml") == true && unknown["line"] as? Int == 5)
        #expect((unknown["message"] as? String)?.contains("found an unknown key") == true)
    }
}
