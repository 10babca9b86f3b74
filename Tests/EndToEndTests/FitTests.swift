import Foundation
import Testing

/// Curves through imported figures, from the command.
@Suite struct FitTests {
    private let workloads: SmallWorkloads

    init() throws {
        workloads = try SmallWorkloads()
        // Tokens/s double with the requests in flight until 8; from 16 on the time per token breaks 25 ms.
        let header =
            """
            model,server,concurrency,throughput,throughput_unit,ttft_ms,tpot_ms,output_tokens,watts,\
            watts_scope,
            """
            + "watts_provenance\n"
        let rows = [
            (1, 100, 50, 10), (2, 200, 60, 11), (4, 400, 80, 12), (8, 800, 120, 20), (16, 900, 400, 40),
        ]
        .map { "m,box,\($0.0),\($0.1),tokens,\($0.2),\($0.3),100,\(100 + $0.1 / 10),device,metered\n" }
        try Data((header + rows.joined()).utf8)
            .write(to: workloads.folder.appendingPathComponent("figures.csv"))
        let run = try HerculesCommand.run(
            ["import", "csv", "figures.csv", "--source", "ours"], in: workloads.folder)
        #expect(run.status == 0, "\(run.errors)")
    }

    private func rows(_ arguments: String...) throws -> [[String: Any]] {
        let run = try HerculesCommand.run(arguments + ["--format", "json"], in: workloads.folder)
        #expect(run.status == 0, "\(run.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
    }

    @Test func eachSourceHasTheErrorsOfItsCurves() throws {
        let found = try rows("fit", "errors")
        let curves = found.compactMap { $0["curve"] as? String }
        #expect(curves == ["throughput over concurrency", "watts over throughput"])
        #expect(found.allSatisfy { $0["source"] as? String == "ours" && $0["points"] as? Int == 5 })
        #expect(found.allSatisfy { $0["leftOut"] as? Int == 3 }, "the two ends cannot be left out")
        let watts = try #require(found[1]["errorMedianFraction"] as? Double)
        #expect(watts < 0.01, "watts lie on a line")
        let rate = try #require(found[0]["errorP90Fraction"] as? Double)
        #expect(rate > 0.01, "the knee is not found without its point")
    }

    @Test(arguments: [
        // Between 8 and 16 in flight the time per output token reaches 25 ms.
        ("1000", "25", 800.0...900.0, "output token"), ("100", "1000", 400.0...800.0, "first token"),
        ("1000", "1000", 900.0...900.0, "the most measured"),
        ("10", "1000", 0.0...0.0, "first token at the least load"),
    ])
    func ratesKeepToBothTargets(first: String, output: String, range: ClosedRange<Double>, limit: String)
        throws
    {
        let found = try rows("fit", "rates", "--first-token-ms", first, "--output-token-ms", output)
        let row = try #require(found.first)
        #expect(found.count == 1 && row["limit"] as? String == limit)
        #expect(range.contains(try #require(row["tokensPerSecond"] as? Double)), "\(row)")
    }
}
