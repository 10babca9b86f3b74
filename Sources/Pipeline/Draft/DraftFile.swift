import Files
import Foundation

/// A file for a person to go on from.
public struct DraftFile: Hashable, Sendable {
    /// Relative to the folder that it is written in.
    public let path: String
    public let text: String

    /// Writes files under a folder, all or none of them; what is there already is never replaced.
    /// - Returns: the paths written, as they are reached from here.
    /// - Throws: `PipelineError.badValue` where one of them is there, or `.notWritten`.
    public static func write(_ files: [DraftFile], in folder: String) throws -> [String] {
        let manager = FileManager.default
        let paths = files.map { folder == "." ? $0.path : "\(folder)/\($0.path)" }
        if let there = paths.first(where: { manager.fileExists(atPath: $0) }) {
            throw PipelineError.badValue(
                name: there, found: "a file that is there already",
                expected: "another name or folder, as nothing is replaced")
        }
        var written: [String] = []
        do {
            for (file, path) in zip(files, paths) {
                let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
                do {
                    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
                } catch {
                    throw OutputRefusal(
                        path: folder, found: error.localizedDescription, expected: "a folder to write to",
                        isUsage: false)
                }
                // Another process may have written it since.
                try OutputFile(path: path, kind: .new, database: nil).write(file.text)
                written.append(path)
            }
        } catch let error as OutputRefusal {
            for path in written { try? manager.removeItem(atPath: path) }
            throw PipelineError.notWritten(error)
        }
        return paths
    }
}

/// How files call one another.
enum DraftPath {
    /// How a file in a folder calls another one that is named from here: with a folder, so that it is no name
    /// of the catalogue.
    /// - Parameter above: how many folders below that folder the naming file lies.
    static func relative(_ path: String, from folder: String, above: Int = 0) -> String {
        if path.hasPrefix("/") { return path }
        guard folder == "." else { return URL(fileURLWithPath: path).path }
        return above == 0 ? "./\(path)" : String(repeating: "../", count: above) + path
    }
}
