import Reporting
import Store

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
        var rows: [[Table.Cell]] = []
        progress.stageBegan("merge", units: paths.count, expected: nil)
        for path in paths {
            let summary = try store.merge(
                path, keepsRedefinitions: keepsRedefinitions, toolVersion: Recorder.toolVersion,
                atUnixSeconds: WallClock.unixSeconds)
            for name in summary.redefinedServerTypes {
                progress.note(
                    "\(path): server type \(name) is another one than here; both definitions are kept")
            }
            if summary.isKnown { progress.note("\(path): holds nothing that is not here already") }
            rows += summary.counts.map { count in
                [
                    .text(path), .text(count.table), .integer(count.found), .integer(count.added),
                    .integer(count.found - count.added),
                ]
            }
            progress.advanced(path)
        }
        progress.stageEnded("merged \(paths.count) \(paths.count == 1 ? "file" : "files") into \(store.path)")
        let table = Table(
            caption: "Records merged",
            columns: [
                .init("file", "File", .text), .init("table", "Records of", .text),
                .init("found", "Found", .plain), .init("added", "Added", .plain),
                .init("known", "Known", .plain),
            ], rows: rows)
        let text = rendering.render(table)
        guard case .text = rendering else { return text }
        return text + "\ncontent digest: \(try store.contentDigest())\n"
    }
}
