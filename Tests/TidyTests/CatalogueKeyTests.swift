import Foundation
import Testing

/// Every key of the files that people write is described in `Workloads/README.md`.
@Suite struct CatalogueKeyTests {
    private struct KeyList {
        let file: String
        let name: String
        var keys: [String] = []
    }

    /// The enums of keys in a Swift file, with the keys as they are written in YAML.
    private static func keyLists(in file: String) throws -> [KeyList] {
        var lists: [KeyList] = []
        var indent: String?
        var pending = ""
        for line in try SourceTree.text(file).components(separatedBy: "\n") {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if let depth = indent {
                if line == depth + "}" {
                    indent = nil
                } else if trimmed.hasPrefix("case ") && !trimmed.contains(":") || !pending.isEmpty {
                    pending += trimmed
                    // A list of cases goes on where its line ends with a comma.
                    guard !trimmed.hasSuffix(",") else { continue }
                    lists[lists.count - 1].keys += keys(ofCase: pending)
                    pending = ""
                }
            } else if trimmed.contains("enum "), trimmed.hasSuffix("SectionKey {") || isFigures(trimmed) {
                let name = trimmed.components(separatedBy: "enum ")[1].prefix { $0.isLetter }
                lists.append(KeyList(file: file, name: String(name)))
                indent = String(line.prefix { $0 == " " })
            }
        }
        return lists
    }

    /// The figures of a device are the keys of its file.
    private static func isFigures(_ line: String) -> Bool { line.contains("enum DeviceFigure:") }

    /// `case id, title` and `case peakHour = "peak_hour"`.
    private static func keys(ofCase line: String) -> [String] {
        line.dropFirst("case ".count).split(separator: ",").map { part in
            let sides = part.components(separatedBy: " = ")
            let text = (sides.count == 2 ? sides[1] : sides[0]).trimmingCharacters(in: .whitespaces)
            return text.replacingOccurrences(of: "\"", with: "")
        }
    }

    @Test func everyKeyStandsInATableOfItsSection() throws {
        let tables = try MarkdownDocument("Workloads/README.md").tables
        let lists = try SourceTree.files(under: "Sources", endings: ["swift"]).flatMap(Self.keyLists)
        #expect(lists.count > 30, "found only \(lists.count) lists of keys: are they read?")
        for list in lists {
            #expect(!list.keys.isEmpty, "\(list.file): \(list.name) has no keys: are they read?")
            let best = tables.max {
                $0.intersection(list.keys).count < $1.intersection(list.keys).count
            }
            let missing = Set(list.keys).subtracting(best ?? [])
            #expect(
                missing.isEmpty,
                "no table of Workloads/README.md has these keys of \(list.name), \(list.file): \(missing)"
            )
        }
    }

    @Test func keysAreReadAsTheyAreWritten() throws {
        #expect(Self.keys(ofCase: "case id, title, seed") == ["id", "title", "seed"])
        #expect(Self.keys(ofCase: "case peakHour = \"peak_hour\"") == ["peak_hour"])
        let lists = try SourceTree.files(under: "Sources", endings: ["swift"]).flatMap(Self.keyLists)
        #expect(lists.first { $0.name == "DynamicsKey" }?.keys.contains("boot_seconds") == true)
        #expect(lists.first { $0.name == "DeviceFigure" }?.keys.contains("rank_parallelism") == true)
    }
}
