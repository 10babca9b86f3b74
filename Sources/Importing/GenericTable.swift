import Files
import Quantities
import Vocabulary

/// Hercules' own table: one figure a row, columns named below or through a mapping. Throughput is that of the
/// whole server.
struct GenericTable: TableImporter {
    let kind = "csv"
    let title = "a table with this tool's column names, or any table with a mapping file"
    let columns = ["model", "server", "throughput", "throughput_unit"]
    let optionalColumns = [
        "devices", "parallelism", "precision", "framework", "detail", "batch", "concurrency",
        "offered_per_second", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "ttft_ms", "tpot_ms",
        "input_tokens", "output_tokens", "target_quantile", "target_limit_ms", "watts", "watts_scope",
        "watts_provenance", "power_limit_watts", "utilisation_fraction", "energy_per_item_joules", "source",
        "licence", "date",
    ]

    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        var reader = try CSVReader.open(
            path: input.path, separator: input.mapping.separator ?? ",", skipsComments: true)
        let mapping = input.mapping
        let known = columns + optionalColumns
        let given = Set(mapping.columns.keys).union(mapping.constants.keys).union(mapping.factors.keys)
        if let stray = given.subtracting(known).min() {
            throw FileError.unknownName(
                Place(file: input.path, line: nil, key: "mapping"), kind: "a column of ours", found: stray,
                known: known)
        }
        let positions = try positions(in: reader, mapping)
        let used = Set(positions.values)
        for (position, name) in reader.header.enumerated()
        where !used.contains(position) && !mapping.ignored.contains(name) && mapping.constants[name] == nil {
            throw FileError.unknownName(
                Place(file: input.path, line: 1, key: ""), kind: "a column to read or one under `ignore`",
                found: name, known: known)
        }
        try finish(&reader, positions, input, take: take)
    }

    func row(_ cells: ImportCells, of input: ImportInput) throws(RowRefusal) -> ImportedRow {
        var figure = ImportedFigure(
            line: cells.line, model: try cells.requiredText("model"),
            server: try cells.requiredText("server"))
        figure.devices = try cells.count("devices")
        figure.parallelism = cells.text("parallelism")
        figure.precision = cells.text("precision")
        figure.framework = cells.text("framework")
        figure.detail = cells.text("detail")
        figure.batch = try cells.count("batch")
        figure.concurrency = try cells.positiveNumber("concurrency")
        figure.offeredRate = try cells.number("offered_per_second").map { QueriesPerSecond($0) }
        figure.throughput = try cells.requiredNumber("throughput")
        figure.throughputUnit = try Self.choice(cells, "throughput_unit")
        figure.meanLatency = try cells.milliseconds("mean_ms")
        figure.p50Latency = try cells.milliseconds("p50_ms")
        figure.p90Latency = try cells.milliseconds("p90_ms")
        figure.p95Latency = try cells.milliseconds("p95_ms")
        figure.p99Latency = try cells.milliseconds("p99_ms")
        figure.firstTokenLatency = try cells.milliseconds("ttft_ms")
        figure.outputTokenLatency = try cells.milliseconds("tpot_ms")
        figure.inputTokens = try cells.number("input_tokens")
        figure.outputTokens = try cells.number("output_tokens")
        figure.target = try Self.target(cells)
        figure.power = try cells.number("watts").map { Watts($0) }
        if figure.power != nil {
            figure.powerScope = try Self.choice(cells, "watts_scope")
            figure.powerProvenance = try Self.choice(cells, "watts_provenance")
        }
        figure.powerLimit = try cells.positiveNumber("power_limit_watts").map { Watts($0) }
        figure.utilisation = try Self.fraction(cells, "utilisation_fraction")
        figure.energyPerItem = try cells.number("energy_per_item_joules").map { Joules($0) }
        figure.source = cells.text("source")
        figure.licence = cells.text("licence")
        figure.date = cells.text("date")
        return .figure(figure)
    }

    private static func target(_ cells: ImportCells) throws(RowRefusal) -> LatencyTarget? {
        let order = try cells.number("target_quantile")
        let limit = try cells.milliseconds("target_limit_ms")
        switch (order, limit) {
        case (nil, nil): return nil
        case (let order?, let limit?):
            guard order > 0, order < 1 else {
                throw RowRefusal(
                    column: "target_quantile", found: "\(order)",
                    expected: "a number strictly between 0 and 1")
            }
            guard limit > .zero else {
                throw RowRefusal(column: "target_limit_ms", found: "0", expected: "a number above 0")
            }
            return LatencyTarget(quantile: Quantile(order), limit: limit)
        default:
            throw RowRefusal("target_quantile, target_limit_ms: found one of them, expected both or neither")
        }
    }

    private static func fraction(
        _ cells: ImportCells, _ column: String
    ) throws(RowRefusal) -> Fraction? {
        guard let number = try cells.number(column) else { return nil }
        guard number <= 1 else {
            throw RowRefusal(column: column, found: "\(number)", expected: "a number from 0 to 1")
        }
        return Fraction(number)
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ cells: ImportCells, _ column: String
    ) throws(RowRefusal) -> Choice where Choice.RawValue == String {
        let text = try cells.requiredText(column)
        guard let choice = Choice(rawValue: text) else {
            throw RowRefusal(
                column: column, found: text,
                expected: "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}
