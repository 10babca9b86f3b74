import Catalog
import Foundation
import Testing

/// The root of the package and what lies around it.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let workloads = "\(root)/Workloads"

    /// The folder of real data that lies beside a developer's checkout, or wherever `HERCULES_TEST_DATA`
    /// says. Not every machine has it: tests that need it are skipped there, which the test run prints.
    static let sharedData =
        ProcessInfo.processInfo.environment["HERCULES_TEST_DATA"] ?? "\(root)/../shared/data"
    static let hasSharedData = FileManager.default.fileExists(atPath: sharedData)
    static let sharedDataComment: Comment = "the real data of ../shared/data are not on this machine"

    /// The YAML files of the shipped workloads, relative to their folder, in order.
    static let yamlFiles: [String] = {
        let paths = FileManager.default.enumerator(atPath: workloads)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".yaml") }.sorted()
    }()
}

/// A folder of a test's own that is removed with it.
final class WorkingCopy {
    let path: String

    /// An empty folder, or a copy of the shipped workloads.
    init(ofWorkloads: Bool = false) throws {
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
    func write(_ text: String, to name: String) throws -> String {
        let file = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(name)")), as: UTF8.self)
    }

    /// Replaces the one occurrence of a text in a file.
    func replace(_ old: String, with new: String, in name: String) throws {
        let text = try read(name)
        let parts = text.components(separatedBy: old)
        try #require(parts.count == 2, "'\(old)' occurs \(parts.count - 1) times in \(name)")
        try write(parts.joined(separator: new), to: name)
    }

    var catalog: Catalog { get throws { try Catalog(directory: path) } }
}

/// The message of the error that an action throws, with a folder's path left out; nil where it throws none.
func message(without folder: String = "", _ action: () throws -> Void) -> String? {
    do {
        try action()
        return nil
    } catch {
        return folder.isEmpty ? "\(error)" : "\(error)".replacing(folder + "/", with: "")
    }
}
