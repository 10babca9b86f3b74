import Foundation

/// The text files in which the kernel describes the machine, under `/` or under a tree made for a test.
struct SystemFiles: Hashable, Sendable {
    private let root: String

    init(root: String) { self.root = root.hasSuffix("/") ? root : root + "/" }

    /// The full path of a file named from the root.
    func path(_ relative: String) -> String { root + relative }

    /// What a file holds, without white space at its ends; nil where it cannot be read.
    func text(_ relative: String) -> String? {
        FileManager.default.contents(atPath: path(relative))
            .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    /// The lines of a file; none where it cannot be read.
    func lines(_ relative: String) -> [Substring] { (text(relative) ?? "").split(separator: "\n") }

    func exists(_ relative: String) -> Bool { FileManager.default.fileExists(atPath: path(relative)) }

    /// The names in a directory, in order; none where it cannot be read.
    func names(in relative: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path(relative))) ?? []).sorted()
    }
}
