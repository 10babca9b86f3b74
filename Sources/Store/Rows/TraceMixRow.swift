import GRDB
import Quantities
import Vocabulary

/// How long the requests of a trace are over time, as rows of series, and back.
enum TraceMixRow {
    private static let table = "trace_mix_series"
    private static let (prompts, outputs, work) = ("prompt_tokens", "output_tokens", "work")

    static func insert(_ mix: [ModelID: TokenMix], of trace: Int64, into database: Database) throws {
        let statement = try database.makeStatement(sql: "INSERT INTO \(table) VALUES (?, ?, ?, ?, ?, ?)")
        for (model, own) in mix.sorted(by: { $0.key < $1.key }) {
            for (quantity, series) in [
                (prompts, own.prompts), (outputs, own.outputs), (work, own.work ?? []),
            ] {
                var first = 0
                for chunk in NumberSeries(series).words.allChunks {
                    try statement.execute(arguments: [
                        trace, model.name, quantity, first, chunk.count,
                        SeriesCoding.value(of: chunk, as: .numbers),
                    ])
                    first += chunk.count
                }
            }
        }
    }

    /// nil where the trace has none.
    static func mix(
        of trace: Int64, intervalCount: Int, _ database: Database
    ) throws -> [ModelID: TokenMix]? {
        var series: [ModelID: [String: [Double]]] = [:]
        let cursor = try Row.fetchCursor(
            database,
            sql: "SELECT * FROM \(table) WHERE trace_id = ? ORDER BY model, quantity, first_position",
            arguments: [trace])
        while let found = try cursor.next() {
            let row = StoredRow(found, table: table, label: "trace \(trace)")
            let (model, quantity) = (ModelID(try row.text("model")), try row.text("quantity"))
            let known = series[model]?[quantity]?.count ?? 0
            guard try row.count("first_position") == known else {
                throw row.fault("first_position", "\(known): rows without gaps")
            }
            let chunk = try row.chunk(as: .numbers)
            for place in 0..<chunk.count {
                let number = Double(bitPattern: chunk[place])
                guard number > 0, number.isFinite else {
                    throw row.fault("numbers", "numbers that are known and above 0")
                }
                series[model, default: [:]][quantity, default: []].append(number)
            }
        }
        guard !series.isEmpty else { return nil }
        return try series.mapValues { own in
            guard let prompt = own[prompts], let output = own[outputs],
                ([prompt, output] + (own[work].map { [$0] } ?? [])).allSatisfy({ $0.count == intervalCount })
            else {
                throw StoreError.unreadableValue(
                    table: table, row: "trace \(trace)", column: "quantity",
                    found: own.keys.sorted().joined(separator: ", "),
                    expected: "prompts and answers of all \(intervalCount) intervals")
            }
            return TokenMix(prompts: prompt, outputs: output, work: own[work])
        }
    }
}
