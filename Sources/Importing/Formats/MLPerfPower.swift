import Quantities
import Vocabulary

/// MLPerf Inference results with power: throughput under the scenario's rules, and watts of the whole system
/// behind its meter.
///
/// `Offline` counts samples of one large query without a latency bound; of Llama 2 70B it counts tokens,
/// whatever the column of units says: 17561.6 "samples" a second are the tokens beside 60.2 samples in that
/// run's log. `Server` counts queries of one sample that arrive as a Poisson process, at the highest rate
/// whose 99th percentile stays under the benchmark's limit. `SingleStream` gives the 90th, `MultiStream` (8
/// samples a query) the 99th percentile of latency; beside them stands the energy of a query in millijoules,
/// whatever the column of units says: 1735 "watts" at 8.6 ms are the 201 W that the same machine draws in the
/// other scenarios.
struct MLPerfPower: TableImporter {
    let kind = "mlperf"
    let title = "MLPerf Inference results with whole-system watts"
    let source: String? = "MLCommons, MLPerf Inference, closed division, power"
    let licence: String? = "Apache-2.0"
    let columns = [
        "version", "org", "platform", "accelerator", "acc_per_node", "nodes", "model", "scenario", "result",
        "units", "power", "power_units",
    ]
    let optionalColumns = ["location"]

    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
        let model = try cells.requiredText("model")
        let scenario = try cells.requiredText("scenario")
        let unit = try cells.requiredText("units")
        let result = try cells.requiredNumber("result")
        var figure = ImportedFigure(
            line: cells.line, model: model, server: try cells.requiredText("platform"))
        let perNode = try cells.count("acc_per_node") ?? 1
        figure.devices = perNode * (try cells.count("nodes") ?? 1)
        figure.framework = cells.text("accelerator")
        figure.detail = scenario
        figure.source = cells.text("location")
        figure.date = cells.text("version")
        switch (scenario, unit) {
        case ("Offline", "Tokens/s"), ("Server", "Tokens/s"),
            ("Offline", "Samples/s") where model.hasPrefix("llama2-70b"):
            figure.throughput = result
            figure.throughputUnit = .tokens
        case ("Offline", "Samples/s"):
            figure.throughput = result
            figure.throughputUnit = .items
        case ("Server", "Queries/s"):
            figure.throughput = result
            figure.throughputUnit = .queries
            figure.batch = 1
            figure.target = Self.limit(of: model).map { LatencyTarget(quantile: Quantile(0.99), limit: $0) }
        case ("SingleStream", "Latency (ms)"):
            // PointPainting gives the 99.9th percentile, for which a figure has no place.
            if !model.hasPrefix("pointpainting") { figure.p90Latency = try cells.milliseconds("result") }
            figure.batch = 1
            figure.concurrency = 1
        case ("MultiStream", "Latency (ms)"):
            figure.p99Latency = try cells.milliseconds("result")
            figure.batch = 8
            figure.concurrency = 1
        default:
            throw RowRefusal(
                column: "units", found: "\(unit) in \(scenario)",
                expected:
                    "Samples/s in Offline, Queries/s in Server, Tokens/s in either, "
                    + "Latency (ms) in SingleStream or MultiStream")
        }
        guard let powerUnit = cells.text("power_units") else { return .figure(figure) }
        guard powerUnit == "Watts" else {
            throw cells.refusal("power_units", expected: "Watts")
        }
        guard figure.throughput != nil else {
            figure.energyPerItem = Joules(try cells.requiredNumber("power") / 1000)
            return .figure(figure)
        }
        figure.power = Watts(try cells.requiredNumber("power"))
        figure.powerScope = .system
        figure.powerProvenance = .metered
        return .figure(figure)
    }

    /// The latency limits of the Server scenario in the datacentre rules; nil for benchmarks without a single
    /// one.
    private static func limit(of model: String) -> Nanoseconds? {
        let limits: [(prefix: String, milliseconds: Double)] = [
            ("resnet50", 15), ("ssd-resnet34", 100), ("retinanet", 100), ("bert-99", 130), ("dlrm-v2", 60),
            ("dlrm-99", 30), ("rnnt", 1000), ("gptj", 20_000), ("stable-diffusion-xl", 20_000),
        ]
        return limits.first { model.hasPrefix($0.prefix) }.map { Nanoseconds(seconds: $0.milliseconds / 1e3) }
    }
}
