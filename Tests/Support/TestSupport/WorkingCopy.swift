import Foundation
import Testing

/// A folder of a test's own that is removed with it.
package final class WorkingCopy {
    package let path: String

    /// An empty folder, or a copy of the shipped workloads.
    package init(ofWorkloads: Bool = false) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "catalog-\(UUID().uuidString)")
        path = url.path
        if ofWorkloads {
            try FileManager.default.copyItem(atPath: Repository.workloads, toPath: path)
        } else {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        let file = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    package func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(name)")), as: UTF8.self)
    }

    /// Replaces the one occurrence of a text in a file.
    package func replace(_ old: String, with new: String, in name: String) throws {
        let text = try read(name)
        let parts = text.components(separatedBy: old)
        try #require(parts.count == 2, "'\(old)' occurs \(parts.count - 1) times in \(name)")
        try write(parts.joined(separator: new), to: name)
    }
}

/// The message of the error that an action throws, with a folder's path left out; nil where it throws none.
package func message(without folder: String = "", _ action: () throws -> Void) -> String? {
    do {
        try action()
        return nil
    } catch {
        return folder.isEmpty ? "\(error)" : "\(error)".replacing(folder + "/", with: "")
    }
}
