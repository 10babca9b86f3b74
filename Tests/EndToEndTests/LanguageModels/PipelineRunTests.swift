import Foundation
import Testing

/// A scenario with a pipeline, from its file to its plan and report.
@Suite struct PipelineRunTests {
    private let workloads: SmallWorkloads

    init() throws {
        workloads = try SmallWorkloads()
        try workloads.write(
            "scenarios/feed.yaml",
            """
            id: feed
            models: [ncf, wnd]
            fleet: {cpu-t1: 8}
            pipelines:
              feed:
                latency_limit_ms: 60
                latency_quantile: 0.95
                stages:
                  - {name: find, model: ncf}
                  - {name: rank, model: wnd, visits: 0.5}
            trace:
              file: week.csv
              columns: {feed: feed}
              peak_queries_per_second: {feed: 300}
            search:
              batches: [256]
              queries: 200

            """)
    }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    private static let path = "Workloads/scenarios/feed.yaml"

    @Test func aPipelineIsPlannedToItsReport() throws {
        let words = ["plan", Self.path, "--format", "json", "--quiet"]
        let first = try HerculesCommand.run(words, in: workloads.folder)
        #expect(first.status == 0, "\(first.errors)")
        let plan = try #require(
            JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any])
        let pipeline = try #require((plan["pipelines"] as? [[String: Any]])?.first)
        // The peak of the trace, with the scenario's headroom of 10 %.
        #expect(abs(try #require(pipeline["qps"] as? Double) - 330) < 1e-6)
        #expect(try #require(pipeline["attained"] as? Double) > 0.9)
        let stages = try #require(pipeline["stages"] as? [[String: Any]])
        #expect(stages.map { $0["demand"] as? String } == ["feed.find", "feed.rank"])
        let bound = try #require(plan["boundWatts"] as? Double)
        #expect(bound > 0 && bound <= (plan["objectiveWatts"] as? Double ?? 0))
        #expect(try HerculesCommand.run(words, in: workloads.folder).output == first.output)
        let run = try hercules("run", Self.path, "--output", "feed.html", "--quiet")
        #expect(run.status == 0 && run.output.contains("Stages of feed"), "\(run.errors)")
        let html = try String(
            contentsOf: workloads.folder.appendingPathComponent("feed.html"), encoding: .utf8)
        #expect(html.contains("The search of splits"))
    }

    @Test func whatPipelinesHaveNoAnswerToIsRefused() throws {
        for words in [["--share-boxes"], ["--objective", "servers"], ["--sensitivity"], ["--pue", "1.2"]] {
            let outcome = try HerculesCommand.run(["plan", Self.path] + words, in: workloads.folder)
            #expect(
                outcome.status == 64 && outcome.errors.contains("leave out \(words[0])"), "\(outcome.errors)")
        }
        let replay = try hercules("replay", Self.path, "--quiet")
        #expect(replay.status == 1 && replay.errors.contains("planned and not replayed"), "\(replay.errors)")
        let unknown = try hercules("plan", Self.path, "--load", "ncf=5")
        #expect(unknown.status == 64 && unknown.errors.contains("expected one of feed"), "\(unknown.errors)")
        // A target that nothing keeps is a result.
        let path = workloads.folder.appendingPathComponent(Self.path)
        let text = try String(contentsOf: path, encoding: .utf8)
        try workloads.write(
            "scenarios/feed.yaml", text.replacingOccurrences(of: "limit_ms: 60", with: "limit_ms: 0.01"))
        let late = try hercules("plan", Self.path, "--quiet")
        #expect(late.status == 2 && late.errors.contains("feed.find"), "\(late.errors)")
    }
}
