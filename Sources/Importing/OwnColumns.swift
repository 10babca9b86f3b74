import Quantities
import Vocabulary

/// The columns of this tool's own table. A mapping may name any of them for any format, and says so what the
/// format itself leaves out.
enum OwnColumns {
    static let required = ["model", "server", "throughput", "throughput_unit"]
    static let optional =
        [
            "devices", "parallelism", "precision", "framework", "detail", "batch", "concurrency",
            "offered_per_second", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "ttft_ms", "tpot_ms",
            "itl_ms",
        ]
        + ["ttft", "tpot", "itl"].flatMap { kind in tails.map { "\(kind)_\($0)_ms" } } + [
            "completed_requests", "failed_requests", "input_tokens", "output_tokens", "target_quantile",
            "target_limit_ms", "watts", "watts_scope", "watts_provenance", "power_limit_watts",
            "utilisation_fraction", "energy_per_item_joules", "source", "licence", "date",
        ]
    static let names = required + optional
    private static let known = Set(names)
    private static let tails = ["p50", "p90", "p95", "p99"]

    static func contains(_ column: String) -> Bool { known.contains(column) }

    /// What a mapping says of our columns, beside those that a format itself reads under the same name.
    static func said(by mapping: ImportMapping, beside columns: [String]) -> [String] {
        guard !mapping.isEmpty else { return [] }
        let said = Set(mapping.columns.keys).union(mapping.constants.keys)
        return said.filter { contains($0) && !columns.contains($0) }.sorted()
    }

    /// Takes over the cells of some columns. An empty cell leaves what the format said.
    static func read(
        _ columns: [String], of cells: ImportCells, into figure: inout ImportedFigure
    ) throws(RowRefusal) {
        for column in columns { try read(column, of: cells, into: &figure) }
    }

    private static func read(
        _ column: String, of cells: ImportCells, into figure: inout ImportedFigure
    ) throws(RowRefusal) {
        guard let text = cells.text(column) else { return }
        switch column {
        case "model": figure.model = text
        case "server": figure.server = text
        case "devices": figure.devices = try cells.count(column)
        case "parallelism": figure.parallelism = text
        case "precision": figure.precision = text
        case "framework": figure.framework = text
        case "detail": figure.detail = text
        case "batch": figure.batch = try cells.count(column)
        case "concurrency":
            figure.concurrency = try cells.positiveNumber(column)
            figure.isConcurrencyDerived = nil
        case "offered_per_second":
            figure.offeredRate = try cells.number(column).map { QueriesPerSecond($0) }
        case "throughput":
            figure.throughput = try cells.number(column)
            figure.isThroughputDerived = false
        case "throughput_unit": figure.throughputUnit = try choice(cells, column)
        case "input_tokens": figure.inputTokens = try cells.number(column)
        case "output_tokens": figure.outputTokens = try cells.number(column)
        case "completed_requests": figure.completedRequests = try cells.number(column)
        case "failed_requests": figure.failedRequests = try cells.number(column)
        case "target_quantile", "target_limit_ms": figure.target = try target(cells)
        case "source": figure.source = text
        case "licence": figure.licence = text
        case "date": figure.date = text
        case "watts", "watts_scope", "watts_provenance", "power_limit_watts", "utilisation_fraction",
            "energy_per_item_joules":
            try readPower(column, of: cells, into: &figure)
        default: try readTime(column, of: cells, into: &figure)
        }
    }

    private static func readPower(
        _ column: String, of cells: ImportCells, into figure: inout ImportedFigure
    ) throws(RowRefusal) {
        switch column {
        case "power_limit_watts": figure.powerLimit = try cells.positiveNumber(column).map { Watts($0) }
        case "utilisation_fraction": figure.utilisation = try fraction(cells, column)
        case "energy_per_item_joules": figure.energyPerItem = try cells.number(column).map { Joules($0) }
        default:
            guard let watts = try cells.number("watts") else { return }
            figure.power = Watts(watts)
            figure.powerScope = try choice(cells, "watts_scope")
            figure.powerProvenance = try choice(cells, "watts_provenance")
        }
    }

    private static func readTime(
        _ column: String, of cells: ImportCells, into figure: inout ImportedFigure
    ) throws(RowRefusal) {
        let time = try cells.milliseconds(column)
        switch column {
        case "mean_ms": figure.meanLatency = time
        case "p50_ms": figure.p50Latency = time
        case "p90_ms": figure.p90Latency = time
        case "p95_ms": figure.p95Latency = time
        case "p99_ms": figure.p99Latency = time
        case "ttft_ms": figure.firstTokenLatency = time
        case "tpot_ms": figure.outputTokenLatency = time
        case "itl_ms": figure.interTokenLatency = time
        case _ where column.hasPrefix("ttft_"): set(column, time, in: &figure.firstTokenTail)
        case _ where column.hasPrefix("tpot_"): set(column, time, in: &figure.outputTokenTail)
        case _ where column.hasPrefix("itl_"): set(column, time, in: &figure.interTokenTail)
        default: preconditionFailure("every column of ours is read: \(column)")
        }
    }

    /// - Parameter column: such as `ttft_p90_ms`.
    private static func set(_ column: String, _ time: Nanoseconds?, in tail: inout ImportedFigure.Tail?) {
        var known = tail ?? ImportedFigure.Tail()
        if column.contains("p50") { known.p50 = time }
        if column.contains("p90") { known.p90 = time }
        if column.contains("p95") { known.p95 = time }
        if column.contains("p99") { known.p99 = time }
        tail = known
    }

    private static func target(_ cells: ImportCells) throws(RowRefusal) -> LatencyTarget? {
        let order = try cells.number("target_quantile")
        let limit = try cells.milliseconds("target_limit_ms")
        guard let order, let limit else {
            throw RowRefusal("target_quantile, target_limit_ms: found one of them, expected both or neither")
        }
        guard order > 0, order < 1 else {
            throw cells.refusal("target_quantile", expected: "a number strictly between 0 and 1")
        }
        guard limit > .zero else {
            throw cells.refusal("target_limit_ms", expected: "a number above 0")
        }
        return LatencyTarget(quantile: Quantile(order), limit: limit)
    }

    private static func fraction(
        _ cells: ImportCells, _ column: String
    ) throws(RowRefusal) -> Fraction? {
        guard let number = try cells.number(column) else { return nil }
        guard number <= 1 else { throw cells.refusal(column, expected: "a number from 0 to 1") }
        return Fraction(number)
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ cells: ImportCells, _ column: String
    ) throws(RowRefusal) -> Choice where Choice.RawValue == String {
        let text = try cells.requiredText(column)
        guard let choice = Choice(rawValue: text) else {
            throw cells.refusal(
                column, expected: "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}
