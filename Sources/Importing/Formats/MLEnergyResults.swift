import Quantities
import Vocabulary

/// Results of the ML.ENERGY leaderboard: one object per configuration, alone in a list or under
/// `configurations` in a file of one task or model. Tokens are output tokens, times are in milliseconds,
/// watts are the mean of all GPUs together while the server was loaded.
struct MLEnergyResults: ObjectImporter {
    let kind = "ml-energy"
    let title = "ML.ENERGY leaderboard JSON (one object per configuration)"
    let source: String? = "ML.ENERGY leaderboard"
    let keys = ["gpu_model", "num_gpus", "output_throughput_tokens_per_sec"]
    let optionalKeys = [
        "model_id", "nickname", "max_num_seqs", "median_itl_ms", "p90_itl_ms", "p95_itl_ms", "p99_itl_ms",
        "avg_output_len", "avg_power_watts", "energy_per_token_joules",
    ]
    let list: String? = "configurations"

    func figure(
        _ cells: ImportCells, _ object: [String: Any], _ input: ImportInput
    ) throws(RowRefusal) -> ImportedFigure {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.name("model", under: ["model_id", "nickname"]),
            server: try cells.requiredText("gpu_model"))
        figure.devices = try cells.count("num_gpus")
        // The most sequences in flight; how many there were is not said.
        figure.detail = cells.text("max_num_seqs").map { "max_num_seqs \($0)" }
        figure.throughput = try cells.requiredNumber("output_throughput_tokens_per_sec")
        figure.throughputUnit = .tokens
        figure.outputTokenLatency = try cells.milliseconds("median_itl_ms")
        figure.outputTokens = try cells.number("avg_output_len")
        if let watts = try cells.number("avg_power_watts") {
            figure.power = Watts(watts)
            figure.powerScope = .devices
            figure.powerProvenance = .metered
        }
        figure.energyPerItem = try cells.number("energy_per_token_joules").map { Joules($0) }
        figure.interTokenLatency = figure.outputTokenLatency
        figure.interTokenTail = ImportedFigure.Tail(
            p50: try cells.milliseconds("median_itl_ms"), p90: try cells.milliseconds("p90_itl_ms"),
            p95: try cells.milliseconds("p95_itl_ms"), p99: try cells.milliseconds("p99_itl_ms"))
        let columns = ["median_itl_ms", "p90_itl_ms", "p95_itl_ms", "p99_itl_ms"]
        let tails = figure.interTokenTail?.known ?? []
        guard zip(tails, tails.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw RowRefusal(
                column: columns.joined(separator: ", "),
                found: columns.compactMap(cells.text).joined(separator: " "), expected: "ascending numbers")
        }
        return figure
    }
}
