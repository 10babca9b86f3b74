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
    /// Whether rows that break a law are refused instead of kept with a mark.
    public var isStrict: Bool
    /// Whether to read and judge, and keep nothing.
    public var isDryRun: Bool

    public init(
        kind: String, files: [String], mapping: String? = nil, source: String? = nil, licence: String? = nil,
        isStrict: Bool = false, isDryRun: Bool = false
    ) {
        self.kind = kind
        self.files = files
        self.mapping = mapping
        self.source = source
        self.licence = licence
        self.isStrict = isStrict
        self.isDryRun = isDryRun
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
        let mapping = try request.mapping.map { try ImportMapping(path: $0) } ?? ImportMapping()
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
        for file in request.files { try FileContents.requireReadable(file, expected: "a file to import") }
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
        try FileContents.requireReadable(file, expected: "a file to import")
        let steps = FileSteps(file, progress)
        let source = request.source ?? importer.source ?? URL(fileURLWithPath: file).lastPathComponent
        var summary = ImportSummary(
            file: file, kind: request.kind, source: source, licence: request.licence ?? importer.licence,
            fileDigest: "")
        let input = ImportInput(path: file, mapping: mapping) { steps.reached(byte: $0) }
        let keep: (ImportWriter?) throws -> ImportSummary = { writer in
            var summary = summary
            try importer.read(input) { row in
                try Self.take(row, writer, checks, isStrict: request.isStrict, &summary)
            }
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
            summary.fileDigest = try FileDigest.hexadecimal(ofFileAt: file)
            let known = summary
            let memo = Memo<ImportOrigin, ImportSummary>(
                Recorder(store: store, run: nil).origin(
                    kind: request.kind, file: file, digest: summary.fileDigest,
                    options: "\(request.isStrict)\u{1C}\(mapping.canonicalText)", source: source,
                    licence: summary.licence)
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
        _ row: ImportedRow, _ writer: ImportWriter?, _ checks: PhysicsChecks, isStrict: Bool,
        _ summary: inout ImportSummary
    ) throws {
        summary.rowsRead += 1
        switch row {
        case .refused(let line, let reason): summary.refuse(reason, line: line)
        case .hardware(let limit):
            summary.rowsKept += 1
            summary.note([("maximumPowerWatts", limit.maximumPower.value)])
            try writer?.add(limit)
        case .figure(let figure):
            let verdict = checks.verdict(on: figure)
            if isStrict, let first = verdict.failures.first {
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
