import Files
import Quantities
import Vocabulary

/// The CSV that genai-perf and aiperf export: one run in two tables, a metric a row. The unit stands in the
/// metric's name, whose capitals differ between the two. Model, server and requests in flight are not in it,
/// and come from a mapping.
struct AIPerfTable: Importer {
    let kind = "aiperf"
    let title = "genai-perf or aiperf CSV export (one run)"

    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        var reader = try CSVReader.open(path: input.path)
        _ = try reader.column(named: "Metric")
        var header = reader.header
        var columns: [String: Int] = [:]
        var fields: [String] = []
        while try reader.nextOfAnyWidth() {
            var row: [String] = []
            guard reader.readFields(into: &row) else {
                throw FileError.malformed(
                    file: input.path, line: reader.line, found: "bytes that are not UTF-8", expected: "text")
            }
            if row.first == "Metric" {
                header = row
                continue
            }
            for (name, value) in zip(header, row).dropFirst() {
                columns["\(row[0]) \(name)"] = fields.count
                fields.append(value.filter { $0 != "," })
            }
        }
        guard !fields.isEmpty else {
            throw FileError.malformed(
                file: input.path, line: 1, found: "a header and nothing below it",
                expected: "at least one row")
        }
        var cells = ImportCells(
            columns: columns, constants: input.mapping.constants, factors: input.mapping.factors)
        cells.fields = fields
        cells.line = 2
        try take(input.row(line: cells.line) { () throws(RowRefusal) in .figure(try Self.figure(cells)) })
    }

    private static func figure(_ cells: ImportCells) throws(RowRefusal) -> ImportedFigure {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.name("model"), server: try cells.name("server"))
        figure.devices = try cells.count("devices")
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
        let latency = "Request Latency (ms)"
        figure.meanLatency = try cells.milliseconds("\(latency) avg")
        figure.p50Latency = try cells.milliseconds("\(latency) p50")
        figure.p90Latency = try cells.milliseconds("\(latency) p90")
        figure.p95Latency = try cells.milliseconds("\(latency) p95")
        figure.p99Latency = try cells.milliseconds("\(latency) p99")
        let firstToken = ["Time to First Token (ms) avg", "Time To First Token (ms) avg"]
        for column in firstToken where figure.firstTokenLatency == nil {
            figure.firstTokenLatency = try cells.milliseconds(column)
        }
        figure.outputTokenLatency = try cells.milliseconds("Inter Token Latency (ms) avg")
        return figure
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
