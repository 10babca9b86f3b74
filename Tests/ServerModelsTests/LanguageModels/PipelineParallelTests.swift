import Catalog
import Quantities
import ServerModels
import TestSupport
import Testing
import Vocabulary

/// Engines whose accelerators hold successive layers, among those that a search chooses from.
@Suite struct PipelineParallelTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog(directory: Repository.workloads) }

    private func server(
        _ name: String, on type: ServerTypeID, layers: Int? = nil, laws: String? = nil, queries: Int = 250
    ) throws -> LanguageServerModel {
        var shape = try catalog.languageModel(named: name)
        if let layers { shape.layers = layers }
        let model = Model(
            id: "m", title: "m", source: "a test",
            kind: .language(
                TokenService(
                    shape: shape,
                    classes: [
                        TokenWorkload.Class(name: "all", prompt: .fixed(512), output: .fixed(128))
                    ], laws: try laws.map(catalog.tokenLaws) ?? [])),
            latencyTarget: LatencyTarget(quantile: Quantile(0.9), limit: Nanoseconds(seconds: 60)),
            querySizes: .fixed(1))
        return try LanguageServerModel(
            model, on: try catalog.serverType(type),
            settings: ServerModelSettings(batches: [1], queries: .exactly(queries), seed: 1))
    }

    private func rules(_ server: LanguageServerModel) -> [EngineRules] {
        server.space(within: ServiceLimits(target: server.model.latencyTarget)).schedules
            .compactMap(\.engineRules)
    }

    private func degrees(_ server: LanguageServerModel) -> Set<[Int]> {
        Set(rules(server).map { [$0.tensorParallel, $0.pipelineParallel] })
    }

    private func schedule(_ tensor: Int, _ pipeline: Int, sequences: Int = 64) -> Schedule {
        .engine(
            EngineRules(
                tensorParallel: tensor, pipelineParallel: pipeline, sequencesMax: sequences,
                tokenBudget: 2048))
    }

    /// Whole engines fill the box, and stages hold equally many layers.
    @Test func degreesDivideAcceleratorsAndLayers() throws {
        #expect(
            degrees(try server("llama-3.1-8b", on: "dgx-a100-80gb")) == [
                [1, 1], [2, 1], [4, 1], [8, 1], [1, 2], [2, 2], [4, 2], [1, 4], [2, 4],
            ])
        #expect(
            degrees(try server("llama-3.1-8b", on: "dgx-a100-80gb", layers: 30)) == [
                [1, 1], [2, 1], [4, 1], [8, 1], [1, 2], [2, 2], [4, 2],
            ])
        #expect(
            degrees(try server("llama-3.1-8b", on: "dgx-a100-80gb", layers: 31)).allSatisfy { $0[1] == 1 })
    }

    /// A model that one card does not hold fits a pipeline of them.
    @Test func layersOfSeveralCardsMakeRoom() throws {
        let server = try server("llama-3.1-70b-fp8", on: "cpu-t3-l40s-x4")
        let found = degrees(server)
        #expect(!found.contains([1, 1]) && found.contains([1, 4]) && found.contains([2, 2]))
        let limits = ServiceLimits(target: server.model.latencyTarget)
        let broken = server.constraints(within: limits).broken(by: schedule(1, 1))
        #expect(broken.map(\.title) == ["device memory"])
        let small = try self.server("llama-3.1-70b-fp8", on: "cpu-t3-l4-x4")
        let lacking = small.constraints(within: limits).broken(by: schedule(2, 2))
        #expect(lacking.first?.detail().contains("of the 4 accelerators") != false)
    }

    /// Fitted step times are not compared with those of a data sheet.
    @Test func pipelinesAreMadeOfDegreesThatWereFitted() throws {
        let found = degrees(
            try server("llama-3.1-70b-fp8", on: "dgx-h100", laws: "llama-3.1-70b-fp8-vllm"))
        #expect(Set(found.filter { $0[1] > 1 }) == Set([[2, 2], [4, 2], [2, 4]]))
    }

    /// A pipeline of two does about as much as two engines, less what bubbles and sends take, and a request
    /// alone is no faster in it.
    @Test func aPipelineServesManyRequestsAndHastensNone() throws {
        let server = try server("llama-3.1-8b", on: "dgx-a100-80gb")
        let limits = ServiceLimits(target: server.model.latencyTarget)
        let one = try server.evaluate(schedule(1, 1, sequences: 64), within: limits)
        let two = try server.evaluate(schedule(1, 2, sequences: 128), within: limits)
        let ratio = two.throughput / one.throughput
        #expect(ratio > 0.6 && ratio < 1.2, "\(ratio)")
        // The prior knows that as many batches as stages are under way.
        let prior = try #require(server.prior(within: limits))
        let believed = prior.estimate(schedule(1, 2, sequences: 128)) / prior.estimate(schedule(1, 1))
        #expect(believed > 0.8 && believed < 1.3, "\(believed)")
        // With one request in each engine at a time a pipeline of two has half of its stages idle.
        let alone = try server.evaluate(schedule(1, 2, sequences: 1), within: limits)
        let whole = try server.evaluate(schedule(1, 1, sequences: 1), within: limits)
        #expect(alone.throughput < whole.throughput * 0.6)
    }

    /// Stages that wait for one another draw less than accelerators that are always busy.
    @Test func bubblesAreNotBusy() throws {
        let server = try server("llama-3.1-8b", on: "dgx-a100-80gb", queries: 150)
        let (idle, peak) = (server.serverType.power.idle, server.serverType.power.peak)
        let limits = ServiceLimits(target: server.model.latencyTarget)
        let found = try [schedule(1, 2, sequences: 1), schedule(1, 1, sequences: 1)].map {
            try server.evaluate($0, within: limits).power
        }
        #expect(found.allSatisfy { $0 > idle && $0 <= peak })
        let added = found.map { ($0 - idle).value }
        #expect(added[0] < added[1] * 0.75, "\(added)")
    }
}
