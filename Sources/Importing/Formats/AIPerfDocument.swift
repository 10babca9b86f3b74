import Files
import Foundation
import Quantities
import Vocabulary

/// `profile_export_aiperf.json` and genai-perf's JSON: metrics as objects with `unit` and statistics, GPUs
/// under `telemetry_data`.
struct AIPerfDocument: ObjectImporter {
    let kind = "aiperf"
    let title = ""
    let keys = ["output_token_throughput.avg"]
    var optionalKeys: [String] {
        [
            "concurrency", "input_sequence_length.avg", "output_sequence_length.avg", "request_count.avg",
            "error_request_count.avg", "start_time", "input_config.loadgen.concurrency",
            "input_config.perf_analyzer.stimulus.concurrency", "input_config.endpoint.model_names[0]",
            "input_config.model_names[0]", "input_config.models.items[0].name",
        ]
            + ["request_latency", "time_to_first_token", "inter_token_latency"].flatMap { metric in
                (["unit"] + statistics).map { "\(metric).\($0)" }
            }
    }
    private static let statistics = ["avg", "p50", "p90", "p95", "p99"]
    private var statistics: [String] { Self.statistics }

    init() {}

    /// Whether a file begins as a JSON object does.
    static func isDocument(_ path: String) throws(FileError) -> Bool {
        let bytes = try FileChunks(path: path, expected: "a CSV or JSON file").next()
        return bytes.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) } == 0x7B
    }

    func figure(
        _ cells: ImportCells, _ object: [String: Any], _ input: ImportInput
    ) throws(RowRefusal) -> ImportedFigure {
        let models = [
            "input_config.endpoint.model_names[0]", "input_config.model_names[0]",
            "input_config.models.items[0].name",
        ]
        var figure = ImportedFigure(
            line: cells.line, model: try cells.name("model", under: models),
            server: try cells.name("server"))
        figure.throughput = try cells.requiredNumber("output_token_throughput.avg")
        figure.throughputUnit = .tokens
        figure.date = cells.text("start_time")
        figure.inputTokens = try cells.number("input_sequence_length.avg")
        figure.outputTokens = try cells.number("output_sequence_length.avg")
        figure.completedRequests = try cells.number("request_count.avg")
        figure.failedRequests = try cells.number("error_request_count.avg")
        figure.meanLatency = try time("request_latency", "avg", cells)
        let tail = try tail("request_latency", cells)
        (figure.p50Latency, figure.p90Latency) = (tail?.p50, tail?.p90)
        (figure.p95Latency, figure.p99Latency) = (tail?.p95, tail?.p99)
        figure.firstTokenLatency = try time("time_to_first_token", "avg", cells)
        figure.firstTokenTail = try self.tail("time_to_first_token", cells)
        figure.outputTokenLatency = try time("inter_token_latency", "avg", cells)
        figure.outputTokenTail = try self.tail("inter_token_latency", cells)
        let concurrency = [
            "concurrency", "input_config.loadgen.concurrency",
            "input_config.perf_analyzer.stimulus.concurrency",
        ]
        for key in concurrency where figure.concurrency == nil && cells.text(key) != nil {
            figure.concurrency = try cells.positiveNumber(key)
        }
        figure.deriveConcurrency()
        try gpus(of: object).read(into: &figure)
        return figure
    }

    private func time(
        _ metric: String, _ statistic: String, _ cells: ImportCells
    ) throws(RowRefusal) -> Nanoseconds? {
        let units = ["ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "sec": 1]
        let unit = cells.text("\(metric).unit") ?? "ms"
        guard let seconds = units[unit] else {
            throw cells.refusal("\(metric).unit", expected: "ns, us, ms, s or sec")
        }
        return try cells.time("\(metric).\(statistic)", unitSeconds: seconds)
    }

    private func tail(
        _ metric: String, _ cells: ImportCells
    ) throws(RowRefusal) -> ImportedFigure.Tail? {
        let tail = ImportedFigure.Tail(
            p50: try time(metric, "p50", cells), p90: try time(metric, "p90", cells),
            p95: try time(metric, "p95", cells), p99: try time(metric, "p99", cells))
        return tail.known.isEmpty ? nil : tail
    }

    private func gpus(of object: [String: Any]) -> GPUReadings {
        var readings = GPUReadings()
        let telemetry = object["telemetry_data"] as? [String: Any]
        let endpoints = (telemetry?["endpoints"] as? [String: Any] ?? [:]).sorted { $0.key < $1.key }
        for (endpoint, value) in endpoints {
            let gpus = ((value as? [String: Any])?["gpus"] as? [String: Any] ?? [:])
            for (key, value) in gpus.sorted(by: { $0.key < $1.key }) {
                let gpu = value as? [String: Any] ?? [:]
                let metrics = gpu["metrics"] as? [String: Any]
                let power = metrics?["gpu_power_usage"] as? [String: Any]
                readings.add(
                    gpu: gpu["gpu_uuid"] as? String ?? "\(endpoint) \(key)",
                    name: gpu["gpu_name"] as? String, watts: power?["avg"].flatMap(JSONPath.scalarText))
            }
        }
        return readings
    }
}
