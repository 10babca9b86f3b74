import Files
import Vocabulary

/// Reads kernel times in the layout of LLMServingSim's profiler: `dense.csv`, `per_sequence.csv` and
/// `attention.csv`, in microseconds of one layer.
enum KernelTableReader {
    /// - Parameters:
    ///   - folder: holds the three files, or a folder `tpN` that does, or files that begin with `tpN_`.
    ///   - tensorParallel: the N.
    ///   - model: whose layers tables of operators are put together to; nil where it could not be read.
    static func table(
        _ value: YAMLValue, tensorParallel: Int, model: LanguageModelShape?
    ) throws(FileError) -> KernelTable {
        let folder = try value.path()
        if let model, let operators = OperatorTableReader(folder: folder, model: model) {
            return try operators.table(tensorParallel: tensorParallel)
        }
        let candidates = ["\(folder)/tp\(tensorParallel)/", "\(folder)/tp\(tensorParallel)_", "\(folder)/"]
        guard let start = candidates.first(where: { FileContents.exists("\($0)dense.csv") }) else {
            throw .unreadable(
                file: folder, found: "no dense.csv",
                expected: "kernel times of tp\(tensorParallel): tp\(tensorParallel)/dense.csv, "
                    + "tp\(tensorParallel)_dense.csv or dense.csv, or AIConfigurator's gemm_perf.csv")
        }
        return KernelTable(
            source: start, dense: try curves("\(start)dense.csv", by: "tokens"),
            perSequence: try curves("\(start)per_sequence.csv", by: "sequences"),
            attention: try attention("\(start)attention.csv"))
    }

    private static let rowsMax = 2_000_000

    private static func curves(
        _ path: String, by column: String
    ) throws(FileError) -> [String: [KernelTable.Point]] {
        var table = try CSVReader.open(path: path)
        let (layer, place, time) = (
            try table.column(named: "layer"), try table.column(named: column),
            try table.column(named: "time_us")
        )
        var curves: [String: [Double: Double]] = [:]
        var count = 0
        while try table.next() {
            count += 1
            try limit(count, table)
            let at = try number(table, place, from: 1)
            curves[table.text(layer), default: [:]][at] = try number(table, time, from: 0)
        }
        guard !curves.isEmpty else { throw noRows(path) }
        return curves.mapValues { points in
            points.sorted { $0.key < $1.key }.map { KernelTable.Point(place: $0.key, microseconds: $0.value) }
        }
    }

    private static func attention(_ path: String) throws(FileError) -> [KernelTable.Attention] {
        var table = try CSVReader.open(path: path)
        var columns: [Int] = []
        for name in ["prefill_chunk", "kv_prefill", "n_decode", "kv_decode", "time_us"] {
            columns.append(try table.column(named: name))
        }
        var points: [KernelTable.Attention] = []
        while try table.next() {
            try limit(points.count + 1, table)
            points.append(
                KernelTable.Attention(
                    chunk: try number(table, columns[0], from: 0),
                    chunkContext: try number(table, columns[1], from: 0),
                    decodes: try number(table, columns[2], from: 0),
                    decodeContext: try number(table, columns[3], from: 0),
                    microseconds: try number(table, columns[4], from: 0)))
        }
        guard points.contains(where: { $0.chunk == 0 && $0.decodes > 0 }) else {
            throw .malformed(
                file: path, line: nil, found: "no row with prefill_chunk 0 and n_decode above 0",
                expected: "steps that only generate")
        }
        return points
    }

    private static func number(
        _ table: borrowing CSVReader, _ column: Int, from lower: Double
    ) throws(FileError) -> Double {
        let field = table.field(column)
        guard let number = DecimalNumber.value(of: field), (lower...1e12).contains(number) else {
            throw table.refusal(
                ofColumn: column, expected: "a number from \(NumberRange.text(lower)) to 1e12")
        }
        return number
    }

    private static func limit(_ count: Int, _ table: borrowing CSVReader) throws(FileError) {
        guard count <= rowsMax else {
            throw .malformed(
                file: table.path, line: table.line, found: "more than \(rowsMax) rows", expected: "fewer")
        }
    }

    private static func noRows(_ path: String) -> FileError {
        .malformed(file: path, line: nil, found: "a header and no row", expected: "kernel times")
    }
}
