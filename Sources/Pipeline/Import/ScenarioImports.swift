import Foundation
import Store
import Vocabulary

extension Session {
    /// Whether the scenario names files of which nothing is in the database.
    func namesImportsNotTakenIn() throws -> Bool {
        try (scenario.imports ?? []).contains { try !store.holdsImport(ofFile: $0.file) }
    }

    /// Imports the files that the scenario names; a second time nothing happens. A scenario taken up from its
    /// database may name files that have gone since; what they left is used.
    func importFigures() throws {
        for named in scenario.imports ?? [] {
            if !FileManager.default.fileExists(atPath: named.file), try store.holdsImport(ofFile: named.file)
            {
                progress.note("\(named.file): is not there any more, what was imported from it is used")
                continue
            }
            let summaries = try ImportStage(store: store, progress: progress).run(
                ImportRequest(
                    kind: named.kind, files: [named.file], mapping: named.mapping, source: named.source,
                    licence: named.licence,
                    said: ImportSayings(isOwn: named.isOwn, derating: named.derating)))
            for summary in summaries where summary.rowsRefused + summary.rowsMarked > 0 {
                progress.note(
                    "\(summary.file): \(summary.rowsRefused) rows refused, \(summary.rowsMarked) marked; "
                        + "`hercules import \(named.kind) \(named.file)` says why")
            }
        }
    }
}
