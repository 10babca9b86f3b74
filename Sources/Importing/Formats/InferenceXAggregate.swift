import Quantities
import Vocabulary

/// Aggregates of InferenceX (InferenceMAX before): `agg_*.json`, a list of them, or rows of its database with
/// the numbers under `metrics`. Rates are output tokens per second and GPU, times are in seconds.
struct InferenceXAggregate: ObjectImporter {
    let kind = "inferencex"
    let title = "InferenceX (InferenceMAX) aggregates, agg_*.json"
    let source: String? = "SemiAnalysisAI/InferenceX"
    let licence: String? = "Apache-2.0"
    let keys = ["conc"]
    var optionalKeys: [String] {
        [
            "model", "infmax_model_prefix", "hw", "hardware", "device", "framework", "precision", "tp", "ep",
            "dp_attention", "disagg", "isl", "osl", "num_prefill_gpu", "num_decode_gpu", "prefill_tp",
            "decode_tp", "image", "date", "spec_decoding", "spec_method",
        ] + numbers.flatMap { [$0, "metrics.\($0)"] }
    }

    private static let numbers =
        ["tput_per_gpu", "output_tput_per_gpu", "output_tput_per_decode_gpu"]
        + ["ttft", "tpot", "itl", "e2el"].flatMap { kind in
            ["mean", "median", "p90", "p95", "p99"].map { "\($0)_\(kind)" }
        }
    private var numbers: [String] { Self.numbers }

    func figure(
        _ cells: ImportCells, _ object: [String: Any], _ input: ImportInput
    ) throws(RowRefusal) -> ImportedFigure {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.name("model", under: ["model", "infmax_model_prefix"]),
            server: try cells.name("server", under: ["hw", "hardware", "device"]))
        figure.concurrency = try cells.positiveNumber("conc")
        figure.framework = cells.text("framework")
        figure.precision = cells.text("precision")
        figure.detail = cells.text("image")
        figure.date = cells.text("date")
        figure.inputTokens = try cells.number("isl")
        figure.outputTokens = try cells.number("osl")
        let isDisaggregated = ["1", "true"].contains(cells.text("disagg") ?? "")
        let prefill = try cells.count("num_prefill_gpu") ?? 0
        let decode = try cells.count("num_decode_gpu") ?? 0
        let tensor = try cells.count("tp")
        let gpus = isDisaggregated ? prefill + decode : tensor ?? decode
        guard gpus > 0 else {
            throw RowRefusal("tp, num_decode_gpu: found neither, expected how many GPUs took part")
        }
        figure.devices = gpus
        let sizes = ["tp", "ep", "prefill_tp", "decode_tp"]
        let parallelism = sizes.compactMap { size in cells.text(size).map { "\(size)\($0)" } }
        figure.parallelism = parallelism.isEmpty ? nil : parallelism.joined(separator: " ")
        try readThroughput(cells, gpus: gpus, decode: isDisaggregated ? decode : gpus, into: &figure)
        figure.throughputUnit = .tokens
        figure.firstTokenLatency = try time("mean_ttft", "median_ttft", in: cells)
        figure.firstTokenTail = try tail("ttft", cells)
        figure.outputTokenLatency = try time("mean_tpot", "median_tpot", in: cells)
        figure.outputTokenTail = try tail("tpot", cells)
        figure.interTokenLatency = try time("mean_itl", in: cells)
        figure.interTokenTail = try tail("itl", cells)
        figure.meanLatency = try time("mean_e2el", in: cells)
        let whole = try tail("e2el", cells)
        (figure.p50Latency, figure.p90Latency) = (whole?.p50, whole?.p90)
        (figure.p95Latency, figure.p99Latency) = (whole?.p95, whole?.p99)
        return figure
    }

    /// Output tokens per second of all GPUs. Files from before rates per decoding GPU had a name of their own
    /// give those under the general name.
    private func readThroughput(
        _ cells: ImportCells, gpus: Int, decode: Int, into figure: inout ImportedFigure
    ) throws(RowRefusal) {
        if let each = try number("output_tput_per_gpu", cells) {
            let isOfAll = try number("output_tput_per_decode_gpu", cells) != nil
            figure.throughput = each * Double(isOfAll ? gpus : decode)
            return
        }
        guard let each = try number("tput_per_gpu", cells), let input = figure.inputTokens,
            let output = figure.outputTokens, input + output > 0
        else {
            throw RowRefusal(
                "output_tput_per_gpu, tput_per_gpu: found neither with isl and osl, expected a rate per GPU")
        }
        figure.throughput = each * Double(gpus) * output / (input + output)
        figure.isThroughputDerived = true
    }

    private func number(_ name: String, _ cells: ImportCells) throws(RowRefusal) -> Double? {
        try cells.firstNumber(of: [name, "metrics.\(name)"])
    }

    private func time(_ names: String..., in cells: ImportCells) throws(RowRefusal) -> Nanoseconds? {
        try cells.firstTime(of: names.flatMap { [$0, "metrics.\($0)"] }, unitSeconds: 1)
    }

    private func tail(_ kind: String, _ cells: ImportCells) throws(RowRefusal) -> ImportedFigure.Tail? {
        let tail = ImportedFigure.Tail(
            p50: try time("median_\(kind)", in: cells), p90: try time("p90_\(kind)", in: cells),
            p95: try time("p95_\(kind)", in: cells), p99: try time("p99_\(kind)", in: cells))
        return tail.known.isEmpty ? nil : tail
    }
}
