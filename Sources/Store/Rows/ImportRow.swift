import GRDB
import Quantities
import Vocabulary

/// Imported figures and limits as rows.
enum ImportRow {
    static let columns = [
        "import_id", "position", "line", "model", "server", "devices", "parallelism", "precision",
        "framework", "detail", "batch_items", "concurrent_queries", "is_concurrency_derived",
        "offered_queries_per_second", "throughput_per_second", "throughput_unit", "is_throughput_derived",
        "mean_latency_nanoseconds", "p50_latency_nanoseconds", "p90_latency_nanoseconds",
        "p95_latency_nanoseconds", "p99_latency_nanoseconds", "first_token_nanoseconds",
        "output_token_nanoseconds", "inter_token_nanoseconds", "first_token_p50_nanoseconds",
        "first_token_p90_nanoseconds", "first_token_p95_nanoseconds", "first_token_p99_nanoseconds",
        "output_token_p50_nanoseconds", "output_token_p90_nanoseconds", "output_token_p95_nanoseconds",
        "output_token_p99_nanoseconds", "inter_token_p50_nanoseconds", "inter_token_p90_nanoseconds",
        "inter_token_p95_nanoseconds", "inter_token_p99_nanoseconds", "completed_queries",
        "failed_queries", "input_tokens", "output_tokens", "target_quantile", "target_limit_nanoseconds",
        "power_watts", "power_scope", "power_provenance", "power_fraction", "power_limit_watts",
        "utilisation_fraction", "energy_per_item_joules", "source", "licence", "published", "is_own",
        "derating_fraction", "provenance", "little_check", "quantiles_check", "energy_check",
        "power_check", "roofline_check", "phases_check", "failures_check", "validity_check", "is_sound",
    ]

    static let insertion =
        "INSERT INTO imported_figure (\(columns.map { "\"\($0)\"" }.joined(separator: ", "))) "
        + "VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))"

    /// Binds the values of a row, in the order of `columns`, without a box for any of more than 60: these
    /// were most of an import's time.
    static func bind(
        _ figure: ImportedFigure, _ verdict: FigureVerdict, position: Int, of id: Int64,
        to row: inout RowBinding
    ) {
        row.bind(id)
        row.bind(position)
        row.bind(figure.line)
        row.bind(figure.model)
        row.bind(figure.server)
        row.bind(figure.devices)
        row.bind(figure.parallelism)
        row.bind(figure.precision)
        row.bind(figure.framework)
        row.bind(figure.detail)
        row.bind(figure.batch)
        row.bind(figure.concurrency)
        row.bind(figure.isConcurrencyDerived)
        row.bind(figure.offeredRate?.value)
        row.bind(figure.throughput)
        row.bind(figure.throughputUnit?.rawValue)
        row.bind(figure.isThroughputDerived)
        row.bind(figure.meanLatency?.count)
        row.bind(figure.p50Latency?.count)
        row.bind(figure.p90Latency?.count)
        row.bind(figure.p95Latency?.count)
        row.bind(figure.p99Latency?.count)
        row.bind(figure.firstTokenLatency?.count)
        row.bind(figure.outputTokenLatency?.count)
        row.bind(figure.interTokenLatency?.count)
        for tail in [figure.firstTokenTail, figure.outputTokenTail, figure.interTokenTail] {
            row.bind(tail?.p50?.count)
            row.bind(tail?.p90?.count)
            row.bind(tail?.p95?.count)
            row.bind(tail?.p99?.count)
        }
        row.bind(figure.completedRequests)
        row.bind(figure.failedRequests)
        row.bind(figure.inputTokens)
        row.bind(figure.outputTokens)
        row.bind(figure.target?.quantile.value)
        row.bind(figure.target?.limit.count)
        row.bind(figure.power?.value)
        row.bind(figure.powerScope?.rawValue)
        row.bind(figure.powerProvenance?.rawValue)
        row.bind(figure.powerFraction?.value)
        row.bind(figure.powerLimit?.value)
        row.bind(figure.utilisation?.value)
        row.bind(figure.energyPerItem?.value)
        row.bind(figure.source)
        row.bind(figure.licence)
        row.bind(figure.date)
        row.bind(figure.isOwn)
        row.bind(figure.derating?.value)
        row.bind(Provenance.imported.rawValue)
        row.bind(verdict.finding(.little))
        row.bind(verdict.finding(.quantiles))
        row.bind(verdict.finding(.energy))
        row.bind(verdict.finding(.power))
        row.bind(verdict.finding(.roofline))
        row.bind(verdict.finding(.phases))
        row.bind(verdict.finding(.failures))
        row.bind(verdict.finding(.validity))
        row.bind(verdict.isSound)
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
        figure.isConcurrencyDerived = try row.optionalInteger("is_concurrency_derived").map { $0 == 1 }
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
        figure.interTokenLatency = try row.optionalTime("inter_token_nanoseconds")
        figure.firstTokenTail = try tail("first_token", row)
        figure.outputTokenTail = try tail("output_token", row)
        figure.interTokenTail = try tail("inter_token", row)
        figure.completedRequests = try row.optionalNumber("completed_queries")
        figure.failedRequests = try row.optionalNumber("failed_queries")
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
        figure.isOwn = try row.optionalInteger("is_own").map { $0 == 1 }
        figure.derating = try row.optionalQuantity("derating_fraction")
        return figure
    }

    /// nil where no quantile is known.
    private static func tail(
        _ kind: String, _ row: StoredRow
    ) throws(StoreError) -> ImportedFigure.Tail? {
        let tail = ImportedFigure.Tail(
            p50: try row.optionalTime("\(kind)_p50_nanoseconds"),
            p90: try row.optionalTime("\(kind)_p90_nanoseconds"),
            p95: try row.optionalTime("\(kind)_p95_nanoseconds"),
            p99: try row.optionalTime("\(kind)_p99_nanoseconds"))
        return tail.known.isEmpty ? nil : tail
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
