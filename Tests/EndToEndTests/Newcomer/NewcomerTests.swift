import Foundation
import Testing

/// Three jobs as somebody does them who has never used the tool: from own files in an own folder, with the
/// number of commands that each takes.
@Suite struct NewcomerTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "newcomer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Runs commands one after the other; each ends with 0.
    /// - Returns: what the last one put out.
    private func run(atMost most: Int, _ commands: [String]) throws -> String {
        #expect(commands.count <= most)
        var last = ""
        for command in commands {
            let run = try HerculesCommand.run(
                command.split(separator: " ").map(String.init), in: folder,
                environment: ["HERCULES_CATALOGUE": HerculesCommand.repository.path + "/Workloads"])
            #expect(run.status == 0, "hercules \(command): \(run.errors)\(run.output)")
            last = run.output
        }
        return last
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    private func writeFleet() throws {
        try write(
            """
            model,server,throughput,throughput_unit,p95_ms,watts,watts_scope,watts_provenance
            ranker,box-a,1000,queries,20,380,system,metered
            ranker,box-b,4000,queries,15,850,system,metered
            feed,box-a,500,queries,40,390,system,metered

            """, to: "figures.csv")
        let rows = (0..<48).map { hour in
            "\(hour * 3600),\(4000 + 2000 * (hour % 24) / 24),\(1000 + 500 * (hour % 12) / 12)"
        }
        try write("time,ranker,feed\n" + rows.joined(separator: "\n") + "\n", to: "load.csv")
    }

    private static let fleet =
        "init fleet shop --figures figures.csv --trace load.csv --server box-a=20 --server box-b=4 "
        + "--watts box-a=90-400 --watts box-b=150-900"

    @Test func anOwnFleetFromOwnTablesTakesTwoCommands() throws {
        try writeFleet()
        let output = try run(atMost: 5, [Self.fleet, "run shop.yaml --format json"])
        let replay = try object(output)
        let policies = try #require(replay["policies"] as? [[String: Any]])
        let own = try #require(policies.first { $0["name"] as? String == "hercules" })
        #expect(own["meanServers"] as? Double ?? 0 > 0 && replay["intervals"] as? Int == 48)
        let report = try String(contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(report.contains("box-a") && report.contains("ranker"))
        // Nothing that is there is replaced.
        let again = try HerculesCommand.run(
            Self.fleet.split(separator: " ").map(String.init), in: folder)
        #expect(again.status == 64 && again.errors.contains("there already"), "\(again.errors)")
    }

    @Test func anOwnModelFileToItsBestScheduleAndAPlotTakesOneCommand() throws {
        let model = HerculesCommand.repository.appendingPathComponent(
            "Workloads/models/onnx/example-ranker.onnx")
        try FileManager.default.copyItem(at: model, to: folder.appendingPathComponent("ranker.onnx"))
        let output = try run(
            atMost: 1,
            [
                "search ranker.onnx --latency-target p95:2s --cell-seconds 0.2 --confirmation-seconds 0.3 "
                    + "--share-host --format json"
            ])
        let found = try #require(
            JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]], "\(output)")
        #expect(found.first?["model"] as? String == "ranker" && found.first?["qps"] as? Double ?? 0 > 0)
        #expect(found.first?["provenance"] as? String == "measured")
        let report = try String(contentsOf: folder.appendingPathComponent("ranker.html"), encoding: .utf8)
        #expect(report.contains("Latency against load"))
        // Later verbs go on from there.
        let next = try HerculesCommand.run(["report"], in: folder)
        #expect(next.status == 0 && next.output.contains("ranker"), "\(next.errors)")
    }

    @Test func servingResultsAndAPublishedTraceToAPlanTakeThreeCommands() throws {
        try write(
            """
            {"date": "20260101-000000", "model_id": "demo/tiny-chat", "request_rate": 8.0, \
            "completed": 1000, \
            "failed": 0, "total_input_tokens": 128000, "total_output_tokens": 64000, \
            "request_throughput": 7.9, \
            "output_throughput": 505.6, "mean_ttft_ms": 40.0, "mean_tpot_ms": 5.0, "mean_e2el_ms": 400.0, \
            "median_e2el_ms": 390.0, "p99_e2el_ms": 900.0}
            """, to: "vllm.json")
        let requests = (0..<600).map { second in
            String(format: "2023-11-16 18:%02d:%02d.0000000,374,44", 15 + second / 60, second % 60)
        }
        try write(
            "TIMESTAMP,ContextTokens,GeneratedTokens\n" + requests.joined(separator: "\n") + "\n",
            to: "azure.csv")
        let output = try run(
            atMost: 4,
            [
                "init llm chat --figures vllm.json --trace azure.csv --server gpu-box=6 "
                    + "--watts gpu-box=400-2200 --latency-target p99:2s",
                "search chat.yaml", "plan --format json",
            ])
        let plan = try object(output)
        let allocations = try #require(plan["allocations"] as? [[String: Any]])
        #expect(allocations.first?["server"] as? String == "gpu-box", "\(output)")
        #expect((plan["shortfall"] as? [Any])?.isEmpty == true)
    }

    @Test func whatIsMissingIsAskedForOrNamed() throws {
        try writeFleet()
        for (command, reason) in [
            ("init fleet shop", "found no --model or --figures"),
            ("init fleet shop --figures figures.csv", "found no --server"),
            ("init fleet --figures figures.csv --server box-a=1", "found no NAME"),
            (
                "init fleet shop --figures figures.csv --server box-a=1",
                "found 'box-a', expected types of the"
            ),
            ("init profile mine --model rm9", "did you mean 'rm1'?"),
            ("init model Mine", "lower-case letters"),
            ("init profile mine", "found no --model"),
        ] {
            let run = try HerculesCommand.run(
                command.split(separator: " ").map(String.init), in: folder,
                environment: ["HERCULES_CATALOGUE": HerculesCommand.repository.path + "/Workloads"])
            #expect(run.status == 64 && run.errors.contains(reason), "\(command): \(run.errors)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!names.contains { $0.hasSuffix(".yaml") || $0 == "models" }, "\(names)")
    }
}
