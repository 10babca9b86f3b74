import Reporting
import Store
import Vocabulary

/// Joins database files: those that the nodes of a batch job each wrote for themselves.
public struct DatabaseMerge {
    private let store: Store
    private let progress: any ProgressListener

    /// - Parameter path: merged into; made where it is missing.
    public init(into path: String, progress: any ProgressListener) throws {
        store = try Store(path: path)
        self.progress = progress
    }

    /// Merges files one after the other, each in a transaction of its own: where one is refused, those before
    /// it stay merged.
    /// - Returns: how many records each file held and how many of them were new, and what the database holds
    ///   now.
    public func run(_ paths: [String], keepsRedefinitions: Bool, as rendering: Rendering) throws -> String {
        var files: [MergeSummary] = []
        let recorder = Recorder(store: store, run: nil)
        progress.stageBegan("merge", units: paths.count, expected: nil)
        for path in paths {
            let summary = try recorder.merge(path, keepsRedefinitions: keepsRedefinitions)
            for name in summary.redefinedServerTypes {
                progress.note(
                    "\(path): server type \(name) is another one than here; both definitions are kept")
            }
            if summary.isKnown { progress.note("\(path): holds nothing that is not here already") }
            files.append(summary)
            progress.advanced(path)
        }
        progress.stageEnded("merged \(paths.count) \(paths.count == 1 ? "file" : "files") into \(store.path)")
        return MergeDocument(files, contentDigest: "\(try store.contentDigest())").text(as: rendering)
    }
}
