import Foundation
import Testing

/// Windows of a replay that play a language model token by token, through the command.
@Suite struct LanguageWindowTests {
    private let workloads: SmallWorkloads

    init() throws {
        workloads = try SmallWorkloads()
        // The folder of models is a link to the shipped ones: this one is written beside copies of none.
        let models = workloads.folder.appendingPathComponent("Workloads/models")
        try FileManager.default.removeItem(at: models)
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        try workloads.write(
            "models/small-chat.yaml",
            """
            id: small-chat
            title: Short answers
            source: a test
            latency_quantile: 0.9
            latency_limit_ms: 1000
            query_sizes: {fixed_items: 1}
            language:
              config: llama-3.1-8b
              tpot_limit_ms: 100
              requests:
                - name: all
                  prompt: {fixed: 200}
                  output: {fixed: 24}
            """)
        try workloads.write("fleets/cards.yaml", "id: cards\nservers:\n  cpu-t3-l4-x4: 12\n")
        try workloads.write("scenarios/chat.yaml", Self.scenario(id: "chat", more: ""))
        // Ten minutes of low load, ten of high load, and again.
        let loads = [10, 40, 12, 38]
        let rows = ["time,small-chat"] + (0..<8).map { "\($0 * 600),\(loads[$0 / 2])" }
        try FileManager.default.removeItem(at: workloads.folder.appendingPathComponent("Workloads/traces"))
        try FileManager.default.createDirectory(
            at: workloads.folder.appendingPathComponent("Workloads/traces"),
            withIntermediateDirectories: true)
        try workloads.write("traces/steps.csv", rows.joined(separator: "\n"))
    }

    private static func scenario(id: String, more: String) -> String {
        """
        id: \(id)
        title: One language model on cards
        seed: 7
        models: [small-chat]
        fleet: cards
        trace:
          file: steps.csv
          time_column: time
          columns: {small-chat: small-chat}
          interval_seconds: 300
        search:
          method: gradient
          queries: 200
        replay:
          policies: [static, hercules]
          dynamics: {boot_seconds: 20, model_load_bytes_per_second: 2_000_000_000, drain_seconds: 30}
        \(more)
        """
    }

    private func results(
        _ arguments: [String]
    ) throws -> (output: String, errors: String, results: [[String: Any]]) {
        let run = try HerculesCommand.run(arguments, in: workloads.folder)
        #expect(run.status == 0, "\(run.errors)")
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        let window = try #require(object["requestLevel"] as? [String: Any])
        return (run.output, run.errors, try #require(window["results"] as? [[String: Any]]))
    }

    @Test func languageModelsArePlayedTokenByTokenAndStored() throws {
        let scenario = "Workloads/scenarios/chat.yaml"
        let search = try HerculesCommand.run(["search", scenario], in: workloads.folder)
        #expect(search.status == 0, "\(search.errors)")
        // Over a step of the load: servers start behind it and stop behind the next.
        let arguments = [
            "replay", scenario, "--request-level", "10m@15m", "--format", "json", "--omit-timing",
        ]
        let first = try results(arguments)
        #expect(first.results.map { $0["policy"] as? String } == ["static", "hercules"])
        #expect(first.results[0]["queries"] as? Int == first.results[1]["queries"] as? Int)
        for result in first.results {
            let tokens = try #require(result["tokens"] as? [String: Any])
            let ttft = try #require(tokens["ttft"] as? [String: Any])
            let (p50, p99) = (try #require(ttft["p50"] as? Double), try #require(ttft["p99"] as? Double))
            #expect(p50 > 0 && p50 <= p99)
            let attained = try #require(tokens["attainedFraction"] as? Double)
            let failed = try #require(result["failedFraction"] as? Double)
            #expect(abs(attained + failed - 1) < 1e-9)
            let output = try #require(tokens["outputTokens"] as? Int)
            #expect(output >= 24 * (try #require(result["queries"] as? Int)) && output.isMultiple(of: 24))
            let seconds = try #require(tokens["playedSeconds"] as? Double)
            let watts = try #require(tokens["watts"] as? Double)
            let each = try #require(tokens["joulesPerToken"] as? Double)
            #expect(watts > 0 && abs(each * Double(output) / (watts * seconds) - 1) < 1e-9)
        }
        // What is provisioned for the peak holds it, and draws more.
        let attained = first.results.compactMap { ($0["tokens"] as? [String: Any])?["attainedFraction"] }
        #expect(try #require(attained[0] as? Double) > 0.9)
        let second = try results(arguments)
        #expect(second.output == first.output && second.errors.contains("simulated before"))
        _ = try HerculesCommand.run(
            ["search", scenario, "--database", "other.sqlite"], in: workloads.folder)
        let other = try results(arguments + ["--database", "other.sqlite"])
        #expect(other.output == first.output)
        let text = try HerculesCommand.run(
            ["replay", scenario, "--request-level", "10m@15m"], in: workloads.folder)
        #expect(text.output.contains("Language models token by token"))
    }

    /// Requests that come at one rate and grow in the middle of the trace: the load does, and a window plays
    /// them as long as they are.
    @Test func lengthsThatChangeAreLoad() throws {
        let scenario = "Workloads/scenarios/chat.yaml"
        var rows = ["TIMESTAMP,ContextTokens,GeneratedTokens"]
        for second in 0..<1200 {
            for part in 0..<8 {
                let time = String(format: "2024-05-10 00:%02d:%02d.%d", second / 60, second % 60, part)
                rows.append("\(time),\(second < 600 ? "200,24" : "400,72")")
            }
        }
        try rows.joined(separator: "\n").write(
            to: workloads.folder.appendingPathComponent("drift.csv"), atomically: true, encoding: .utf8)
        let search = try HerculesCommand.run(["search", scenario], in: workloads.folder)
        #expect(search.status == 0, "\(search.errors)")
        func window(_ start: String) throws -> (queries: Int, outputs: Int, seconds: Double, text: String) {
            let found = try results([
                "replay", scenario, "--trace", "drift.csv", "--layout", "azure_llm", "--interval-seconds",
                "60",
                "--request-level", "60s@\(start)", "--policies", "static", "--format", "json",
            ])
            let result = found.results[0]
            let tokens = try #require(result["tokens"] as? [String: Any])
            return (
                try #require(result["queries"] as? Int), try #require(tokens["outputTokens"] as? Int),
                try #require(tokens["playedSeconds"] as? Double), found.output
            )
        }
        let (early, late) = (try window("5m"), try window("15m"))
        // Eight a second either way.
        #expect(abs(Double(early.queries) - 480) < 110 && abs(Double(late.queries) - 480) < 110)
        #expect(early.outputs.isMultiple(of: 24) && late.outputs.isMultiple(of: 72))
        let each = Double(late.outputs) / late.seconds / (Double(early.outputs) / early.seconds)
        #expect(each > 2 && each < 4, "three times the tokens, \(each)")
        #expect(late.text != early.text)
        let text = try HerculesCommand.run(
            [
                "replay", scenario, "--trace", "drift.csv", "--layout", "azure_llm", "--interval-seconds",
                "60",
                "--policies", "static",
            ], in: workloads.folder)
        #expect(text.output.contains("requests of the trace change in length"), "\(text.output)")
    }

    @Test func aScenarioNamesItsWindow() throws {
        try workloads.write(
            "scenarios/window.yaml", Self.scenario(id: "window", more: "  request_level: 60s@peak"))
        let run = try HerculesCommand.run(
            ["run", "Workloads/scenarios/window.yaml", "--format", "json"], in: workloads.folder)
        #expect(run.status == 0, "\(run.errors)")
        let replay = try results(["replay", "Workloads/scenarios/window.yaml", "--format", "json"])
        #expect(replay.errors.contains("simulated before") && replay.results.count == 2)
        try workloads.write(
            "scenarios/wrong.yaml", Self.scenario(id: "wrong", more: "  request_level: 60@noon"))
        let wrong = try HerculesCommand.run(
            ["replay", "Workloads/scenarios/wrong.yaml"], in: workloads.folder)
        #expect(wrong.status != 0)
        #expect(wrong.errors.contains("a duration and a start, like 2h@peak"), "\(wrong.errors)")
    }
}
