import Files
import Vocabulary

/// Reads AIConfigurator's tables of operators as text: `gemm_perf`, `context_attention_perf` and
/// `generation_attention_perf`, a row a shape, latencies in milliseconds. (Newer releases write Parquet; one
/// line of pandas makes CSV of it.)
///
/// A layer is put together of its four matrix products, interpolated between the shapes that were measured,
/// and of attention, which has to be there with the model's own heads. Reading prompts and generating are
/// kernels of their own and add up. Norms, copies and gaps between kernels are in no table.
struct OperatorTableReader {
    /// A point left out is off by at most this share in the median, or the table is refused.
    static let errorMax = 0.15
    private static let rowsMax = 2_000_000

    let model: LanguageModelShape
    private let files: [String: String]
    private let folder: String

    private static let names = ["gemm_perf", "context_attention_perf", "generation_attention_perf"]

    /// nil where a folder has no tables of operators.
    init?(folder: String, model: LanguageModelShape) {
        var files: [String: String] = [:]
        for name in Self.names {
            files[name] = ["csv", "txt"].map { "\(folder)/\(name).\($0)" }.first(where: FileContents.exists)
        }
        guard files["gemm_perf"] != nil else { return nil }
        self.files = files
        self.model = model
        self.folder = folder
    }

    func table(tensorParallel: Int) throws(FileError) -> KernelTable {
        guard tensorParallel == 1 else {
            throw .malformed(
                file: folder, line: nil, found: "tensor_parallel \(tensorParallel)",
                expected: "1: tables of collectives are not read")
        }
        guard model.experts == nil, model.latent == nil else {
            throw .malformed(
                file: folder, line: nil, found: "\(model.name), which has experts or a latent cache",
                expected: "a dense model: tables of other operators are not read")
        }
        let (hidden, inner) = (Double(model.hidden), Double(model.inner))
        let (heads, cached) = (
            Double(model.heads * model.headWidth), Double(model.keyValueHeads * model.headWidth)
        )
        let products = try MatrixProducts(try path("gemm_perf"), weightBytes: model.weightBytes)
        let dense = [
            "qkv_proj": try products.curve(rows: heads + 2 * cached, columns: hidden),
            "o_proj": try products.curve(rows: hidden, columns: heads),
            "gate_up_proj": try products.curve(rows: 2 * inner, columns: hidden),
            "down_proj": try products.curve(rows: hidden, columns: inner),
        ]
        let output = try products.curve(rows: Double(model.vocabulary), columns: hidden)
        for (kernel, points) in dense.sorted(by: { $0.key < $1.key }) {
            try check(points, kernel, try path("gemm_perf"))
        }
        return KernelTable(
            source: folder, dense: dense, perSequence: ["lm_head": output], attention: try attention())
    }

    private func path(_ name: String) throws(FileError) -> String {
        guard let path = files[name] else {
            throw .unreadable(
                file: folder, found: "no \(name).csv or \(name).txt", expected: "it beside gemm_perf")
        }
        return path
    }

    /// Points that are left out have to be found between their neighbours.
    private func check(
        _ points: [KernelTable.Point], _ what: String, _ path: String
    ) throws(FileError) {
        guard points.count > 2 else { return }
        let errors = points.indices.dropFirst().dropLast().map { index in
            let (before, own, after) = (points[index - 1], points[index], points[index + 1])
            let share = (own.place - before.place) / (after.place - before.place)
            let found = before.microseconds + share * (after.microseconds - before.microseconds)
            return abs(found / max(own.microseconds, 1e-9) - 1)
        }.sorted()
        let median = errors[errors.count / 2]
        guard median <= Self.errorMax else {
            throw .malformed(
                file: path, line: nil,
                found: "\(what) off by \((median * 100).rounded()) % where a point is left out",
                expected: "at most \(Int(Self.errorMax * 100)) % in the median: a finer or less noisy table")
        }
    }

    // MARK: Attention

    private func attention() throws(FileError) -> [KernelTable.Attention] {
        let reading = try read(try path("context_attention_perf"), at: "isl") { $0 == 1 && $1 == 0 }
        let prompts = (reading[1] ?? [:]).sorted { $0.key < $1.key }
            .map { KernelTable.Point(place: $0.key, microseconds: $0.value) }
        let generating = try read(try path("generation_attention_perf"), at: "step") { _, _ in true }
        guard !prompts.isEmpty, !generating.isEmpty else {
            throw .malformed(
                file: folder, line: nil, found: "no attention of \(heads)",
                expected: "rows with the heads of \(model.name)")
        }
        try check(prompts, "attention of prompts", try path("context_attention_perf"))
        var points: [KernelTable.Attention] = []
        for (sequences, times) in generating.sorted(by: { $0.key < $1.key }) {
            for (context, time) in times.sorted(by: { $0.key < $1.key }) {
                points.append(
                    .init(
                        chunk: 0, chunkContext: 0, decodes: sequences, decodeContext: context,
                        microseconds: time))
            }
        }
        let alone = points
        for (place, chunk) in prompts.enumerated() {
            // A piece after a context takes what the whole takes, less what the context took.
            let contexts = [KernelTable.Point(place: 0, microseconds: 0)] + prompts[..<place]
            for context in contexts {
                let whole = prompts.first { $0.place >= chunk.place + context.place }
                guard let whole, whole.place == chunk.place + context.place || context.place == 0 else {
                    continue
                }
                let own = max(chunk.microseconds, whole.microseconds - context.microseconds)
                let time = context.place == 0 ? chunk.microseconds : own
                points.append(
                    .init(
                        chunk: chunk.place, chunkContext: context.place, decodes: 0, decodeContext: 0,
                        microseconds: time))
                points += alone.map {
                    .init(
                        chunk: chunk.place, chunkContext: context.place, decodes: $0.decodes,
                        decodeContext: $0.decodeContext, microseconds: time + $0.microseconds)
                }
            }
        }
        guard points.count <= Self.rowsMax else {
            throw .malformed(
                file: folder, line: nil, found: "\(points.count) points of attention", expected: "fewer")
        }
        return points
    }

    private var heads: String {
        "\(model.heads) heads, \(model.keyValueHeads) of keys and values, \(model.headWidth) wide"
    }

    /// Times in microseconds by sequences and by a column, of rows with the model's heads.
    private func read(
        _ path: String, at column: String, where takes: (_ sequences: Double, _ step: Double) -> Bool
    ) throws(FileError) -> [Double: [Double: Double]] {
        var table = try CSVReader.open(path: path)
        var columns: [Int] = []
        for name in ["batch_size", column, "step", "num_heads", "num_key_value_heads", "head_dim", "latency"]
        {
            columns.append(try table.column(named: name))
        }
        let kind = try table.column(named: "kv_cache_dtype")
        let wanted = model.cacheBytes == 1 ? ["fp8", "int8"] : ["bfloat16", "float16"]
        var times: [Double: [Double: Double]] = [:]
        var rows = 0
        while try table.next() {
            rows += 1
            try Self.limit(rows, table)
            var numbers: [Double] = []
            for column in columns { numbers.append(try Self.number(table, column)) }
            // Tables of models whose heads all have keys of their own say 0.
            let cached = numbers[4] == 0 ? numbers[3] : numbers[4]
            guard numbers[3] == Double(model.heads), cached == Double(model.keyValueHeads),
                numbers[5] == Double(model.headWidth), wanted.contains(table.text(kind)),
                takes(numbers[0], numbers[2])
            else { continue }
            times[numbers[0], default: [:]][max(1, numbers[1])] = numbers[6] * 1000
        }
        return times
    }

    static func number(_ table: borrowing CSVReader, _ column: Int) throws(FileError) -> Double {
        guard let number = DecimalNumber.value(of: table.field(column)), (0...1e12).contains(number) else {
            throw table.refusal(ofColumn: column, expected: "a number from 0 to 1e12")
        }
        return number
    }

    static func limit(_ count: Int, _ table: borrowing CSVReader) throws(FileError) {
        guard count <= rowsMax else {
            throw .malformed(
                file: table.path, line: table.line, found: "more than \(rowsMax) rows", expected: "fewer")
        }
    }
}

/// Matrix products of one precision: milliseconds by tokens, rows and columns of the weights.
private struct MatrixProducts {
    private let path: String
    private let times: [Double: [Double: [Double: Double]]]

    init(_ path: String, weightBytes: Double) throws(FileError) {
        self.path = path
        let wanted =
            switch weightBytes {
            case 1: ["fp8", "fp8_block"]
            case 0.5: ["int4_wo", "nvfp4"]
            default: ["bfloat16", "float16"]
            }
        var table = try CSVReader.open(path: path)
        let kind = try table.column(named: "gemm_dtype")
        var columns: [Int] = []
        for name in ["m", "n", "k", "latency"] { columns.append(try table.column(named: name)) }
        var times: [Double: [Double: [Double: Double]]] = [:]
        var rows = 0
        while try table.next() {
            rows += 1
            try OperatorTableReader.limit(rows, table)
            guard wanted.contains(table.text(kind)) else { continue }
            var numbers: [Double] = []
            for column in columns { numbers.append(try OperatorTableReader.number(table, column)) }
            times[numbers[0], default: [:]][numbers[1], default: [:]][numbers[2]] = numbers[3]
        }
        guard !times.isEmpty else {
            throw .malformed(
                file: path, line: nil,
                found: "no row with a gemm_dtype of \(wanted.joined(separator: " or "))",
                expected: "the precision of the model's weights")
        }
        self.times = times
    }

    /// Microseconds by tokens, of weights of a shape, for every number of tokens that was measured with
    /// shapes on both sides.
    func curve(rows: Double, columns: Double) throws(FileError) -> [KernelTable.Point] {
        var points: [KernelTable.Point] = []
        for (tokens, byRows) in times where tokens >= 1 {
            let across = byRows.compactMap { key, byColumns in
                Self.between(byColumns.map { ($0.key, $0.value) }, at: columns).map { (key, $0) }
            }
            if let time = Self.between(across, at: rows) {
                points.append(KernelTable.Point(place: tokens, microseconds: time * 1000))
            }
        }
        guard points.count >= 2 else {
            throw .malformed(
                file: path, line: nil, found: "no products around \(Int(rows)) x \(Int(columns))",
                expected: "shapes on both sides of it, for at least two numbers of tokens")
        }
        return points.sorted { $0.place < $1.place }
    }

    private static func between(_ points: [(Double, Double)], at place: Double) -> Double? {
        let below = points.filter { $0.0 <= place }.max { $0.0 < $1.0 }
        let above = points.filter { $0.0 >= place }.min { $0.0 < $1.0 }
        guard let below, let above else { return nil }
        guard above.0 > below.0 else { return below.1 }
        return below.1 + (place - below.0) / (above.0 - below.0) * (above.1 - below.1)
    }
}
