import Catalog
import Files
import Foundation
import Importing
import Store
import Vocabulary

/// What to import and how.
public struct ImportRequest: Sendable {
    /// The name of a format; `ImportStage.kinds` lists them.
    public var kind: String
    public var files: [String]
    /// A mapping file; nil for none.
    public var mapping: String?
    /// Whom the figures are from; nil for what the format says, or the file's name.
    public var source: String?
    public var licence: String?
    /// What else is said of the files. What is nil stays as it was said of a file before.
    public var said: ImportSayings
    /// Values of our columns for every row, which come before the files' own.
    public var constants: [String: String]
    /// Whether to read and judge, and keep nothing.
    public var isDryRun: Bool

    public init(
        kind: String, files: [String], mapping: String? = nil, source: String? = nil, licence: String? = nil,
        said: ImportSayings = ImportSayings(), constants: [String: String] = [:], isDryRun: Bool = false
    ) {
        self.kind = kind
        self.files = files
        self.mapping = mapping
        self.source = source
        self.licence = licence
        self.said = said
        self.constants = constants
        self.isDryRun = isDryRun
    }

    /// The source of several files that one call takes in: the folder that holds them all.
    var commonFolder: String? {
        guard files.count > 1 else { return nil }
        var common = Self.folder(of: files[0])
        for file in files.dropFirst() {
            common = zip(common, Self.folder(of: file)).prefix { $0 == $1 }.map(\.0)
        }
        return common.last { $0 != "/" }
    }

    private static func folder(of file: String) -> [String] {
        URL(fileURLWithPath: file).standardizedFileURL.deletingLastPathComponent().pathComponents
    }
}

/// Takes figures that somebody else measured into the database: reads, judges, keeps where they come from.
public struct ImportStage: Sendable {
    private let store: Store?
    private let progress: any ProgressListener

    /// - Parameter store: nil only for dry runs.
    public init(store: Store?, progress: any ProgressListener) {
        self.store = store
        self.progress = progress
    }

    /// The formats with what each reads.
    public static var kinds: [(kind: String, title: String)] { Importers.all.map { ($0.kind, $0.title) } }

    /// Imports files one after the other, each in a transaction of its own: where one is refused, those
    /// before it stay, and the same command goes on from there, as a file that is known already is left
    /// alone.
    /// - Returns: what became of each file.
    /// - Throws: `FileError` where a file cannot be read as what it is said to be, or none of its rows can
    ///   be kept.
    public func run(_ request: ImportRequest) throws -> [ImportSummary] {
        let importer = try Self.importer(of: request)
        var mapping = try request.mapping.map { try ImportMapping(path: $0) } ?? ImportMapping()
        mapping.constants.merge(request.constants) { _, said in said }
        let checks = PhysicsChecks(limits: try store?.hardwareLimits() ?? [])
        progress.stageBegan("import", units: 100 * request.files.count, expected: nil)
        var summaries: [ImportSummary] = []
        for file in request.files {
            summaries.append(try importFile(file, importer, mapping, checks, request))
        }
        let kept = summaries.filter { !$0.isKnown }.reduce(0) { $0 + $1.rowsKept }
        let known = summaries.count { $0.isKnown }
        progress.stageEnded(
            "kept \(kept) rows of \(summaries.count - known) files"
                + (known > 0 ? "; \(known) were imported before" : ""))
        return summaries
    }

    /// Throws where a request names no format, or files that cannot be read: before a database is made for
    /// them.
    static func requireUsable(_ request: ImportRequest) throws {
        _ = try importer(of: request)
        for file in request.files { try FileContents.requireText(file, expected: "a file to import") }
    }

    private static func importer(of request: ImportRequest) throws -> any Importer {
        guard let importer = Importers.named(request.kind) else {
            throw PipelineError.unknownName(
                kind: "kind of import", found: request.kind, known: Importers.all.map(\.kind))
        }
        return importer
    }

    private func importFile(
        _ file: String, _ importer: any Importer, _ mapping: ImportMapping, _ checks: PhysicsChecks,
        _ request: ImportRequest
    ) throws -> ImportSummary {
        try FileContents.requireText(file, expected: "a file to import")
        let steps = FileSteps(file, progress)
        let digest = request.isDryRun ? "" : try FileDigest.hexadecimal(ofFileAt: file)
        // What was said of the same file before stands until something else is said.
        let earlier = request.isDryRun ? nil : try store?.storedImport(kind: request.kind, fileDigest: digest)
        let origin = FileOrigin(request, importer, file: file, earlier)
        var summary = ImportSummary(
            file: file, kind: request.kind, source: origin.source, licence: origin.licence,
            fileDigest: digest)
        let input = ImportInput(path: file, mapping: mapping) { steps.reached(byte: $0) }
        let keep: (ImportWriter?) throws -> ImportSummary = { writer in
            var summary = summary
            try importer.read(input) { row in try Self.take(row, writer, checks, origin, &summary) }
            guard summary.rowsKept > 0 else {
                let reason = summary.refusals.first
                throw FileError.malformed(
                    file: file, line: reason?.firstLine,
                    found: "no row that can be kept: \(reason?.text ?? "")",
                    expected: "a file of the kind '\(request.kind)'")
            }
            return summary
        }
        if request.isDryRun {
            // What is wrong near the start of a large file shows before all of it has been read.
            summary = try keep(nil)
            summary.fileDigest = try FileDigest.hexadecimal(ofFileAt: file)
        } else if let store {
            let known = summary
            let memo = Memo<ImportOrigin, ImportSummary>(
                Recorder(store: store, run: nil).origin(
                    kind: request.kind, file: file, digest: digest,
                    options: "\(origin.isStrict)\u{1C}\(mapping.canonicalText)", source: origin.source,
                    licence: origin.licence, said: origin.said)
            ) { origin in
                guard try store.holdsImport(origin) else { return nil }
                var known = known
                known.isKnown = true
                return known
            }
            // Rows are kept as they are read, so keeping is a part of computing here.
            summary = try memo.outcome {
                var kept = known
                try store.saveImport(memo.key) { writer in
                    kept = try keep(writer)
                    return kept
                }
                return kept
            }.value
        }
        steps.finish()
        return summary
    }

    /// Judges one row and keeps it, or says why not.
    private static func take(
        _ row: ImportedRow, _ writer: ImportWriter?, _ checks: PhysicsChecks, _ origin: FileOrigin,
        _ summary: inout ImportSummary
    ) throws {
        summary.rowsRead += 1
        switch row {
        case .refused(let line, let reason): summary.refuse(reason, line: line)
        case .hardware(let limit):
            summary.rowsKept += 1
            summary.note([("maximumPowerWatts", limit.maximumPower.value)])
            try writer?.add(limit)
        case .figure(var figure):
            figure.isOwn = origin.isOwn(figure)
            figure.derating = origin.said.derating
            let verdict = checks.verdict(on: figure)
            if origin.isStrict, let first = verdict.failures.first {
                summary.refuse(first.reason, line: figure.line)
                return
            }
            if !verdict.isSound { summary.mark(verdict.failures.map(\.reason), line: figure.line) }
            summary.rowsKept += 1
            summary.note(figure)
            try writer?.add(figure, verdict: verdict)
        }
    }
}

/// Whose the figures of one file are, from what is said now, what was said before, and what the format says.
private struct FileOrigin {
    let source: String
    let licence: String?
    let said: ImportSayings
    var isStrict: Bool { said.isStrict ?? false }
    /// Whether files of the format are somebody's publication.
    private let isPublished: Bool

    init(
        _ request: ImportRequest, _ importer: any Importer, file: String,
        _ earlier: (source: String, licence: String?, said: ImportSayings)?
    ) {
        let name = URL(fileURLWithPath: file).lastPathComponent
        source =
            request.source ?? earlier?.source ?? importer.source ?? request.commonFolder ?? name
        licence = request.licence ?? (request.source == nil ? earlier?.licence : nil) ?? importer.licence
        said = ImportSayings(
            isOwn: request.said.isOwn ?? earlier?.said.isOwn,
            derating: request.said.derating ?? earlier?.said.derating,
            isStrict: request.said.isStrict ?? earlier?.said.isStrict)
        isPublished = importer.source != nil
    }

    /// What comes under a licence, or from a source that the format or the row names, has been published;
    /// other figures are the user's own.
    func isOwn(_ figure: ImportedFigure) -> Bool {
        said.isOwn
            ?? !(isPublished || licence != nil || figure.licence != nil || figure.source != nil)
    }
}

/// Turns bytes read into hundred steps of progress for one file.
private final class FileSteps: @unchecked Sendable {
    // Unchecked: one thread reads a file.
    private let name: String
    private let progress: any ProgressListener
    private let size: Int
    private var step = 0

    init(_ file: String, _ progress: any ProgressListener) {
        name = URL(fileURLWithPath: file).lastPathComponent
        self.progress = progress
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }

    func reached(byte: Int) { advance(to: size > 0 ? min(99, byte * 100 / size) : 0) }

    func finish() { advance(to: 100) }

    private func advance(to target: Int) {
        while step < target {
            step += 1
            progress.advanced(name)
        }
    }
}
