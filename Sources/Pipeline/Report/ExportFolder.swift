import Files
import Foundation

/// The folder of an export. What an earlier export left there is replaced, and nothing else.
struct ExportFolder {
    private let path: String
    private let database: String
    private static let manifests = "kubernetes"
    private static let index = "index.json"
    /// An index of a hundred thousand sets is shorter.
    private static let indexBytesMax = 64 << 20

    init(_ path: String, database: String) {
        self.path = path
        self.database = database
    }

    /// Writes files, by paths within the folder, and removes the manifests of an earlier export.
    /// - Parameters:
    ///   - long: a file that is written piece by piece, as it may be more than memory holds.
    ///   - pieces: of that file.
    /// - Returns: how long it is, in bytes.
    /// - Throws: `PipelineError.notWritten`; every file is looked at before the first is written.
    func replace(
        with files: [(path: String, text: String)], and long: String, pieces: some Sequence<String>
    ) throws -> Int {
        do {
            try FileManager.default.createDirectory(
                atPath: "\(path)/\(Self.manifests)", withIntermediateDirectories: true)
        } catch {
            throw PipelineError.notWritten(
                OutputRefusal(
                    path: path, found: error.localizedDescription, expected: "a folder to write to",
                    isUsage: false))
        }
        let earlier = try earlierManifests()
        let outputs = files.map { (output($0.path, text: $0.text), $0.text) }
        let table = output(long, text: pieces.first { _ in true } ?? "")
        do throws(OutputRefusal) {
            for (output, _) in outputs { try output.check() }
            try table.check()
            for name in earlier { try? FileManager.default.removeItem(atPath: manifest(name)) }
            for (output, text) in outputs { try output.write(text) }
            return try table.write(pieces: pieces)
        } catch { throw PipelineError.notWritten(error) }
    }

    private func manifest(_ name: String) -> String { "\(path)/\(Self.manifests)/\(name)" }

    private func output(_ name: String, text: String) -> OutputFile {
        // A table's first column, or a document's first key.
        let beginning = text.prefix(12)
        return OutputFile(
            path: "\(path)/\(name)", kind: .earlier("one of an earlier export", beginning: beginning),
            database: database)
    }

    /// The manifests that the index of an earlier export names.
    /// - Throws: `PipelineError.notWritten` where there are others of such names.
    private func earlierManifests() throws -> [String] {
        let found = try FileContents.names(in: "\(path)/\(Self.manifests)", suffix: ".yaml")
            .filter { !$0.isEmpty && $0.allSatisfy(\.isNumber) }.map { "\($0).yaml" }
        guard !found.isEmpty else { return [] }
        let known = Set(indexedNames())
        if let foreign = found.first(where: { !known.contains($0) }) {
            throw PipelineError.notWritten(
                OutputRefusal(
                    path: manifest(foreign), found: "a manifest that no earlier export wrote",
                    expected: "a folder of its own", isUsage: true))
        }
        return found
    }

    private func indexedNames() -> [String] {
        let index = manifest(Self.index)
        guard
            let bytes = try? FileContents.bytes(
                of: index, expected: "an index", max: Self.indexBytesMax, isInput: false),
            let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
            let sets = object["sets"] as? [[String: Any]]
        else { return [] }
        return sets.compactMap { $0["file"] as? String }
    }
}
