import Foundation
import Testing

/// Nothing lies around that nobody uses.
@Suite struct DeadCodeTests {
    /// Files that only tests use, and why they stay among the sources.
    private static let forTests = [
        "Sources/Optimization/Knapsack/CoveringKnapsack.swift":
            "the safe face of KnapsackSearch, tested by it"
    ]

    private static func words(of text: String) -> Set<Substring> {
        Set(text.split { !($0.isLetter || $0.isNumber || $0 == "_") })
    }

    /// The code of a file without its comments.
    private static func code(_ file: String) throws -> String {
        try SourceTree.text(file).components(separatedBy: "\n").map {
            $0.components(separatedBy: "//")[0]
        }.joined(separator: "\n")
    }

    /// The names that a line declares for others.
    private static func declared(in line: String, _ kinds: Set<Substring>) -> Substring? {
        let modifiers: Set<Substring> = [
            "public", "package", "final", "indirect", "static", "mutating", "nonisolated",
        ]
        let parts = line.split(separator: " ").drop { modifiers.contains($0) || $0.hasPrefix("@") }
        guard parts.count > 1, let kind = parts.first, kinds.contains(kind) else { return nil }
        return parts[parts.startIndex + 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    /// A file's types, and where it extends others, its members.
    private static func names(of code: String) -> Set<Substring> {
        let types: Set<Substring> = ["struct", "enum", "class", "protocol", "actor", "typealias"]
        let members: Set<Substring> = ["func", "var", "let", "case", "struct", "enum", "typealias"]
        let lines = code.components(separatedBy: "\n")
        let outer = lines.filter { !$0.hasPrefix(" ") }
        let own = Set(outer.compactMap { declared(in: $0, types.union(["func"])) })
        let extended = Set(outer.compactMap { declared(in: $0, ["extension"]) })
        let others = extended.isSubset(of: own) ? [] : lines.compactMap { declared(in: $0, members) }
        return own.union(others).subtracting([""])
    }

    @Test func everyFileIsUsedByAnother() throws {
        let files = SourceTree.files(under: "Sources", endings: ["swift"])
        let benchmarks = SourceTree.files(under: "Tests/Benchmarks", endings: ["swift"])
        let words = try Dictionary(
            uniqueKeysWithValues: (files + benchmarks).map { ($0, Self.words(of: try Self.code($0))) })
        for file in files where Self.forTests[file] == nil {
            let code = try Self.code(file)
            guard !code.contains("@main") else { continue }
            let names = Self.names(of: code)
            // A file of operators declares no names.
            guard !names.isEmpty else { continue }
            let isUsed = words.contains { $0.key != file && !$0.value.isDisjoint(with: names) }
            #expect(isUsed, "\(file): nothing else names \(names.sorted().prefix(3))")
        }
    }

    @Test func everyTargetHasTestsOfItsOwn() throws {
        // Tested through others: shims through their users, the schema through the store, the command by its
        // options and from end to end.
        let elsewhere = [
            "CNative": "ProfilingTests", "hercules": "OptionsTests",
            "hercules-controller": "ControllerServiceTests",
        ]
        let sources = SourceTree.root.appendingPathComponent("Sources").path
        for target in try FileManager.default.contentsOfDirectory(atPath: sources)
        where !target.hasSuffix(".md") {
            let suite = elsewhere[target] ?? "\(target)Tests"
            let tests = try SourceTree.files(under: "Tests/\(suite)", endings: ["swift"]).filter {
                try SourceTree.text($0).contains("@Test")
            }
            #expect(!tests.isEmpty, "\(target) has no unit tests in Tests/\(suite)")
        }
    }
}
