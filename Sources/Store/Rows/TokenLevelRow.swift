import GRDB
import Quantities
import Vocabulary

/// Token figures of a request-level window as rows beside its results, and back.
enum TokenLevelRow {
    private static let table = "request_level_tokens"

    static func insert(_ tokens: TokenLevelFigures, of result: Int64, into database: Database) throws {
        try database.insert(
            into: table,
            [
                ("result_id", result), ("output_token_limit_seconds", tokens.targets.outputToken),
                ("end_to_end_limit_seconds", tokens.targets.endToEnd), ("prompt_tokens", tokens.promptTokens),
                ("output_tokens", tokens.outputTokens), ("preemptions", tokens.preemptions),
                ("restarted_requests", tokens.restarted), ("played_nanoseconds", tokens.played.count),
                ("energy_joules", tokens.energy.value),
            ] + columns("first_token", tokens.firstToken) + columns("output_token", tokens.outputToken)
                + columns("end_to_end", tokens.endToEnd))
    }

    private static func columns(
        _ name: String, _ latency: TokenLevelFigures.Latency?
    ) -> [(String, (any DatabaseValueConvertible)?)] {
        [
            ("\(name)_mean_nanoseconds", latency?.mean.count),
            ("\(name)_p50_nanoseconds", latency?.p50.count), ("\(name)_p90_nanoseconds", latency?.p90.count),
            ("\(name)_p99_nanoseconds", latency?.p99.count),
        ]
    }

    /// - Parameter target: of the result, whose limit is the one on the first token.
    static func fetch(
        _ database: Database, of result: Int64, target: LatencyTarget
    ) throws -> TokenLevelFigures? {
        let found = try Row.fetchOne(
            database, sql: "SELECT * FROM \(table) WHERE result_id = ?", arguments: [result])
        guard let found else { return nil }
        let row = StoredRow(found, table: table, label: "\(result)")
        return TokenLevelFigures(
            targets: TokenTargets(
                firstToken: target.limit.seconds,
                outputToken: try row.optionalNumber("output_token_limit_seconds"),
                endToEnd: try row.optionalNumber("end_to_end_limit_seconds")),
            firstToken: try latency(row, "first_token"), outputToken: try latency(row, "output_token"),
            endToEnd: try latency(row, "end_to_end"), promptTokens: try row.count("prompt_tokens"),
            outputTokens: try row.count("output_tokens"), preemptions: try row.count("preemptions"),
            restarted: try row.count("restarted_requests"), played: try row.time("played_nanoseconds"),
            energy: try row.quantity("energy_joules"))
    }

    private static func latency(
        _ row: StoredRow, _ name: String
    ) throws(StoreError) -> TokenLevelFigures.Latency? {
        guard let mean = try row.optionalTime("\(name)_mean_nanoseconds") else { return nil }
        return TokenLevelFigures.Latency(
            mean: mean, p50: try row.time("\(name)_p50_nanoseconds"),
            p90: try row.time("\(name)_p90_nanoseconds"), p99: try row.time("\(name)_p99_nanoseconds"))
    }
}
