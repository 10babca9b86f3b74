import Catalog
import Foundation
import Quantities
import ServerModels
import Simulation
import TestSupport
import Testing
import Vocabulary

/// What an engine of a cluster may have beside its rules, from its description to its figures.
@Suite struct EngineFeatureTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog(directory: Repository.workloads) }

    private func law(_ model: String, _ rules: EngineRules, _ link: AcceleratorLink?) throws -> LinearStepLaw
    {
        try TokenStepLaw(
            model: try catalog.languageModel(named: model),
            device: try catalog.device(.accelerator, "h100-sxm5-80gb"), rules: rules
        ).law(.assumed, interconnect: link)
    }

    private let link = AcceleratorLink(bandwidth: 100e9, latencySeconds: 1e-6, source: "a test")

    /// 80 layers, two all-reduces each, of 8,192 numbers of 16 bits a token, in a ring of four.
    @Test func allReducesTakeTheirTime() throws {
        let rules = EngineRules(tensorParallel: 4, sequencesMax: 8, tokenBudget: 64)
        let law = try law("llama-3.1-70b", rules, link)
        #expect(law.collectiveFixed == 160 * 6 * 1_000_000)
        let perToken: Double = 160 * 16_384 * 1.5 * 10
        #expect(Double(law.collectivePerToken) == perToken.rounded())
        #expect(try self.law("llama-3.1-70b", rules, nil).collectiveFixed == 0)
    }

    /// 48 layers of 128 experts, 8 of them active, over four cards: an all-to-all before and after each.
    @Test func expertsAreReachedByAllToAll() throws {
        let model = try catalog.languageModel(named: "qwen3-30b-a3b")
        let rules = EngineRules(expertParallel: 4, sequencesMax: 8, tokenBudget: 64)
        let law = try law("qwen3-30b-a3b", rules, link)
        let steps = Int64(2 * model.layers * 3)
        #expect(law.collectiveFixed == steps * 1_000_000)
        let vectors: Double = 2 * Double(model.layers) * 8 * 0.75 / 4
        let perToken: Double = vectors * 2 * Double(model.hidden) * 10
        #expect(Double(law.collectivePerToken) == perToken.rounded())
        // Four groups that repeat attention have room for more than four times the cache of one card.
        func blocks(_ rules: EngineRules) -> Int {
            CacheCapacity(model: model, memory: 80 * 1_073_741_824, share: 0.9, rules: rules, blockTokens: 16)
                .blocks
        }
        let one = blocks(EngineRules(sequencesMax: 8, tokenBudget: 64))
        #expect(blocks(rules) > 4 * one)
    }

    @Test func energyIsASumOverPhasesAndBatches() throws {
        let device = try catalog.device(.accelerator, "h100-sxm5-80gb")
        var engine = ServingEngine(
            device: device, rules: EngineRules(tensorParallel: 2, sequencesMax: 8, tokenBudget: 64),
            timing: .constants(.assumed), idleWatts: Watts(100), busyWatts: Watts(500))
        // 10 s: 2 s of reading, 1 s of one sequence, 3 s of four.
        func watts() -> Double? {
            engine.meanWatts(over: 10, reading: 2, generating: [0, 1, 0, 0, 3])?.value
        }
        #expect(watts() == 680)
        engine.power = ServingPower(
            law: .phases(reading: Watts(600), generating: Watts(300)), source: "a test")
        #expect(watts() == 560)
        // Half of the range at the midpoint of one sequence; at four, 1 / (1 + exp(-2)).
        engine.power = ServingPower(
            law: .logistic(range: Watts(300), steepness: 1, midpoint: 0), source: "a test")
        let above: Double = 600 + 150 + 900 / (1 + exp(-2.0))
        let expected: Double = 200 + above / 5
        let found = try #require(watts())
        #expect(abs(found - expected) < 1e-9)
        // 6 s of steps at 60 W above idle, and half of a second and two seconds at the whole peaks.
        engine.power = ServingPower(
            law: .mix(running: Watts(160), arithmetic: Watts(400), memory: Watts(300)), source: "a test")
        #expect(watts() == nil, "work that nobody states is not none")
        let work = ServingPower.PeakSeconds(arithmetic: 0.5, memory: 2)
        let mixed = engine.meanWatts(over: 10, reading: 2, generating: [0, 1, 0, 0, 3], work: work)?.value
        #expect(mixed == 432)
        engine.idleWatts = nil
        #expect(watts() == nil)
    }

    @Test(arguments: ["speculative", "pipeline-parallel"])
    func aShippedClusterServesWithItsFeatures(name: String) throws {
        var cluster = try catalog.servingCluster(at: "\(Repository.workloads)/llm/\(name).yaml")
        var workload = try #require(cluster.workload)
        workload.count = 200
        func time(_ cluster: ServingCluster) throws -> Double {
            let found = try ServingSimulation(cluster).outcome(workload, seed: 7)
            let joules = found.joulesPerToken ?? 0
            #expect(found.rejected == 0 && joules > 0)
            return try #require(found.all.outputToken).mean
        }
        let with = try time(cluster)
        if name == "speculative" {
            cluster.pools[0].engines[0].drafts = nil
            let without = try time(cluster)
            // 2.5 tokens a step, less the drafts' time.
            let gain = without / with
            #expect(gain > 1.7 && gain < 2.6)
        } else {
            cluster.pools[0].engines[0].interconnect = nil
            #expect(try time(cluster) < with)
        }
    }

    @Test(arguments: [
        ("speculative: {tokens: 3}", "acceptance"),
        ("speculative: {tokens: 3, acceptance: 1.5}", "acceptance"),
        ("speculative: {tokens: 9, acceptance: 0.5}, token_budget: 2048", "token_budget"),
        ("interconnect: {link_us: 3}", "link_gb_per_s"),
        ("async_scheduling: 3", "async_scheduling"),
        ("power_law: {range_watts: 3, reading_watts: 3}", "reading_watts"),
        ("power_law: {reading_watts: 3}", "generating_watts"),
        ("power_law: {running_watts: 3, compute_watts: 3, source: x}", "memory_watts"),
        ("power_law: {running_watts: 3, steepness: 3}", "steepness"),
    ])
    func aWrongFeatureIsNamed(rest: String, word: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("x.yaml")
        try "id: x\nmodel: llama-3.1-8b\nengines: [{device: l4, \(rest)}]\n"
            .write(to: path, atomically: true, encoding: .utf8)
        var text = "nothing was refused"
        do { _ = try catalog.servingCluster(at: path.path) } catch { text = "\(error)" }
        #expect(text.contains(word), "\(text)")
    }

    @Test func stagesAreRefusedWhereNobodyKnowsThem() throws {
        var cluster = try catalog.servingCluster(at: "\(Repository.workloads)/llm/pipeline-parallel.yaml")
        cluster.pools[0].engines[0].batching = .sglang
        let fault = #expect(throws: ServingSimulation.Fault.self) { try ServingSimulation(cluster) }
        #expect(fault.map { "\($0)" }?.contains("stages") == true)
    }
}
