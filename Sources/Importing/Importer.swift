import Files
import Vocabulary

/// A row of a foreign file, after its units were normalised.
public enum ImportedRow: Hashable, Sendable {
    case figure(ImportedFigure)
    case hardware(HardwareLimit)
    /// A row that cannot be read, and why.
    case refused(line: Int, reason: String)
}

/// What is read: the file, and what the user says about it.
public struct ImportInput: Sendable {
    public let path: String
    public let mapping: ImportMapping
    /// Hears, every few thousand rows, how many bytes of a table have been read.
    public let progress: @Sendable (Int) -> Void

    public init(
        path: String, mapping: ImportMapping = ImportMapping(),
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.path = path
        self.mapping = mapping
        self.progress = progress
    }
}

extension ImportInput {
    /// What became of a row: what was read, under our names, or why it cannot be.
    func row(line: Int, _ read: () throws(RowRefusal) -> ImportedRow) -> ImportedRow {
        do throws(RowRefusal) {
            return mapping.renamed(try read())
        } catch {
            return .refused(line: line, reason: error.reason)
        }
    }
}

/// A foreign format of measurements. Units follow from the format's definition, never from the size of a
/// number.
public protocol Importer: Sendable {
    /// The word after `hercules import`.
    var kind: String { get }
    /// What files it reads, in a line.
    var title: String { get }
    /// Whom the figures are from unless the user says otherwise; nil where anybody writes files of this
    /// format.
    var source: String? { get }
    /// Under which licence that source publishes them.
    var licence: String? { get }
    /// The format's own names of what it reads, which a mapping may name otherwise.
    var mappedColumns: [String] { get }
    /// Whether rows become figures, of which a mapping may say more than the format does.
    var givesFigures: Bool { get }

    /// Reads a file from its beginning to its end and hands over each row once, in order. Tables are read in
    /// memory that does not grow with the file.
    /// - Throws: `FileError` where the file as a whole is not of this format; what `take` throws passes
    ///   through.
    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws
}

extension Importer {
    public var source: String? { nil }
    public var licence: String? { nil }
    public var mappedColumns: [String] { [] }
    public var givesFigures: Bool { true }

    /// A name in a mapping that nothing reads has no effect, and is refused.
    func requireKnownNames(of input: ImportInput) throws(FileError) {
        let mapping = input.mapping
        let own = givesFigures ? OwnColumns.names : []
        let known = mappedColumns + own.filter { !mappedColumns.contains($0) }
        let said = Set(mapping.columns.keys).union(mapping.constants.keys).union(mapping.factors.keys)
        if let stray = said.subtracting(known).min() {
            throw FileError.unknownName(
                Place(file: input.path, line: nil, key: "mapping"), kind: "a column of ours", found: stray,
                known: known)
        }
        if mapping.rows != nil, kind != JSONTable.word {
            throw FileError.invalidValue(
                Place(file: input.path, line: nil, key: "mapping.rows"), found: "'\(mapping.rows ?? "")'",
                expected: "rows only where the kind is \(JSONTable.word)")
        }
    }
}

/// Every format that can be imported.
public enum Importers {
    /// In the order in which they are listed.
    public static let all: [any Importer] = [
        GenericTable(), TritonTables(), MLPerfPower(), AIConfiguratorSilicon(), SplitwisePerformance(),
        LLMInferenceBench(), ModelAnalyzerTables(), ZeusPowerCaps(), DeviceSpecifications(),
        MLEnergyResults(), VLLMBenchmark(), SGLangBenchmark(), AIPerfTable(), GuideLLMReport(),
        InferenceXAggregate(), LoadGenLog(), PerfAnalyzerTable(), JSONTable(),
    ]

    /// The importer of a kind; nil where there is none.
    public static func named(_ kind: String) -> (any Importer)? { all.first { $0.kind == kind } }
}

/// Why one row cannot be read. The file goes on.
struct RowRefusal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    init(column: String, found: String, expected: String) {
        reason = "\(column): found '\(found.prefix(40))', expected \(expected)"
    }
}
