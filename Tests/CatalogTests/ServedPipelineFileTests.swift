import Catalog
import Files
import Quantities
import TestSupport
import Testing
import Vocabulary

/// Pipelines of a scenario as a person writes them, rightly and wrongly.
@Suite struct ServedPipelineFileTests {
    private func scenario(_ pipelines: String) throws -> Scenario {
        let copy = try WorkingCopy(ofWorkloads: true)
        let path = try write(pipelines, to: copy)
        return try Catalog(forScenarioAt: path).scenario(at: path, host: nil).scenario
    }

    private func refusal(_ pipelines: String) throws -> String? {
        let copy = try WorkingCopy(ofWorkloads: true)
        let path = try write(pipelines, to: copy)
        return message(without: copy.path) {
            _ = try Catalog(forScenarioAt: path).scenario(at: path, host: nil)
        }
    }

    private func write(_ pipelines: String, to copy: WorkingCopy) throws -> String {
        let text = """
            id: s
            models: [ncf, wnd, rm1]
            fleet: {cpu-t1: 2}
            pipelines:
            \(pipelines)

            """
        try copy.write(text, to: "scenarios/s.yaml")
        return "\(copy.path)/scenarios/s.yaml"
    }

    private static func feed(_ stages: String, rest: String = "") -> String {
        "  feed: {latency_limit_ms: 80, latency_quantile: 0.9, stages: [\(stages)]\(rest)}"
    }

    @Test func stagesComeAfterTheOneAboveUnlessTheySay() throws {
        let read = try scenario(
            Self.feed(
                "{name: a, model: ncf}, {name: b, model: wnd, visits: 0.5}, "
                    + "{name: c, model: ncf, after: [a]}, {name: d, model: ncf, after: []}, "
                    + "{name: e, model: rm1, after: [c, b], visits: 3}"))
        let pipeline = try #require(read.pipelines?.first)
        #expect(pipeline.id == "feed" && pipeline.target.limit == Nanoseconds(milliseconds: 80))
        #expect(pipeline.target.quantile == Quantile(0.9))
        #expect(pipeline.stages.map(\.after) == [[], [0], [0], [], [1, 2]])
        #expect(pipeline.stages.map(\.visits) == [1, 0.5, 1, 1, 3])
        #expect(pipeline.stages.map(\.model) == ["ncf", "wnd", "ncf", "ncf", "rm1"])
        #expect((0..<5).filter(pipeline.isLast) == [3, 4])
    }

    @Test(arguments: [
        ("  feed: {latency_quantile: 0.9, stages: [{name: a, model: ncf}]}", "latency_limit_ms"),
        (
            "  feed: {latency_limit_ms: 80, latency_quantile: 1, stages: [{name: a, model: ncf}]}",
            "latency_quantile"
        ),
        (feed(""), "stages"),
        (feed("{name: a}"), "model"),
        (feed("{name: a, model: ncg}"), "did you mean 'ncf'"),
        (feed("{name: a, model: ncf}, {name: a, model: wnd}"), "name"),
        (feed("{name: a, model: ncf, visits: 0}"), "visits"),
        (feed("{name: a, model: ncf, visits: 65}"), "at most 64"),
        (feed("{name: a, model: ncf, after: [b]}, {name: b, model: wnd}"), "an earlier stage"),
        (feed("{name: a, model: ncf}, {name: b, model: wnd, after: [a, a]}"), "each stage once"),
        (feed((0..<9).map { "{name: s\($0), model: ncf}" }.joined(separator: ", ")), "8"),
        (feed("{name: a, model: ncf}").replacing("feed:", with: "ncf:"), "no model's"),
        ("  {}", "pipelines"),
        (feed("{name: a, model: ncf}") + "\ntasks: {t: {variants: [ncf]}}", "no pipelines beside tasks"),
    ])
    func whatIsWrongIsNamed(pipelines: String, words: String) throws {
        let found = try refusal(pipelines)
        #expect(found?.contains(words) == true, "\(found ?? "no error")")
        #expect(found?.hasPrefix("scenarios/s.yaml:") == true, "\(found ?? "no error")")
    }

    @Test func theShippedPipelineIsReadWithItsTrace() throws {
        let path = "\(Repository.workloads)/scenarios/assistant.yaml"
        let scenario = try Catalog(forScenarioAt: path).scenario(at: path, host: nil).scenario
        let pipeline = try #require(scenario.pipelines?.first)
        #expect(pipeline.stages.count == 4)
        // Loads are the pipeline's, and no stage's.
        #expect(scenario.trace?.models == [pipeline.id])
    }
}
