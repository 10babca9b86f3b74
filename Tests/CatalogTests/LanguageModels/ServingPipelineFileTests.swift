import Catalog
import Files
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Pools, stations and pipelines of clusters in files.
@Suite struct ServingPipelineFileTests {
    private static let head = """
        id: x
        pools:
          - {name: small, model: llama-3.1-8b, engines: [{device: l4}]}
          - {name: large, model: llama-3.1-70b-fp8, engines: [{device: h200-sxm-141gb}], router: least-work}
        stations:
          - {name: index, servers: 4, ms: {exponential: {mean: 12}}, item_ms: 0.5, source: assumed}

        """

    private func read(_ rest: String, head: String = head) throws -> ServingCluster {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pipelines-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "x.yaml")
        try (head + rest).write(to: path, atomically: true, encoding: .utf8)
        return try Catalog(directory: Repository.workloads).servingCluster(at: path.path)
    }

    private func refused(_ rest: String, head: String = head) -> String {
        do {
            _ = try read(rest, head: head)
            return "nothing"
        } catch {
            return "\(error)"
        }
    }

    @Test func stagesComeAfterTheOneAboveUnlessTheySay() throws {
        let cluster = try read(
            """
            pipelines:
              - stages:
                  - {name: look, station: index, items: 20}
                  - {name: draft, engines: small, after: [], keeps: none, output: 40}
                  - name: answer
                    engines: [{prompt_max: 2000, engines: small}, {engines: large}]
                    after: [look, draft]
                    adds: {uniform: {lower: 100, upper: 300}}
                    back: {to: answer, times: 2}
            """)
        let stages = cluster.pipelines[0].stages
        #expect(stages.map(\.after) == [[], [], ["look", "draft"]])
        guard case .call(let call) = stages[2].work else {
            Issue.record("no call")
            return
        }
        #expect(call.targets == [.init(pool: "small", promptMax: 2000), .init(pool: "large")])
        #expect(call.addedTokens == .uniform(lower: 100, upper: 300))
        #expect(stages[2].loop == .init(stage: "answer", times: .fixed(2)))
        #expect(stages[0].work == .station("index", items: .fixed(20)))
        #expect(cluster.stations[0].milliseconds == .exponential(mean: 12))
        #expect(cluster.pools.map(\.router) == [.leastRequests, .leastWork])
    }

    @Test(arguments: [
        ("[{name: a, engines: none}]", "none"), ("[{name: a, station: index}]", "no stage with engines"),
        ("[{name: a}]", "no work"), ("[{name: a, engines: small, station: index}]", "engines beside station"),
        ("[{name: a, engines: small, items: 2}]", "items beside engines"),
        ("[{name: b, engines: small}, {name: a, station: index, copies: 2}]", "copies beside station"),
        ("[{name: a, engines: small, after: b}]", "b"),
        ("[{name: a, engines: small}, {name: a, engines: small}]", "a second time"),
        ("[{name: a, engines: small, share: 1.5}]", "1.5"),
        ("[{name: a, engines: small, share: 0.5, hardest: 0.5}]", "hardest beside share"),
        ("[{name: a, engines: small, adds: {uniform: {lower: 3, upper: 2}}}]", "2"),
        ("[{name: a, engines: small, adds: {}}]", "no distribution"),
        ("[{name: a, engines: [{engines: small}, {engines: large}]}]", "no prompt_max"),
        ("[{name: a, engines: [{engines: small, prompt_max: 9}]}]", "prompt_max of the last item"),
        ("[{name: a, engines: small, pause: 3}]", "pause"),
        ("[{name: a, engines: small, back: {to: b, times: 1}}]", "b"),
    ])
    func aWrongStageIsNamed(stages: String, word: String) {
        let text = refused("pipelines: [{stages: \(stages)}]")
        #expect(text.contains("x.yaml:") && text.contains(word), "\(text)")
    }

    @Test func everyWrongStageIsToldInOneRun() {
        let text = refused("pipelines: [{stages: [{name: a}, {name: b, engines: none}]}]")
        #expect(text.contains("no work") && text.contains("none"), "\(text)")
    }

    @Test func poolsAndClassesAreNotGivenTwice() {
        let pool = "{name: a, model: llama-3.1-8b, engines: [{device: l4}]}"
        #expect(refused("", head: "id: x\npools: [\(pool), \(pool)]\n").contains("a second time"))
        #expect(
            refused("", head: "id: x\npools: [\(pool)]\nrouter: random\n").contains("router beside pools"))
        #expect(refused("", head: "id: x\npools: [{name: a, engines: [{device: l4}]}]\n").contains("model"))
        let stage = "stages: [{name: a, engines: small}]"
        let twice = refused("pipelines: [{\(stage)}, {\(stage)}]")
        #expect(twice.contains("a second pipeline without classes"), "\(twice)")
        let named = refused("pipelines: [{\(stage), classes: [chat]}]")
        #expect(named.contains("a workload with classes"), "\(named)")
    }

    @Test func predictionsAreOneOfTwo() throws {
        #expect(try read("predicted_lengths: {error_sigma: 0.5}").predicted == .error(sigma: 0.5))
        #expect(try read("predicted_lengths: {mean_tokens: 90}").predicted == .mean(90))
        #expect(refused("predicted_lengths: {mean_tokens: 90, error_sigma: 1}").contains("error_sigma"))
    }
}
