import Testing

/// The benchmarks' results say where they are from.
@Suite struct ResultsTests {
    private static let path = "Tests/Benchmarks/RESULTS.md"

    @Test func everySectionNamesCommandCommitDateAndMachine() throws {
        let document = try MarkdownDocument(Self.path)
        var sections: [String: [String]] = [:]
        var current: String?
        for line in document.prose {
            if line.hasPrefix("## ") { current = String(line.dropFirst(3)) }
            if let current { sections[current, default: []].append(line) }
        }
        #expect(!sections.isEmpty)
        for (name, lines) in sections {
            for row in ["command", "commit", "date", "machine"] {
                #expect(
                    lines.contains { $0.hasPrefix("| \(row) | ") && $0.count > row.count + 8 },
                    "\(Self.path): the section '\(name)' does not name its \(row)")
            }
            #expect(
                lines.contains { $0.contains("`Scripts/benchmark \(name)") },
                "\(Self.path): the section '\(name)' was not written by Scripts/benchmark \(name) --write")
        }
    }
}
