import Foundation
import Testing

/// Limits that keep every part of the tree small enough to read at once.
@Suite struct SizeTests {
    private static let filesMax = 25
    private static let linesMax = 70
    private static let columnsMax = 110

    private static var swiftFiles: [String] {
        ["Sources", "Tests", "Database"].flatMap { SourceTree.files(under: $0, endings: ["swift"]) }
    }

    @Test func noFolderHoldsMoreFilesThanOneLooksThrough() {
        let folders = Dictionary(grouping: Self.swiftFiles) { ($0 as NSString).deletingLastPathComponent }
        #expect(folders.count > 60, "found only \(folders.count) folders: is the tree read?")
        for (folder, files) in folders.sorted(by: { $0.key < $1.key }) {
            #expect(
                files.count <= Self.filesMax,
                "\(folder) has \(files.count) files: which concepts are inside?")
        }
    }

    @Test func noLineIsWiderThanTheProject() throws {
        for file in Self.swiftFiles + ["Package.swift"] {
            for (index, line) in try SourceTree.text(file).split(
                separator: "\n", omittingEmptySubsequences: false
            ).enumerated() {
                #expect(line.count <= Self.columnsMax, "\(file):\(index + 1) has \(line.count) columns")
            }
        }
    }

    @Test func noFunctionIsLongerThanAScreen() throws {
        var functions = 0
        for file in Self.swiftFiles {
            let lines = try SourceTree.text(file).components(separatedBy: "\n")
            for (start, line) in lines.enumerated() {
                guard let name = Self.function(in: line) else { continue }
                functions += 1
                let indent = line.prefix { $0 == " " }
                let end = lines[(start + 1)...].firstIndex { $0.hasPrefix("\(indent)}") }
                // A requirement of a protocol has no end of its own.
                let outer = lines[(start + 1)...].firstIndex {
                    !$0.allSatisfy(\.isWhitespace) && $0.prefix { $0 == " " }.count < indent.count
                }
                guard let end, end < outer ?? .max else { continue }
                #expect(
                    end - start + 1 <= Self.linesMax,
                    "\(file):\(start + 1): \(name) has \(end - start + 1) lines")
            }
        }
        #expect(functions > 2_000, "found only \(functions) functions: are they read?")
    }

    /// The name of the function or initialiser that begins in a line.
    private static func function(in line: String) -> String? {
        let words: Set<Substring> = [
            "public", "package", "private", "fileprivate", "internal", "static", "mutating", "override",
            "final",
            "convenience", "nonisolated", "required",
        ]
        let parts = line.split(separator: " ").drop { words.contains($0) || $0.hasPrefix("@") }
        guard let first = parts.first else { return nil }
        if first == "func" { return parts.dropFirst().first.map(String.init) }
        return first.hasPrefix("init(") || first.hasPrefix("init?(") || first.hasPrefix("init<")
            ? String(first) : nil
    }
}
