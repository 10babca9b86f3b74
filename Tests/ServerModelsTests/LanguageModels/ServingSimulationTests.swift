import Catalog
import Foundation
import Quantities
import Randomness
import ServerModels
import Simulation
import TestSupport
import Testing
import Vocabulary

/// Clusters from their description to an outcome.
@Suite struct ServingSimulationTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog(directory: Repository.workloads) }

    private func cluster(_ name: String) throws -> ServingCluster {
        try catalog.servingCluster(at: "\(Repository.workloads)/llm/\(name).yaml")
    }

    private func outcome(_ cluster: ServingCluster, count: Int, rate: Double? = nil) throws -> ServingOutcome
    {
        var workload = try #require(cluster.workload)
        workload.count = count
        return try ServingSimulation(cluster).outcome(workload, rate: rate, seed: cluster.seed)
    }

    @Test func wordsOfDescriptionsAreThoseOfTheSimulation() {
        #expect(BatchingRule.allCases.allSatisfy { BatchingPolicy($0).rawValue == $0.rawValue })
        #expect(BatchingPolicy.allCases.count == BatchingRule.allCases.count)
        #expect(RoutingRule.allCases.allSatisfy { TokenRouter($0).rawValue == $0.rawValue })
        #expect(TokenRouter.allCases.count == RoutingRule.allCases.count)
        #expect(EngineRules.Role.allCases.allSatisfy { EngineRole($0).rawValue == $0.rawValue })
        #expect(LossRule.allCases.allSatisfy { FailureRule($0).rawValue == $0.rawValue })
        #expect(TierLoading.allCases.allSatisfy { TierChoice($0).rawValue == $0.rawValue })
    }

    @Test func everyShippedClusterServes() throws {
        for name in try catalog.servingClusterNames() { try serves(name) }
    }

    private func serves(_ name: String) throws {
        let cluster = try cluster(name)
        let one = try outcome(cluster, count: 200)
        #expect(one.rejected == 0 && one.arrived >= 200)
        #expect(try outcome(cluster, count: 200) == one, "the same seed gives the same outcome")
        #expect(one.outputTokens > 200 && (one.hitShare ?? 1) < 1)
    }

    @Test func pipelinesAreWalkedByTheirClasses() throws {
        let cluster = try cluster("rag")
        let found = try outcome(cluster, count: 400)
        func taken(_ pipeline: String, _ stage: String) -> Int {
            found.stages.first { $0.pipeline == pipeline && $0.name == stage }?.time?.count ?? 0
        }
        let questions = taken("question", "answer")
        #expect(questions > 200 && taken("question", "rerank") == questions)
        #expect(taken("chat", "answer") > 20)
        #expect(found.stations.map(\.name) == ["front", "embedder", "index", "reranker"])
        #expect(found.stations.allSatisfy { $0.served > 0 && $0.busyShare < 1 })
        // The way of a question holds its stages and the passages.
        let answer = try #require(found.classes.first { $0.name == "question" }?.firstToken)
        let chat = try #require(found.classes.first { $0.name == "chat" }?.firstToken)
        #expect(answer.p50 > chat.p50 + 0.02)
    }

    @Test func parallelThoughtsShareTheirPrompts() throws {
        var cluster = try cluster("reasoning")
        cluster.workload?.warmUpSeconds = 0
        let found = try outcome(cluster, count: 150)
        cluster.pools[0].engines[0].keepsPrefixes = false
        #expect((found.hitShare ?? 0) > 0.5)
        #expect(try outcome(cluster, count: 150).hitShare == 0)
    }

    @Test func aLargeModelSeesTheHardestOfACascade() throws {
        var cluster = try cluster("cascade")
        cluster.workload?.warmUpSeconds = 0
        let found = try outcome(cluster, count: 1000)
        let stages = Dictionary(uniqueKeysWithValues: found.stages.map { ($0.name, $0) })
        let (draft, answer) = (try #require(stages["draft"]), try #require(stages["answer"]))
        let share = Double(answer.time?.count ?? 0) / Double(draft.time?.count ?? 1)
        #expect(abs(share - 0.33) < 0.06)
        #expect(answer.skipped + (answer.time?.count ?? 0) == draft.time?.count)
    }

    @Test func turnsOfConversationsAreFoundInTheCache() throws {
        let found = try outcome(try cluster("conversations"), count: 200)
        #expect(found.arrived > 600, "conversations go on")
        #expect((found.hitShare ?? 0) > 0.5)
    }

    @Test func moreLoadIsNeverFaster() throws {
        var cluster = try cluster("chat")
        cluster.workload?.warmUpSeconds = 0
        let times = try [1.0, 4, 8, 16].map {
            try #require(try outcome(cluster, count: 400, rate: $0).all.endToEnd).mean
        }
        #expect(times == times.sorted())
    }

    @Test func aFasterCardIsNeverSlower() throws {
        var cluster = try cluster("chat")
        let slow = try #require(try outcome(cluster, count: 300).all.endToEnd).mean
        let device = try catalog.device(.accelerator, "h100-sxm5-80gb")
        for index in cluster.pools[0].engines.indices { cluster.pools[0].engines[index].device = device }
        #expect(try #require(try outcome(cluster, count: 300).all.endToEnd).mean < slow)
    }

    @Test func aModelThatDoesNotFitSaysWhatIsMissing() throws {
        var cluster = try cluster("chat")
        cluster.pools[0].model = try catalog.languageModel(named: "llama-3.1-70b")
        cluster.pools[0].engines[0].blocks = nil
        let fault = #expect(throws: ServingSimulation.Fault.self) { try ServingSimulation(cluster) }
        let text = fault.map { "\($0)" } ?? ""
        #expect(text.contains("GB of an accelerator's memory are missing"))
        #expect(text.contains("tensor_parallel 8"), "\(text)")
    }

    @Test func headsThatCannotBeSharedAreRefused() throws {
        var cluster = try cluster("chat")
        cluster.pools[0].engines[0].rules = EngineRules(tensorParallel: 3, sequencesMax: 8, tokenBudget: 64)
        let fault = #expect(throws: ServingSimulation.Fault.self) { try ServingSimulation(cluster) }
        #expect(fault.map { "\($0)" }?.contains("multiple of the 3") == true)
    }

    /// Worked out by hand: 15.0 GB of weights over 0.8 of 1,008 GB/s, and 128 KiB a token after that.
    @Test func aStepOfOneSequenceReadsWeightsAndCache() throws {
        let device = try catalog.device(.accelerator, "geforce-rtx-4090")
        let model = try catalog.languageModel(named: "llama-3.1-8b")
        let law = try TokenStepLaw(
            model: model, device: device, rules: EngineRules(sequencesMax: 8, tokenBudget: 64)
        ).law(StepConstants(arithmetic: 0.5, bandwidth: 0.8, origin: .assumed))
        let line = StepLaw.linear(law).decodeLine(sequences: 1, context: 0)
        let weights = (model.layerWeights + model.outputWeights) * 2
        let bandwidth = 0.8 * 1008e9
        let base = Double(line.base) / 1e12
        let slope = Double(line.slope) / 1e12
        #expect(abs(base - weights / bandwidth) < 1e-9)
        #expect(abs(slope - 131_072 / bandwidth) < 1e-12)
    }

    @Test(arguments: [0.3, 1, 2.5])
    func gapsHaveTheBurstinessAskedFor(burstiness: Double) {
        let part = TokenWorkload.Class(name: "a", prompt: .fixed(1), output: .fixed(1))
        let workload = TokenWorkload(
            content: .drawn([part], ratePerSecond: 4, burstiness: burstiness), count: 200_000)
        var source = TokenWorkloadSource(workload, contextMax: 64, seed: 3)
        var (gaps, last): ([Double], Double) = ([], 0)
        while let request = source.next() {
            gaps.append(request.arrival.seconds - last)
            last = request.arrival.seconds
        }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        let ratio = variance.squareRoot() / mean / burstiness
        #expect(abs(mean * 4 - 1) < 0.03)
        #expect(abs(ratio - 1) < 0.05)
    }

    /// The published run on the RTX 4090 with its kernel times: 195 preemptions were counted there.
    @Test(.enabled(if: Repository.hasSharedData, Repository.sharedDataComment))
    func aMeasuredRunIsMetWithinTheBars() throws {
        let folder = "\(Repository.sharedData)/llmservingsim/RTX4090/Llama-3.1-8B"
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: path) }
        let engine = "{device: geforce-rtx-4090, blocks: 2588, kernel_times: \(folder)}"
        try "id: run\nmodel: llama-3.1-8b\nengines: [\(engine)]\n"
            .write(to: path, atomically: true, encoding: .utf8)
        let found = StepCalibration(
            try ServingSimulation(try catalog.servingCluster(at: path.path)),
            requests: try RequestLogReader.requests(at: "\(folder)/requests.jsonl")
        ).comparison()
        #expect(found.requests == 300)
        for latency in [found.firstToken, try #require(found.outputToken), found.endToEnd] {
            #expect(abs(latency.mean.error) < 0.03 && abs(latency.p99.error) < 0.05)
        }
        #expect(found.endToEnd.absoluteError < 0.02)
        #expect((180...210).contains(found.preemptions))
    }
}
