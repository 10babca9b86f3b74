import Foundation
import Testing

/// What the documents tell people to type exists.
@Suite struct ReadmeTests {
    @Test func theReadmeHasAtMost150Lines() throws {
        let lines = try SourceTree.text("README.md").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines.count <= 151, "README.md has \(lines.count - 1) lines; what is left to say goes elsewhere")
        for (number, line) in lines.enumerated() {
            #expect(line.count <= 120, "README.md:\(number + 1) has \(line.count) columns")
        }
        let commands = try MarkdownDocument("README.md").commands
        #expect(commands.contains("Scripts/quickstart") && commands.contains("Scripts/test"))
    }

    @Test(arguments: SourceTree.readmes)
    func scriptsNamedInADocumentExist(_ path: String) throws {
        let document = try MarkdownDocument(path)
        let words = (document.commands + document.codeSpans).flatMap { $0.split(separator: " ") }
        for script in words where script.hasPrefix("Scripts/") && !script.hasSuffix(".md") {
            let file = SourceTree.root.appendingPathComponent(String(script)).path
            #expect(FileManager.default.isExecutableFile(atPath: file), "\(path): \(script)")
        }
    }

    @Test(arguments: SourceTree.readmes)
    func filesNamedInADocumentExist(_ path: String) throws {
        let document = try MarkdownDocument(path)
        for command in document.commands + document.codeSpans {
            for word in command.split(separator: " ").map(String.init) {
                let isPath = ["Workloads/", "Database/", "Sources/", "Tests/"].contains(where: word.hasPrefix)
                guard isPath, !word.contains(where: "<>*{}".contains) else { continue }
                #expect(SourceTree.exists(word), "\(path): \(word) in '\(command)'")
            }
        }
    }

    @Test func everyScriptIsDescribed() throws {
        let spans = Set(try MarkdownDocument("Scripts/README.md").codeSpans)
        for name in try FileManager.default.contentsOfDirectory(
            atPath: SourceTree.root.appendingPathComponent("Scripts").path)
        where !name.hasSuffix(".md") && !name.hasPrefix("_") {
            let isDescribed = spans.contains { [name, "\(name)/"].contains($0) || $0.hasPrefix("\(name)/") }
            #expect(isDescribed, "Scripts/README.md says nothing of \(name)")
        }
    }

    @Test(arguments: SourceTree.readmes)
    func verbsAndOptionsNamedInADocumentExist(_ path: String) throws {
        let tool = try #require(HelpPages.shared, "the hercules executable lies beside the tests")
        let document = try MarkdownDocument(path)
        for command in document.commands + document.codeSpans.filter({ $0.hasPrefix("hercules ") }) {
            var words = command.split(separator: " ").map(String.init)
            let position = words.firstIndex { $0 == "hercules" || $0.hasSuffix("/hercules") }
            guard let position, !words[0].hasPrefix("Scripts/") else { continue }
            words.removeFirst(position + 1)
            // The verb is the leading bare words that the tool itself knows.
            var verb: [String] = []
            var help = try tool.page(verb)
            while let next = HelpPages.subverbs(help).last(where: words.starts(with:)) {
                verb += next
                words.removeFirst(next.count)
                help = try tool.page(verb)
            }
            #expect(
                !verb.isEmpty || words.first?.hasPrefix("-") == true, "\(path): '\(command)' names no verb")
            var known = HelpPages.options(in: help)
            if verb == ["controller"] {
                // All words that follow are another executable's.
                let next = words.first ?? ""
                #expect(try ControllerWords.verbs().contains(next), "\(path): '\(command)': no verb \(next)")
                known = try ControllerWords.options()
            }
            for option in HelpPages.options(in: words.joined(separator: " ")) where option != "--help" {
                #expect(
                    known.contains(option), "\(path): '\(command)': \(option) is not an option of \(verb)")
            }
        }
    }

    @Test(arguments: SourceTree.readmes)
    func optionsNamedAloneBelongToSomething(_ path: String) throws {
        let tool = try #require(HelpPages.shared, "the hercules executable lies beside the tests")
        var known = try tool.allOptions().union(ControllerWords.options())
        for folder in ["Scripts", "Tests/Benchmarks"] {
            for file in try FileManager.default.subpathsOfDirectory(
                atPath: SourceTree.root.appendingPathComponent(folder).path)
            where !file.hasSuffix(".md") {
                guard let text = try? SourceTree.text("\(folder)/\(file)") else { continue }
                known.formUnion(HelpPages.options(in: text))
            }
        }
        for span in try MarkdownDocument(path).codeSpans where span.hasPrefix("--") {
            for option in HelpPages.options(in: span) {
                #expect(known.contains(option), "\(path): nothing has the option \(option)")
            }
        }
    }
}

/// The help of the built tool, each page asked for once.
private final class HelpPages: @unchecked Sendable {
    // Unchecked: the pages are guarded by the lock.

    static let shared: HelpPages? = {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let path = folder.appendingPathComponent("hercules")
        return FileManager.default.isExecutableFile(atPath: path.path) ? HelpPages(tool: path) : nil
    }()

    private let tool: URL
    private let lock = NSLock()
    private var pages: [[String]: String] = [:]

    private init(tool: URL) { self.tool = tool }

    func page(_ verb: [String]) throws -> String {
        try lock.withLock {
            if let page = pages[verb] { return page }
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
            pages[verb] = text
            return text
        }
    }

    /// The options of every verb.
    func allOptions() throws -> Set<String> {
        var options: Set<String> = []
        var waiting: [[String]] = [[]]
        while let verb = waiting.popLast() {
            let help = try page(verb)
            options.formUnion(Self.options(in: help))
            waiting += Self.subverbs(help).map { verb + $0 }
        }
        return options
    }

    /// The verbs listed under `SUBCOMMANDS`, the words of each; longer ones come after what they begin with.
    static func subverbs(_ help: String) -> [[String]] {
        guard let start = help.range(of: "\nSUBCOMMANDS:") else { return [] }
        let lines = help[start.upperBound...].split(separator: "\n")
        var verbs: [[String]] = []
        for line in lines where line.hasPrefix("  ") && !line.hasPrefix("   ") && !line.hasPrefix("  See ") {
            let name = line.dropFirst(2).components(separatedBy: "  ")[0]
            // A verb's other names follow it after a comma.
            for one in name.components(separatedBy: ", ") {
                verbs.append(one.split(separator: " ").map(String.init))
            }
        }
        return verbs.sorted { $0.count < $1.count }
    }

    /// Every `--word` in a text.
    static func options(in text: String) -> Set<String> {
        var options: Set<String> = []
        for part in text.components(separatedBy: "--").dropFirst() {
            let name = part.prefix { $0.isLowercase || $0.isNumber || $0 == "-" }
            if let first = name.first, first.isLetter { options.insert("--\(name)") }
        }
        return options
    }
}
