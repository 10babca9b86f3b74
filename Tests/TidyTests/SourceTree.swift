import Foundation

/// The checked-out tree these tests were built from.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    /// Paths, relative to the root, of all files below a folder with one of the endings, sorted.
    static func files(under folder: String, endings: Set<String>) -> [String] {
        let base = root.appendingPathComponent(folder)
        guard let walker = FileManager.default.enumerator(atPath: base.path) else { return [] }
        return walker.compactMap { $0 as? String }
            .filter { endings.contains(($0 as NSString).pathExtension) }
            .map { "\(folder)/\($0)" }.sorted()
    }

    /// What git tracks or would track; nil outside a git checkout. Build folders and reports lie here too.
    static func tracked() throws -> [String]? {
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "-C", root.path, "ls-files", "--cached", "--others", "--exclude-standard"]
        let pipe = Pipe()
        git.standardOutput = pipe
        git.standardError = FileHandle.nullDevice
        try git.run()
        let listing = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { return nil }
        // A file that was deleted and not committed is still listed.
        return listing.split(separator: "\n").map(String.init).filter(exists).sorted()
    }

    /// The documents that tell people what to do.
    static let readmes: [String] =
        ["README.md", "Workloads/README.md", "Scripts/README.md", "Database/README.md"]
        + files(under: "Sources", endings: ["md"])

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
