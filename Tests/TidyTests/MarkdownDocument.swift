import Foundation

/// What tests ask of a Markdown file.
struct MarkdownDocument {
    let path: String
    /// Lines outside fenced blocks.
    private(set) var prose: [String] = []
    /// Commands of `sh` blocks and of indented lines, with continuations joined and comments gone.
    private(set) var commands: [String] = []

    init(_ path: String) throws {
        self.path = path
        var language: Substring?
        var pending = ""
        for line in try SourceTree.text(path).components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                language = language == nil ? line.dropFirst(3) : nil
                continue
            }
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            let isIndentedCommand =
                line.hasPrefix("    ") && ["hercules ", "Scripts/"].contains { trimmed.hasPrefix($0) }
            if language == nil { prose.append(line) }
            guard language == "sh" || language == nil && isIndentedCommand else { continue }
            let command = pending + line.components(separatedBy: " #")[0].trimmingCharacters(in: .whitespaces)
            pending = ""
            if command.hasSuffix("\\") {
                pending = String(command.dropLast())
            } else if !command.isEmpty, !command.hasPrefix("#") {
                commands.append(command)
            }
        }
    }

    /// The prose by paragraphs, each on one line: a text between backticks may go on in the next line.
    private var paragraphs: [String] {
        prose.split { $0.allSatisfy(\.isWhitespace) }.map { $0.joined(separator: " ") }
    }

    /// Texts between backticks, in the prose.
    var codeSpans: [String] { paragraphs.flatMap { Self.between($0, isCode: true) } }

    /// Where links and images lead.
    var links: [String] {
        paragraphs.flatMap { paragraph in
            // What stands in backticks is no link, and may be the text of one.
            let text = Self.between(paragraph, isCode: false).joined(separator: "`")
            return text.components(separatedBy: "](").dropFirst().compactMap { part in
                part.firstIndex(of: ")").map { String(part[..<$0]) }
            }
        }
    }

    /// The parts of a text in backticks, or those outside.
    private static func between(_ text: String, isCode: Bool) -> [String] {
        text.components(separatedBy: "`").enumerated()
            .filter { ($0.offset % 2 == 1) == isCode }.map(\.element)
    }

    /// The anchors of the headings, as web hosts of repositories make them.
    var anchors: Set<String> {
        var anchors: Set<String> = []
        for line in prose where line.hasPrefix("#") {
            let heading = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
            let kept = heading.filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
            let anchor = kept.replacingOccurrences(of: " ", with: "-")
            var candidate = anchor
            var repeats = 0
            while anchors.contains(candidate) {
                repeats += 1
                candidate = "\(anchor)-\(repeats)"
            }
            anchors.insert(candidate)
        }
        return anchors
    }

    /// The first cells of each table's rows, as the texts between their backticks.
    var tables: [Set<String>] {
        var tables: [Set<String>] = []
        var isInside = false
        for line in prose {
            guard line.hasPrefix("|") else {
                isInside = false
                continue
            }
            if !isInside { tables.append([]) }
            isInside = true
            let cell = line.components(separatedBy: "|")[1]
            tables[tables.count - 1].formUnion(Self.between(cell, isCode: true))
        }
        return tables
    }
}
