import Catalog
import Files
import Importing
import Reporting
import ServerModels
import Vocabulary

/// Fits times of engines' steps to files of measured times of output tokens, one fit for each model, device,
/// engine, precision and degree of tensor parallelism.
public struct TokenLawStage: Sendable {
    /// Which rows are fitted; nil for all.
    public struct Selection: Sendable {
        public var model: String?
        public var backend: String?
        public var precision: String?

        public init(model: String? = nil, backend: String? = nil, precision: String? = nil) {
            self.model = model
            self.backend = backend
            self.precision = precision
        }
    }

    private struct Group: Hashable, Comparable {
        let model: String
        let backend: String
        let precision: String
        let device: String
        let tensorParallel: Int

        static func < (left: Group, right: Group) -> Bool {
            (left.model, left.backend, left.precision, left.device, left.tensorParallel)
                < (right.model, right.backend, right.precision, right.device, right.tensorParallel)
        }
    }

    /// What was fitted to one group of rows.
    public struct Fit: Sendable {
        public let row: TokenLawTable.Row
        /// Of each row that was fitted, predicted by a fit to all others; empty without a fit.
        public let leftOutErrors: [Double]
        /// Whether the catalogue has the device.
        let isInCatalogue: Bool
    }

    private let path: String
    private let source: String
    /// One for each group of rows, in order.
    public let fits: [Fit]

    /// - Throws: `FileError`; `PipelineError.badValue` where no row is of the selection.
    public init(file path: String, kind: String, selection: Selection, catalogue folder: String?) throws {
        guard let importer = Importers.named(kind) else {
            throw PipelineError.unknownName(
                kind: "kind of import", found: kind, known: Importers.all.map(\.kind))
        }
        self.path = path
        source = importer.source ?? path
        let known = try Catalog(folderOrShipped: folder).deviceNames(.accelerator)
        var found: [Group: (versions: Set<String>, rows: [TokenTime])] = [:]
        try importer.read(ImportInput(path: path)) { row in
            guard case .figure(let figure) = row, let time = TokenTime(figure),
                let group = Self.group(figure)
            else { return }
            guard selection.model.map({ group.model.hasSuffix($0) }) ?? true,
                selection.backend.map({ $0 == group.backend }) ?? true,
                selection.precision.map({ $0 == group.precision }) ?? true
            else { return }
            found[group, default: ([], [])].rows.append(time)
            found[group]?.versions.insert(figure.framework ?? "")
        }
        guard !found.isEmpty else {
            throw PipelineError.badValue(
                name: path,
                found: "no row of one engine with requests in flight, both lengths and both times",
                expected: "rows of aggregated engines, of the model, backend and precision asked for")
        }
        let source = source
        fits = found.sorted { $0.key < $1.key }.map { group, rows in
            let device = Self.device(group.device, among: known)
            let fit = TokenLawFit.fit(rows.rows)
            let law = fit.map {
                TokenLaw(
                    device: device ?? group.device, tensorParallel: group.tensorParallel,
                    backend: rows.versions.sorted().joined(separator: ", "), times: $0.times,
                    residuals: $0.residuals, source: source)
            }
            return Fit(
                row: TokenLawTable.Row(
                    model: group.model, backend: group.backend, precision: group.precision,
                    device: device ?? group.device, tensorParallel: group.tensorParallel,
                    rowsFound: rows.rows.count, law: law),
                leftOutErrors: fit?.leftOutErrors ?? [], isInCatalogue: device != nil)
        }
    }

    /// nil for engines that share work in other ways than by tensor parallelism.
    private static func group(_ figure: ImportedFigure) -> Group? {
        let words = (figure.parallelism ?? "tp1 pp1 dp1").split(separator: " ")
        guard words.count == 3, words[1] == "pp1", words[2] == "dp1", words[0].hasPrefix("tp"),
            let degree = Int(words[0].dropFirst(2))
        else { return nil }
        let backend = figure.framework?.split(separator: " ").first.map(String.init) ?? ""
        return Group(
            model: figure.model, backend: backend, precision: figure.precision ?? "", device: figure.server,
            tensorParallel: degree)
    }

    /// The one accelerator of the catalogue whose name begins as the file's does; nil where none or several
    /// do.
    private static func device(_ name: String, among known: [String]) -> String? {
        let stem = String(name.lowercased().map { $0 == "_" ? "-" : $0 })
        if known.contains(stem) { return stem }
        // A digit more names the generation of a socket: h100-sxm is h100-sxm5-80gb.
        let matches = known.filter { device in
            device.hasPrefix(stem)
                && device.dropFirst(stem.count).first.map { $0 == "-" || $0.isNumber } == true
        }
        return matches.count == 1 ? matches[0] : nil
    }

    // MARK: Outcome

    /// Every group with its fit, as text, JSON or CSV.
    public func table(as rendering: Rendering) -> String {
        TokenLawTable(fits.map(\.row)).text(as: rendering)
    }

    /// Writes the fits as a file of the catalogue.
    public func write(to path: String) throws {
        let kinds = Set(fits.map { [$0.row.model, $0.row.backend, $0.row.precision] })
        guard kinds.count == 1 else {
            throw PipelineError.badValue(
                name: "output",
                found: "\(kinds.count) kinds of models, backends and precisions in \(self.path)",
                expected: "one of each: name the model, the backend and the precision")
        }
        let laws = fits.filter(\.isInCatalogue).compactMap(\.row.law)
        guard !laws.isEmpty else {
            throw PipelineError.badValue(
                name: "output", found: "no fit to a device of the catalogue",
                expected: "at least \(TokenLawFit.rowsMin) rows of one")
        }
        let text = TokenLawDocument(id: FileContents.stem(of: path), source: citation, laws: laws).text
        do throws(OutputRefusal) {
            try OutputFile(
                path: path,
                kind: .earlier("a file of fitted laws", beginning: TokenLawDocument.beginning), database: nil
            ).write(text)
        } catch { throw PipelineError.notWritten(error) }
    }

    private var citation: String {
        let first = fits[0].row
        let words = [first.model, first.backend, first.precision].filter { !$0.isEmpty }
        return "\(source), measured rows of \(words.joined(separator: ", "))"
    }
}

extension TokenTime {
    /// nil where a figure lacks one of the numbers.
    init?(_ figure: ImportedFigure) {
        guard let requests = figure.concurrency, let prompt = figure.inputTokens,
            let output = figure.outputTokens, let first = figure.firstTokenLatency,
            let each = figure.outputTokenLatency, requests > 0, prompt > 0, output > 1, each.seconds > 0
        else { return nil }
        self.init(
            requests: requests, prompt: prompt, output: output, firstToken: first.seconds,
            outputToken: each.seconds)
    }
}
