import Files
import Quantities
import Vocabulary

/// The CSV that genai-perf and aiperf export: one run in two tables, a metric a row, and a third with a row
/// for each metric of each GPU. The unit stands in the metric's name, whose capitals differ between the two.
/// Model, server and requests in flight are not in it, and come from the command line or a mapping.
///
/// Files that end in `.json` are the same run as `profile_export_aiperf.json` has it.
struct AIPerfTable: Importer {
    let kind = "aiperf"
    let title = "genai-perf or aiperf CSV or JSON export (one run)"
    var mappedColumns: [String] { ["concurrency"] }

    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        try requireKnownNames(of: input)
        if try AIPerfDocument.isDocument(input.path) {
            return try AIPerfDocument().read(input, take: take)
        }
        if let name = input.mapping.columns.keys.min() {
            throw FileError.invalidValue(
                Place(file: input.path, line: nil, key: "mapping.columns.\(name)"),
                found: "'\(input.mapping.columns[name] ?? "")'",
                expected: "a constant: the rows of this format are metrics, not columns")
        }
        let (metrics, gpus) = try Self.tables(input)
        let cells = metrics.cells(input.mapping)
        try take(
            input.row(line: 2) { () throws(RowRefusal) in
                var figure = try Self.figure(cells)
                try gpus.read(into: &figure)
                try OwnColumns.read(
                    OwnColumns.said(by: input.mapping, beside: []), of: cells, into: &figure)
                return .figure(figure)
            })
    }

    /// Cells by metric and statistic.
    private struct Metrics {
        private(set) var columns: [String: Int] = [:]
        private(set) var fields: [String] = []

        mutating func add(_ name: String, _ value: String) {
            columns[name] = fields.count
            fields.append(value)
        }

        func cells(_ mapping: ImportMapping) -> ImportCells {
            var cells = ImportCells(columns: columns, mapping: mapping, groupsThousands: true)
            cells.fields = fields
            cells.line = 2
            return cells
        }
    }

    private static func tables(_ input: ImportInput) throws -> (Metrics, GPUReadings) {
        var reader = try CSVReader.open(path: input.path)
        _ = try reader.column(named: "Metric")
        var header = reader.header
        var metrics = Metrics()
        var gpus = GPUReadings()
        while try reader.nextOfAnyWidth() {
            var row: [String] = []
            guard reader.readFields(into: &row) else {
                throw FileError.malformed(
                    file: input.path, line: reader.line, found: "bytes that are not UTF-8", expected: "text")
            }
            if row.first == "Metric" || row.contains("GPU_UUID") {
                header = row
                continue
            }
            let cells = Dictionary(zip(header, row)) { first, _ in first }
            if let gpu = cells["GPU_UUID"] {
                if let metric = cells["Metric"], metric.hasPrefix("GPU Power Usage") {
                    gpus.add(gpu: gpu, name: cells["GPU_Name"], watts: cells["avg"])
                } else {
                    gpus.see(gpu: gpu, name: cells["GPU_Name"])
                }
                continue
            }
            for (name, value) in zip(header, row).dropFirst() { metrics.add("\(row[0]) \(name)", value) }
        }
        guard !metrics.fields.isEmpty else {
            throw FileError.malformed(
                file: input.path, line: 1, found: "a header and nothing below it",
                expected: "at least one row")
        }
        return (metrics, gpus)
    }

    private static func figure(_ cells: ImportCells) throws(RowRefusal) -> ImportedFigure {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.name("model"), server: try cells.name("server"))
        figure.concurrency = try cells.positiveNumber("concurrency")
        let throughput = ["Output Token Throughput (per sec)", "Output Token Throughput (tokens/sec)"]
        let lengths = ["Output Sequence Length (tokens)", "Output Sequence Length"]
        let inputs = ["Input Sequence Length (tokens)", "Input Sequence Length"]
        guard let tokens = try first(throughput, ["Value", "avg"], cells) else {
            throw RowRefusal("Output Token Throughput (per sec): found nothing, expected a number")
        }
        figure.throughput = tokens
        figure.throughputUnit = .tokens
        figure.outputTokens = try first(lengths, ["avg"], cells)
        figure.inputTokens = try first(inputs, ["avg"], cells)
        figure.completedRequests = try first(["Request Count", "Request Count (count)"], counts, cells)
        figure.failedRequests = try first(
            ["Error Request Count", "Error Request Count (count)"], counts, cells)
        let latency = ["Request Latency (ms)"]
        figure.meanLatency = try time(latency, "avg", cells)
        let tail = try tail(latency, cells)
        (figure.p50Latency, figure.p90Latency) = (tail?.p50, tail?.p90)
        (figure.p95Latency, figure.p99Latency) = (tail?.p95, tail?.p99)
        let firstToken = ["Time to First Token (ms)", "Time To First Token (ms)"]
        figure.firstTokenLatency = try time(firstToken, "avg", cells)
        figure.firstTokenTail = try Self.tail(firstToken, cells)
        // aiperf's inter-token latency is a request's time per output token after the first.
        let each = ["Inter Token Latency (ms)"]
        figure.outputTokenLatency = try time(each, "avg", cells)
        figure.outputTokenTail = try Self.tail(each, cells)
        figure.deriveConcurrency()
        return figure
    }

    private static let counts = ["Value", "avg", "Count"]

    private static func time(
        _ metrics: [String], _ column: String, _ cells: ImportCells
    ) throws(RowRefusal) -> Nanoseconds? {
        for metric in metrics {
            if let time = try cells.milliseconds("\(metric) \(column)") { return time }
        }
        return nil
    }

    private static func tail(
        _ metrics: [String], _ cells: ImportCells
    ) throws(RowRefusal) -> ImportedFigure.Tail? {
        let tail = ImportedFigure.Tail(
            p50: try time(metrics, "p50", cells), p90: try time(metrics, "p90", cells),
            p95: try time(metrics, "p95", cells), p99: try time(metrics, "p99", cells))
        return tail.known.isEmpty ? nil : tail
    }

    private static func first(
        _ metrics: [String], _ columns: [String], _ cells: ImportCells
    ) throws(RowRefusal) -> Double? {
        for metric in metrics {
            for column in columns {
                if let number = try cells.number("\(metric) \(column)") { return number }
            }
        }
        return nil
    }
}

/// Watts of the GPUs of a run. The sum is known only where every GPU's are.
struct GPUReadings {
    private var names: [String: String] = [:]
    private var watts: [String: String] = [:]

    /// Notes that a GPU took part.
    mutating func see(gpu: String, name: String?) {
        if names[gpu] == nil { names[gpu] = name ?? "" }
    }

    mutating func add(gpu: String, name: String?, watts text: String?) {
        see(gpu: gpu, name: name)
        watts[gpu] = text ?? ""
    }

    /// Sets how many GPUs there were, and what they drew together.
    func read(into figure: inout ImportedFigure) throws(RowRefusal) {
        guard !names.isEmpty else { return }
        figure.devices = names.count
        var sum = 0.0
        for gpu in names.keys.sorted() {
            guard let text = watts[gpu], !text.isEmpty, text.lowercased() != "none" else { return }
            let digits = text.filter { $0 != "," }
            guard let number = DecimalNumber.value(of: digits), number >= 0, number <= 1e9 else {
                throw RowRefusal(
                    column: "GPU Power Usage (W) of \(gpu)", found: text, expected: "a number from 0 to 1e9")
            }
            sum += number
        }
        figure.power = Watts(sum)
        figure.powerScope = .devices
        figure.powerProvenance = .metered
    }
}
