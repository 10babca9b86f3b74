import Foundation

/// The checked-out tree these tests were built from.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Paths, relative to the root, of all files below a folder with one of the endings, sorted.
    static func files(under folder: String, endings: Set<String>) -> [String] {
        let base = root.appendingPathComponent(folder)
        guard let walker = FileManager.default.enumerator(atPath: base.path) else { return [] }
        return walker.compactMap { $0 as? String }
            .filter { endings.contains(($0 as NSString).pathExtension) }
            .map { "\(folder)/\($0)" }.sorted()
    }

    /// The `import` lines of a Swift file as module names.
    static func imports(of path: String) throws -> [String] {
        try text(path).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let position = words.firstIndex(of: "import"),
                words[..<position].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "package" }),
                words.count == position + 2
            else { return nil }
            return words[position + 1]
        }
    }
}
