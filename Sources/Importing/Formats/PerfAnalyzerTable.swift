import Files
import Quantities
import Vocabulary

/// The CSV that Triton's `perf_analyzer -f` writes: a row for each concurrency or request rate, times in
/// microseconds, inferences per second. Model, server and the batch of a request are not in it, and come from
/// the command line or a mapping; a request without a batch said is of one item, the tool's default.
struct PerfAnalyzerTable: TableImporter {
    let kind = "perf-analyzer"
    let title = "Triton perf_analyzer CSV (-f FILE)"
    let columns = ["Inferences/Second"]
    let optionalColumns = [
        "Concurrency", "Request Rate", "Batch Size", "p50 latency", "p90 latency", "p95 latency",
        "p99 latency", "Avg latency", "Avg GPU Utilization", "Avg GPU Power Usage", "model", "server",
        "batch",
    ]

    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.name("model"), server: try cells.name("server"))
        figure.throughput = try cells.requiredNumber("Inferences/Second")
        figure.throughputUnit = .items
        let column = try cells.count("Batch Size")
        let said = try cells.count("batch")
        figure.batch = said ?? column ?? 1
        figure.concurrency = try cells.positiveNumber("Concurrency")
        figure.offeredRate = try cells.number("Request Rate").map { QueriesPerSecond($0) }
        guard figure.concurrency != nil || figure.offeredRate != nil else {
            throw RowRefusal("Concurrency, Request Rate: found neither, expected one of them")
        }
        figure.p50Latency = try microseconds("p50 latency", cells)
        figure.p90Latency = try microseconds("p90 latency", cells)
        figure.p95Latency = try microseconds("p95 latency", cells)
        figure.p99Latency = try microseconds("p99 latency", cells)
        figure.meanLatency = try microseconds("Avg latency", cells)
        figure.deriveConcurrency()
        try readGPUs(cells, into: &figure)
        return .figure(figure)
    }

    /// Columns without a value hold 0.
    private func microseconds(
        _ column: String, _ cells: ImportCells
    ) throws(RowRefusal) -> Nanoseconds? {
        try cells.time(column, unitSeconds: 1e-6).flatMap { $0 > .zero ? $0 : nil }
    }

    /// Cells hold `GPU-a:91.2;GPU-b:100;`.
    private func readGPUs(
        _ cells: ImportCells, into figure: inout ImportedFigure
    ) throws(RowRefusal) {
        let watts = try perGPU("Avg GPU Power Usage", cells)
        let busy = try perGPU("Avg GPU Utilization", cells)
        let gpus = Set(watts.keys).union(busy.keys)
        guard !gpus.isEmpty else { return }
        figure.devices = gpus.count
        if busy.count == gpus.count, busy.values.allSatisfy({ $0 <= 1 }) {
            figure.utilisation = Fraction(busy.values.reduce(0, +) / Double(gpus.count))
        }
        // A sum with a missing part is unknown.
        guard watts.count == gpus.count else { return }
        figure.power = Watts(watts.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value })
        figure.powerScope = .devices
        figure.powerProvenance = .metered
    }

    private func perGPU(_ column: String, _ cells: ImportCells) throws(RowRefusal) -> [String: Double] {
        var numbers: [String: Double] = [:]
        for part in (cells.text(column) ?? "").split(separator: ";") {
            guard let colon = part.lastIndex(of: ":"),
                let number = DecimalNumber.value(of: String(part[part.index(after: colon)...])),
                (0...1e6).contains(number)
            else { throw cells.refusal(column, expected: "GPUs with their numbers, such as GPU-a:91.2;") }
            numbers[String(part[..<colon])] = number
        }
        return numbers
    }
}
