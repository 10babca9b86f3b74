import Files
import Quantities
import Vocabulary

/// Samples measured on silicon that NVIDIA's AIConfigurator is checked against: times to the first and per
/// output token in milliseconds at a number of requests in flight, which stands in the text of
/// `silicon_data_source`.
///
/// No throughput is given; it follows by Little's law from requests in flight and the time a request takes.
struct AIConfiguratorSilicon: TableImporter {
    let kind = "aiconfigurator"
    let title = "AIConfigurator silicon samples (time to first token, time per output token)"
    let source: String? = "ai-dynamo/aiconfigurator"
    let licence: String? = "Apache-2.0"
    let columns = [
        "id", "silicon_data_source", "backend", "backend_version", "model_path", "system", "precision",
        "mode", "isl", "osl", "tp_size", "pp_size", "attention_dp_size", "prefill_num_workers",
        "prefill_tp_size", "prefill_pp_size", "prefill_attention_dp_size", "decode_num_workers",
        "decode_tp_size", "decode_pp_size", "decode_attention_dp_size", "silicon_ttft_ms", "silicon_tpot_ms",
    ]
    let optionalColumns = ["batch_size", "decode_batch_size"]

    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.requiredText("model_path"),
            server: try cells.requiredText("system"))
        let notes = try cells.requiredText("silicon_data_source")
        figure.concurrency = try Self.concurrency(in: notes)
        figure.framework = [cells.text("backend"), cells.text("backend_version")].compactMap { $0 }
            .joined(separator: " ")
        figure.precision = cells.text("precision")
        figure.detail = try cells.requiredText("id")
        figure.source = notes
        let mode = try cells.requiredText("mode")
        switch mode {
        case "agg":
            let (tp, pp, dp) = try Self.sizes(cells, "")
            figure.devices = tp * pp * dp
            figure.parallelism = "tp\(tp) pp\(pp) dp\(dp)"
        case "disagg":
            let prefill = try Self.sizes(cells, "prefill_")
            let decode = try Self.sizes(cells, "decode_")
            figure.parallelism =
                "prefill tp\(prefill.tp) pp\(prefill.pp) dp\(prefill.dp), "
                + "decode tp\(decode.tp) pp\(decode.pp) dp\(decode.dp)"
            // Without the numbers of workers the devices are not known.
            if let prefills = try cells.count("prefill_num_workers"),
                let decodes = try cells.count("decode_num_workers")
            {
                figure.devices =
                    prefills * prefill.tp * prefill.pp * prefill.dp
                    + decodes * decode.tp * decode.pp * decode.dp
            }
        default: throw cells.refusal("mode", expected: "agg or disagg")
        }
        figure.inputTokens = try cells.requiredNumber("isl")
        figure.outputTokens = try cells.requiredNumber("osl")
        figure.firstTokenLatency = try cells.milliseconds("silicon_ttft_ms")
        figure.outputTokenLatency = try cells.milliseconds("silicon_tpot_ms")
        guard let first = figure.firstTokenLatency, let each = figure.outputTokenLatency,
            let tokens = figure.outputTokens, tokens >= 1
        else {
            throw RowRefusal(
                "silicon_ttft_ms, silicon_tpot_ms, osl: found one of them empty, expected all three")
        }
        let seconds = first.seconds + each.seconds * (tokens - 1)
        if let concurrency = figure.concurrency, seconds > 0 {
            figure.throughput = concurrency * tokens / seconds
            figure.throughputUnit = .tokens
            figure.isThroughputDerived = true
        }
        return .figure(figure)
    }

    /// An attention replica's tensor parallelism, its pipeline's length, and how many replicas there are.
    private static func sizes(
        _ cells: ImportCells, _ prefix: String
    ) throws(RowRefusal) -> (tp: Int, pp: Int, dp: Int) {
        (
            try cells.count("\(prefix)tp_size") ?? 1, try cells.count("\(prefix)pp_size") ?? 1,
            try cells.count("\(prefix)attention_dp_size") ?? 1
        )
    }

    private static let marker = "silicon_concurrency="

    private static func concurrency(in notes: String) throws(RowRefusal) -> Double? {
        guard
            let part = notes.split(separator: ";").lazy.map({ $0.drop { $0 == " " } })
                .first(where: { $0.hasPrefix(marker) })
        else { return nil }
        let text = part.dropFirst(marker.count).prefix { $0 != " " }
        guard let number = DecimalNumber.value(of: String(text)), number > 0, number <= 1e9 else {
            throw RowRefusal(column: "silicon_concurrency", found: String(text), expected: "a number above 0")
        }
        return number
    }
}
