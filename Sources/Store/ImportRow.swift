import GRDB
import Quantities
import Vocabulary

/// Imported figures and limits as rows.
enum ImportRow {
    static let columns = [
        "import_id", "position", "line", "model", "server", "devices", "parallelism", "precision",
        "framework",
        "detail", "batch_items", "concurrent_queries", "offered_queries_per_second", "throughput_per_second",
        "throughput_unit", "is_throughput_derived", "mean_latency_nanoseconds", "p50_latency_nanoseconds",
        "p90_latency_nanoseconds", "p95_latency_nanoseconds", "p99_latency_nanoseconds",
        "first_token_nanoseconds", "output_token_nanoseconds", "input_tokens", "output_tokens",
        "target_quantile", "target_limit_nanoseconds", "power_watts", "power_scope", "power_provenance",
        "power_fraction", "power_limit_watts", "utilisation_fraction", "energy_per_item_joules", "source",
        "licence", "published", "provenance", "little_check", "quantiles_check", "energy_check",
        "power_check",
        "roofline_check", "phases_check", "is_sound",
    ]

    static let insertion =
        "INSERT INTO imported_figure (\(columns.map { "\"\($0)\"" }.joined(separator: ", "))) "
        + "VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))"

    static func values(
        _ figure: ImportedFigure, _ verdict: FigureVerdict, position: Int, of id: Int64
    ) -> [(any DatabaseValueConvertible)?] {
        func check(_ check: FigureCheck) -> String? { verdict.findings[check].map { $0 ?? "" } }
        let place: [(any DatabaseValueConvertible)?] = [
            id, position, figure.line, figure.model, figure.server, figure.devices, figure.parallelism,
            figure.precision, figure.framework, figure.detail, figure.batch,
        ]
        let rates: [(any DatabaseValueConvertible)?] = [
            figure.concurrency, figure.offeredRate?.value, figure.throughput, figure.throughputUnit?.rawValue,
            figure.isThroughputDerived,
        ]
        let latencies: [(any DatabaseValueConvertible)?] = [
            figure.meanLatency?.count, figure.p50Latency?.count, figure.p90Latency?.count,
            figure.p95Latency?.count, figure.p99Latency?.count, figure.firstTokenLatency?.count,
            figure.outputTokenLatency?.count, figure.inputTokens, figure.outputTokens,
            figure.target?.quantile.value, figure.target?.limit.count,
        ]
        let power: [(any DatabaseValueConvertible)?] = [
            figure.power?.value, figure.powerScope?.rawValue, figure.powerProvenance?.rawValue,
            figure.powerFraction?.value, figure.powerLimit?.value, figure.utilisation?.value,
            figure.energyPerItem?.value,
        ]
        let trust: [(any DatabaseValueConvertible)?] = [
            figure.source, figure.licence, figure.date, Provenance.imported.rawValue, check(.little),
            check(.quantiles), check(.energy), check(.power), check(.roofline), check(.phases),
            verdict.isSound,
        ]
        return place + rates + latencies + power + trust
    }

    static func figure(from row: StoredRow) throws(StoreError) -> ImportedFigure {
        var figure = ImportedFigure(
            line: try row.count("line", atLeast: 1), model: try row.text("model"),
            server: try row.text("server"))
        figure.devices = try row.optionalInteger("devices").map { Int($0) }
        figure.parallelism = try row.optionalText("parallelism")
        figure.precision = try row.optionalText("precision")
        figure.framework = try row.optionalText("framework")
        figure.detail = try row.optionalText("detail")
        figure.batch = try row.optionalInteger("batch_items").map { Int($0) }
        figure.concurrency = try row.optionalNumber("concurrent_queries")
        figure.offeredRate = try row.optionalQuantity("offered_queries_per_second")
        figure.throughput = try row.optionalNumber("throughput_per_second")
        figure.throughputUnit = try row.optionalChoice("throughput_unit")
        figure.isThroughputDerived = try row.integer("is_throughput_derived") == 1
        figure.meanLatency = try row.optionalTime("mean_latency_nanoseconds")
        figure.p50Latency = try row.optionalTime("p50_latency_nanoseconds")
        figure.p90Latency = try row.optionalTime("p90_latency_nanoseconds")
        figure.p95Latency = try row.optionalTime("p95_latency_nanoseconds")
        figure.p99Latency = try row.optionalTime("p99_latency_nanoseconds")
        figure.firstTokenLatency = try row.optionalTime("first_token_nanoseconds")
        figure.outputTokenLatency = try row.optionalTime("output_token_nanoseconds")
        figure.inputTokens = try row.optionalNumber("input_tokens")
        figure.outputTokens = try row.optionalNumber("output_tokens")
        if try row.optionalNumber("target_quantile") != nil {
            figure.target = LatencyTarget(
                quantile: try row.quantile("target_quantile"), limit: try row.time("target_limit_nanoseconds")
            )
        }
        figure.power = try row.optionalQuantity("power_watts")
        figure.powerScope = try row.optionalChoice("power_scope")
        figure.powerProvenance = try row.optionalChoice("power_provenance")
        figure.powerFraction = try row.optionalQuantity("power_fraction")
        figure.powerLimit = try row.optionalQuantity("power_limit_watts")
        figure.utilisation = try row.optionalQuantity("utilisation_fraction")
        figure.energyPerItem = try row.optionalQuantity("energy_per_item_joules")
        figure.source = try row.optionalText("source")
        figure.licence = try row.optionalText("licence")
        figure.date = try row.optionalText("published")
        return figure
    }

    static func limit(from row: StoredRow) throws(StoreError) -> HardwareLimit {
        var limit = HardwareLimit(
            line: try row.count("line", atLeast: 1), name: try row.text("name"), kind: try row.text("kind"),
            maximumPower: try row.quantity("maximum_power_watts"))
        limit.idlePower = try row.optionalQuantity("idle_power_watts")
        limit.singlePeak = try row.optionalQuantity("single_peak_flops_per_second")
        limit.halfPeak = try row.optionalQuantity("half_peak_flops_per_second")
        limit.memory = try row.optionalQuantity("memory_bytes")
        limit.source = try row.optionalText("source")
        return limit
    }
}
