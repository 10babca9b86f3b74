import Foundation
import Reporting
import Store

/// The `import` verb: files into a database, and what came of it as text.
public struct ImportRun: Sendable {
    private let database: String
    private let progress: any ProgressListener

    public init(database: String, progress: any ProgressListener) {
        self.database = database
        self.progress = progress
    }

    /// Imports, or only looks where that was asked for. No database is made for a kind that does not exist,
    /// or for files that cannot be read.
    public func text(_ request: ImportRequest, as rendering: Rendering) throws -> String {
        if request.isDryRun {
            // Datasheets that were imported count, where there is a database to look into.
            let store =
                FileManager.default.fileExists(atPath: database)
                ? try Store(path: database, access: .existing) : nil
            let summaries = try ImportStage(store: store, progress: progress).run(request)
            return ImportDocument(summaries).text(as: rendering)
        }
        try ImportStage.requireUsable(request)
        let summaries = try ImportStage(store: Store(path: database), progress: progress).run(request)
        return ImportDocument(summaries).text(as: rendering)
    }
}
