import struct Foundation.Data
import GRDB
import Quantities
import Vocabulary

/// Token figures as rows beside their measurements, and back.
enum TokenFiguresRow {
    static func insert(
        _ tokens: TokenFigures, of id: RecordID<LoadRun>, into database: Database
    ) throws {
        let (first, each) = (tokens.timeToFirstToken, tokens.timePerOutputToken)
        try database.insert(
            into: "measurement_tokens",
            [
                ("measurement_id", id.number), ("requests", tokens.requests),
                ("prompt_tokens", tokens.promptTokens), ("output_tokens", tokens.outputTokens),
                ("is_reported", tokens.areTokensReported ? 1 : 0),
                ("output_tokens_per_second", tokens.outputTokensPerSecond),
                ("first_token_histogram_blob", Data(HistogramBlob.encode(first))),
                ("output_token_histogram_blob", Data(HistogramBlob.encode(each))),
            ] + figures("first_token", first) + figures("output_token", each))
    }

    static func fetch(_ database: Database, of id: Int64) throws -> TokenFigures? {
        guard
            let found = try Row.fetchOne(
                database, sql: "SELECT * FROM measurement_tokens WHERE measurement_id = ?", arguments: [id])
        else { return nil }
        let row = StoredRow(found, table: "measurement_tokens", label: "\(id)")
        return TokenFigures(
            requests: try row.count("requests"),
            promptTokens: try row.optionalInteger("prompt_tokens").map { Int($0) },
            outputTokens: try row.count("output_tokens"),
            areTokensReported: try row.integer("is_reported") == 1,
            outputTokensPerSecond: try row.number("output_tokens_per_second"),
            timeToFirstToken: try row.blob("first_token_histogram_blob", decode: HistogramBlob.decode),
            timePerOutputToken: try row.blob("output_token_histogram_blob", decode: HistogramBlob.decode))
    }

    private static func figures(
        _ name: String, _ histogram: LatencyHistogram
    ) -> [(String, (any DatabaseValueConvertible)?)] {
        [
            ("\(name)_mean_nanoseconds", histogram.mean?.count),
            ("\(name)_p50_nanoseconds", histogram.latency(at: Quantile(0.5))?.count),
            ("\(name)_p95_nanoseconds", histogram.latency(at: Quantile(0.95))?.count),
            ("\(name)_p99_nanoseconds", histogram.latency(at: Quantile(0.99))?.count),
        ]
    }
}
