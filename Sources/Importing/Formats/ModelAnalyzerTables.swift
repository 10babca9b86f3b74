import Files
import Foundation
import Quantities
import Vocabulary

/// Result tables of Triton Model Analyzer: throughput in inputs per second and 99th percentiles in
/// milliseconds, or, in the table of GPUs, watts and busy time of each. Beside `...-inference.csv`, the watts
/// of `...-gpu.csv` are taken for the same configuration.
///
/// Several models on one server stand in one row: `"421.0, [184.5,236.5]"` is their sum and the parts.
struct ModelAnalyzerTables: Importer {
    let kind = "model-analyzer"
    var mappedColumns: [String] { GPUTable().mappedColumns + InferenceTable(gpus: [:]).mappedColumns }
    let title = "Triton Model Analyzer results (metrics-model-inference.csv, metrics-model-gpu.csv)"

    private static let keyColumns = ["Model", "Batch", "Model Config Path", "Instance Group"]

    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        let header = try CSVReader.open(path: input.path).header
        if header.contains("GPU Power Usage (W)") {
            try GPUTable().read(input, take: take)
        } else {
            try InferenceTable(gpus: Self.companionWatts(of: input)).read(input, take: take)
        }
    }

    /// Watts of all GPUs of a configuration together; nil where those of one are not known, and how many
    /// GPUs there are.
    private struct GPUs {
        var watts: Double? = 0
        var count = 0
    }

    /// What the table beside an inference table says of the GPUs of each configuration; empty where there
    /// is none.
    private static func companionWatts(of input: ImportInput) throws -> [String: GPUs] {
        let path = input.path.replacingOccurrences(of: "-inference", with: "-gpu")
        guard path != input.path, FileManager.default.isReadableFile(atPath: path) else { return [:] }
        var gpus: [String: GPUs] = [:]
        var isIncomplete = false
        try GPUTable().read(ImportInput(path: path)) { row in
            guard case .figure(let figure) = row else {
                isIncomplete = true
                return
            }
            var known = gpus[figure.detail ?? ""] ?? GPUs()
            known.count += 1
            known.watts = figure.power.flatMap { power in known.watts.map { $0 + power.value } }
            gpus[figure.detail ?? ""] = known
        }
        // A row that cannot be read may be a GPU of any configuration.
        return isIncomplete ? [:] : gpus
    }

    /// A row's figure with what both tables say of it. The key of a configuration is its detail.
    private static func figure(_ cells: ImportCells) throws(RowRefusal) -> ImportedFigure {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.requiredText("Model"), server: "gpu")
        let batches = try numbers(cells, "Batch")
        figure.batch = Set(batches).count == 1 ? batches.first.map { Int($0) } : nil
        var detail = [try cells.requiredText("Model Config Path"), try cells.requiredText("Instance Group")]
        detail.append(cells.text("Batch") ?? "")
        if cells.text("Concurrency") != nil {
            figure.concurrency = try numbers(cells, "Concurrency").reduce(0, +)
            detail.append("concurrency \(cells.text("Concurrency") ?? "")")
        }
        if cells.text("Request Rate") != nil {
            figure.offeredRate = QueriesPerSecond(try numbers(cells, "Request Rate").reduce(0, +))
            detail.append("rate \(cells.text("Request Rate") ?? "")")
        }
        figure.detail = detail.joined(separator: "; ")
        return figure
    }

    /// The numbers of a cell like `1,2`.
    private static func numbers(_ cells: ImportCells, _ column: String) throws(RowRefusal) -> [Double] {
        let text = try cells.requiredText(column)
        var numbers: [Double] = []
        for part in text.split(separator: ",") {
            guard let number = DecimalNumber.value(of: String(part)), number >= 1, number <= 1e9 else {
                throw cells.refusal(column, expected: "numbers of at least 1")
            }
            numbers.append(number)
        }
        return numbers
    }

    private struct InferenceTable: TableImporter {
        let kind = "model-analyzer"
        let title = ""
        let gpus: [String: GPUs]
        let columns = ModelAnalyzerTables.keyColumns + ["Throughput (infer/sec)", "p99 Latency (ms)"]
        let optionalColumns = ["Concurrency", "Request Rate"]

        func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
            var figure = try ModelAnalyzerTables.figure(cells)
            figure.throughput = try Self.total(cells, "Throughput (infer/sec)")
            figure.throughputUnit = .items
            figure.p99Latency = Nanoseconds(seconds: try Self.total(cells, "p99 Latency (ms)") / 1e3)
            if let gpus = gpus[figure.detail ?? ""] {
                figure.devices = gpus.count
                if let watts = gpus.watts {
                    figure.power = Watts(watts)
                    figure.powerScope = .devices
                    figure.powerProvenance = .metered
                }
            }
            return .figure(figure)
        }

        /// The number in front of `, [parts]`.
        private static func total(_ cells: ImportCells, _ column: String) throws(RowRefusal) -> Double {
            let text = try cells.requiredText(column)
            let head = String(text.prefix { $0 != "," })
            guard let number = DecimalNumber.value(of: head), number >= 0, number <= 1e9 else {
                throw cells.refusal(column, expected: "a number from 0 to 1e9")
            }
            return number
        }
    }

    private struct GPUTable: TableImporter {
        let kind = "model-analyzer"
        let title = ""
        let columns =
            ModelAnalyzerTables.keyColumns + ["GPU UUID", "GPU Utilization (%)", "GPU Power Usage (W)"]
        let optionalColumns = ["Concurrency", "Request Rate"]

        func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
            var figure = try ModelAnalyzerTables.figure(cells)
            figure.server = try cells.requiredText("GPU UUID")
            figure.devices = 1
            if let percent = try Self.known("GPU Utilization (%)", cells) {
                guard percent <= 100 else {
                    throw cells.refusal("GPU Utilization (%)", expected: "a number from 0 to 100")
                }
                figure.utilisation = Fraction(percent / 100)
            }
            if let watts = try Self.known("GPU Power Usage (W)", cells) {
                figure.power = Watts(watts)
                figure.powerScope = .device
                figure.powerProvenance = .metered
            }
            return .figure(figure)
        }

        /// A number; nil where the tool says that it could not tell.
        private static func known(_ column: String, _ cells: ImportCells) throws(RowRefusal) -> Double? {
            if let text = cells.text(column), ["None", "N/A", "nan"].contains(text) { return nil }
            return try cells.number(column)
        }
    }
}
