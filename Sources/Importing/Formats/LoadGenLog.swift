import Files
import Foundation
import Quantities
import Vocabulary

/// What MLPerf's LoadGen writes of one run: `mlperf_log_summary.txt`, lines of `name : value`, or
/// `mlperf_log_detail.txt`, a JSON object a line after `:::MLLOG`. Times are in nanoseconds. Model and server
/// are not in it, and come from the command line or a mapping.
///
/// A run that LoadGen calls INVALID is kept with a mark, which keeps it out of plans.
struct LoadGenLog: Importer {
    let kind = "loadgen"
    let title = "MLPerf LoadGen logs (mlperf_log_summary.txt, mlperf_log_detail.txt)"
    private static let bytesMax = 64 << 20

    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        try requireKnownNames(of: input)
        if let name = input.mapping.columns.keys.min() {
            throw FileError.invalidValue(
                Place(file: input.path, line: nil, key: "mapping.columns.\(name)"),
                found: "'\(input.mapping.columns[name] ?? "")'",
                expected: "a constant: the rows of this format are figures, not columns")
        }
        let bytes = try FileContents.bytes(of: input.path, expected: "a LoadGen log", max: Self.bytesMax)
        let text = String(decoding: bytes, as: UTF8.self)
        let isDetail = text.contains(Self.marker)
        let named = isDetail ? Self.detail(text) : Self.summary(text)
        var columns: [String: Int] = [:]
        var fields: [String] = []
        for name in Self.names {
            let key = isDetail ? name.detail : name.summary
            guard let value = key.lazy.compactMap({ named[$0] }).first else { continue }
            columns[name.ours] = fields.count
            fields.append(value)
        }
        guard columns["scenario"] != nil else {
            throw FileError.malformed(
                file: input.path, line: nil, found: "no line that says the scenario",
                expected: "mlperf_log_summary.txt or mlperf_log_detail.txt")
        }
        var cells = ImportCells(columns: columns, mapping: input.mapping)
        cells.fields = fields
        cells.line = 1
        let said = OwnColumns.said(by: input.mapping, beside: [])
        try take(
            input.row(line: 1) { () throws(RowRefusal) in
                var figure = try Self.figure(cells)
                try OwnColumns.read(said, of: cells, into: &figure)
                return .figure(figure)
            })
    }

    private static let marker = ":::MLLOG"

    /// Values by the names that stand before the colon.
    private static func summary(_ text: String) -> [String: String] {
        var named: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = trimmed(line[..<colon])
            let value = trimmed(line[line.index(after: colon)...])
            if !name.isEmpty, !value.isEmpty, named[name] == nil { named[name] = value }
        }
        return named
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return start.lastIndex { $0 != " " && $0 != "\t" }.map { String(start[...$0]) } ?? ""
    }

    private static func detail(_ text: String) -> [String: String] {
        var named: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let range = line.firstRange(of: marker) else { continue }
            let json = Data(line[range.upperBound...].utf8)
            guard let object = (try? JSONSerialization.jsonObject(with: json)) as? [String: Any],
                let key = object["key"] as? String, let value = object["value"],
                let text = JSONPath.scalarText(value)
            else { continue }
            named[key] = text
        }
        return named
    }

    private typealias Name = (ours: String, summary: [String], detail: [String])

    private static let names: [Name] = {
        var names: [Name] = [
            ("scenario", ["Scenario"], ["effective_scenario", "requested_scenario"]),
            ("mode", ["Mode"], ["effective_test_mode", "requested_test_mode"]),
            ("validity", ["Result is"], ["result_validity"]),
            ("samples", ["Samples per second"], ["result_samples_per_second"]),
            ("completed", ["Completed samples per second"], ["result_completed_samples_per_sec"]),
            ("scheduled", ["Scheduled samples per second"], ["result_scheduled_samples_per_sec"]),
            (
                "tokens", ["Completed tokens per second", "Tokens per second"],
                ["result_completed_tokens_per_second", "result_tokens_per_second"]
            ),
            ("samples per query", ["samples_per_query"], ["effective_samples_per_query"]),
            ("target", ["target_latency (ns)"], ["effective_target_latency_ns"]),
            ("target qps", ["target_qps"], ["effective_target_qps"]),
            ("mean", ["Mean latency (ns)"], ["result_mean_latency_ns"]),
            ("ttft mean", ["Mean First Token latency (ns)"], ["result_first_token_mean_latency_ns"]),
            (
                "tpot mean", ["Mean Time per Output Token (ns)", "Mean Time to Output Token (ns)"],
                ["result_time_per_output_token_mean"]
            ),
            ("p90", ["90th percentile latency (ns)"], ["result_90.00_percentile_latency_ns"]),
            ("p99", ["99th percentile latency (ns)"], ["result_99.00_percentile_latency_ns"]),
        ]
        for order in ["50", "90", "95", "99"] {
            names += [
                (
                    "p\(order)", ["\(order).00 percentile latency (ns)"],
                    ["result_\(order).00_percentile_latency_ns"]
                ),
                (
                    "ttft p\(order)", ["\(order).00 percentile first token latency (ns)"],
                    ["result_first_token_\(order).00_percentile_latency_ns"]
                ),
                (
                    "tpot p\(order)", ["\(order).00 percentile time to output token (ns)"],
                    ["result_time_per_output_token_\(order).00_percentile_ns"]
                ),
            ]
        }
        return names
    }()

    private static func figure(_ cells: ImportCells) throws(RowRefusal) -> ImportedFigure {
        let scenario = try cells.requiredText("scenario").filter { !$0.isWhitespace }
        if let mode = cells.text("mode"), !mode.hasPrefix("Performance") {
            throw cells.refusal("mode", expected: "PerformanceOnly")
        }
        var figure = ImportedFigure(
            line: cells.line, model: try cells.name("model"), server: try cells.name("server"))
        figure.detail = scenario
        figure.framework = "loadgen"
        if let validity = cells.text("validity"), validity != "VALID" {
            figure.invalidity = "LoadGen calls the run \(validity)"
        }
        try readTimes(cells, into: &figure)
        let tokens = try cells.positiveNumber("tokens")
        let rate = try cells.firstNumber(of: ["completed", "samples"])
        switch scenario {
        case "Offline", "Server", "Interactive":
            if let tokens {
                figure.throughput = tokens
                figure.throughputUnit = .tokens
                figure.outputTokens = rate.flatMap { $0 > 0 ? tokens / $0 : nil }
            } else {
                // Logs from before rates as completed hold rates as scheduled alone.
                figure.throughput =
                    if let rate { rate } else { try cells.requiredNumber("scheduled") }
                figure.throughputUnit = scenario == "Offline" ? .items : .queries
            }
            guard scenario != "Offline" else { break }
            figure.batch = 1
            figure.offeredRate = try cells.number("scheduled").map { QueriesPerSecond($0) }
            // With limits on times per token, the one on the whole answer is not in force.
            if tokens == nil, figure.invalidity == nil, let limit = try time("target", cells), limit > .zero {
                figure.target = LatencyTarget(quantile: Quantile(0.99), limit: limit)
            }
            figure.deriveConcurrency()
        case "SingleStream", "MultiStream":
            figure.batch = try cells.count("samples per query") ?? 1
            figure.concurrency = 1
            if let mean = figure.meanLatency, mean > .zero {
                figure.throughput = 1 / mean.seconds
                figure.throughputUnit = .queries
                figure.isThroughputDerived = true
            }
        default:
            throw cells.refusal(
                "scenario", expected: "Offline, Server, Interactive, SingleStream or MultiStream")
        }
        return figure
    }

    private static func readTimes(
        _ cells: ImportCells, into figure: inout ImportedFigure
    ) throws(RowRefusal) {
        figure.meanLatency = try time("mean", cells)
        let whole = try tail("", cells)
        (figure.p50Latency, figure.p90Latency) = (whole?.p50, whole?.p90)
        (figure.p95Latency, figure.p99Latency) = (whole?.p95, whole?.p99)
        figure.firstTokenLatency = try time("ttft mean", cells)
        figure.firstTokenTail = try tail("ttft ", cells)
        figure.outputTokenLatency = try time("tpot mean", cells)
        figure.outputTokenTail = try tail("tpot ", cells)
    }

    private static func time(_ name: String, _ cells: ImportCells) throws(RowRefusal) -> Nanoseconds? {
        try cells.time(name, unitSeconds: 1e-9)
    }

    private static func tail(
        _ prefix: String, _ cells: ImportCells
    ) throws(RowRefusal) -> ImportedFigure.Tail? {
        let tail = ImportedFigure.Tail(
            p50: try time("\(prefix)p50", cells), p90: try time("\(prefix)p90", cells),
            p95: try time("\(prefix)p95", cells), p99: try time("\(prefix)p99", cells))
        return tail.known.isEmpty ? nil : tail
    }
}
