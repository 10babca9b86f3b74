import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

@Suite struct ShippedWorkloadsTests {
    let host = DetectedHost(cores: 6, memory: Bytes(12e9))

    /// What `models/configs/*.json` of DeepRecSys says, rewritten by hand from the files; see the models'
    /// comments for the two sequence models.
    @Test(arguments: [
        ("rm1", 128, [64, 32], 8 * 4_000_000, 32, 640, [256, 64, 1], 100.0),
        ("rm2", 256, [128, 64], 32 * 500_000, 64, 3840, [128, 64, 1], 400),
        ("rm3", 2560, [1024, 256, 32], 10 * 2_000_000, 32, 200, [512, 256, 1], 100),
        ("ncf", 0, [], 2 * 140_000 + 2 * 28_000, 64, 4, [256, 256, 128, 64, 64], 5),
        ("wnd", 512, [], 27 * 1_000_000, 32, 27, [1024, 512, 256, 1], 25),
        ("mtwnd", 512, [], 41 * 500_000 + 2 * 5_000_000, 32, 43, [1024, 512], 25),
        ("din", 0, [], 1_000_000 + 250 * 100_000 + 2 * 10_000_000, 32, 259, [200, 80, 2], 100),
        ("dien", 0, [], 41 * 500_000 + 2 * 5_000_000, 32, 43, [200, 80, 2], 35),
    ])
    func modelsAreShapedAsPublished(
        name: String, input: Int, dense: [Int], rows: Int, dimension: Int, lookups: Int, predict: [Int],
        limit: Double
    ) throws {
        let model = try Catalog(directory: Repository.workloads).model(ModelID(name))
        let graph = try #require(model.graph)
        let tables = graph.embeddingTables
        #expect(graph.denseInputWidth == input)
        #expect(graph.denseLayers == dense)
        #expect(tables.reduce(0) { $0 + $1.count * $1.rows } == rows)
        #expect(Set(tables.map(\.dimension)) == [dimension])
        #expect(tables.reduce(0) { $0 + $1.count * $1.lookups } == lookups)
        #expect(graph.predictLayers == predict)
        #expect(
            model.latencyTarget
                == LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: limit)))
        #expect(model.querySizes == .deepRecSys)
        #expect(model.source.contains("ISCA 2020") && model.source.contains("MIT"))
    }

    @Test func sequenceModelsHaveTheirSequence() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let din = try #require(try catalog.model("din").graph)
        #expect(din.sequence == SequenceLayer(kind: .attention, width: 1))
        #expect(din.embeddingTables.filter(\.isSequence).map(\.lookups) == [250])
        let dien = try #require(try catalog.model("dien").graph)
        #expect(dien.sequence == SequenceLayer(kind: .gru, width: 64))
        #expect(dien.embeddingTables.filter(\.isSequence).map(\.lookups) == [40])
        #expect(try catalog.model("mtwnd").graph?.taskLayers == [[256, 128], [256, 128]])
    }

    /// The figures of the JSON files themselves, where the machine has them.
    @Test(
        .enabled(if: Repository.hasSharedData, Repository.sharedDataComment),
        arguments: ["rm1", "rm2", "rm3", "ncf", "wnd", "mtwnd", "din", "dien"])
    func modelsAgreeWithTheUpstreamFiles(name: String) throws {
        let files = ["rm1": "dlrm_rm1", "rm2": "dlrm_rm2", "rm3": "dlrm_rm3", "wnd": "wide_and_deep"]
        let path = "\(Repository.sharedData)/deeprecsys/\(files[name] ?? name).json"
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
        func widths(_ key: String) throws -> [Int] {
            try #require(json[key] as? String).split(separator: "-").compactMap { Int($0) }
        }
        let graph = try #require(
            try Catalog(directory: Repository.workloads).model(ModelID(name)).graph)
        #expect(graph.predictLayers == (try widths("arch_mlp_top")))
        #expect(graph.embeddingTables.allSatisfy { $0.dimension == json["arch_sparse_feature_size"] as? Int })
        let bottom = try widths("arch_mlp_bot")
        if ["rm1", "rm2", "rm3", "wnd", "mtwnd"].contains(name) {
            #expect([graph.denseInputWidth] + graph.denseLayers == bottom)
            #expect(
                graph.embeddingTables.flatMap { Array(repeating: $0.rows, count: $0.count) }
                    == (try widths("arch_embedding_size")))
            #expect(
                graph.embeddingTables.allSatisfy { $0.lookups == json["num_indices_per_lookup"] as? Int })
        }
        if name == "din" {
            #expect(graph.sequence?.width == bottom.first)
            let behaviours = try #require(json["user_behavior_tables"] as? Int)
            let sizes = try widths("arch_embedding_size")
            #expect(graph.embeddingTables[1].lookups == behaviours)
            #expect(graph.embeddingTables[1].rows == behaviours * sizes[1])
            #expect(graph.embeddingTables[0].rows == sizes[0] && graph.embeddingTables[2].rows == sizes[2])
        }
    }

    @Test func everyFileLoads() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        for name in try catalog.modelNames() { _ = try catalog.model(ModelID(name)) }
        for name in try catalog.serverTypeNames() {
            _ = try catalog.serverType(ServerTypeID(name), host: host)
        }
        for name in try catalog.fleetNames() { _ = try catalog.fleet(name) }
        for name in try catalog.traceRecipeNames() { _ = try catalog.traceRecipe(name) }
        for name in try catalog.scenarioNames() {
            let path = "\(Repository.workloads)/scenarios/\(name).yaml"
            #expect(try Catalog(forScenarioAt: path).directory == catalog.directory)
            _ = try catalog.scenario(at: path, host: host)
        }
        let shaped = try catalog.modelNames().filter { try catalog.model(ModelID($0)).graph != nil }
        // Eight of DeepRecSys, and three stages of a pipeline before a language model.
        #expect(shaped.filter { !$0.hasPrefix("example-") }.count == 11)
        #expect(try catalog.serverTypeNames().count >= 12)
    }

    @Test func serverTypesAreComposedOfTheirDevices() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let old = try catalog.serverType("cpu-t1")
        #expect(
            old.processor
                == Processor(
                    cores: 20, peakPerCore: FlopsPerSecond(70.4e9), lastLevelCache: Bytes(50 * 1_048_576)))
        #expect(old.memory?.capacity == Bytes(8 * 32 * 1_073_741_824))
        #expect(abs((old.memory?.bandwidth.value ?? 0) - 136.56e9) < 1e3)
        #expect(old.nearMemory == nil && old.accelerator == nil && !old.isThisHost)

        let rich = try catalog.serverType("cpu-t2-nmp-x8-v100")
        #expect(rich.processor?.cores == 40)
        #expect(rich.nearMemory == NearMemory(rankParallelism: 8))
        #expect(rich.memory?.capacity == Bytes(48 * 32 * 1_073_741_824))
        #expect(rich.memory?.bandwidth == (try catalog.serverType("cpu-t2").memory?.bandwidth))
        let card = try #require(rich.accelerator)
        // In half precision, on its matrix units.
        #expect(
            card.peak == FlopsPerSecond(112e12) && card.memory == Bytes(16 * 1_073_741_824) && card.count == 1
        )
        #expect(card.launchOverhead == Nanoseconds(10_000))
        #expect(rich.power.acceleratorPeak == Watts(250) && rich.power.hostPeak == Watts(638))
        #expect(
            rich.sources.contains { $0.contains("RecNMP") } && rich.sources.contains { $0.contains("V100") })
    }

    /// Every whole-host figure follows from the parts that the file's sources lines name.
    @Test func powerFiguresAddUp() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        for name in try catalog.serverTypeNames()
        where name.hasPrefix("cpu-t1") || name.hasPrefix("cpu-t2") {
            let type = try catalog.serverType(ServerTypeID(name))
            let isOld = name.hasPrefix("cpu-t1")
            let modules = Double((isOld ? 8 : 12) * (type.nearMemory?.rankParallelism ?? 2) / 2)
            let module = type.nearMemory == nil ? (idle: 1.5, peak: 4.0) : (idle: 2, peak: 6)
            #expect(
                type.power.hostIdle.value == (isOld ? 40 + 50 : 60 + 60) + modules * module.idle, "\(name)")
            #expect(
                type.power.hostPeak.value == (isOld ? 170 + 80 : 250 + 100) + modules * module.peak, "\(name)"
            )
            #expect(type.sources.contains { $0.hasPrefix("Assumption, host power") }, "\(name)")
        }
    }

    @Test func thisHostScalesWithWhatIsDetected() throws {
        let type = try Catalog(directory: Repository.workloads).serverType("this-host", host: host)
        #expect(type.isThisHost)
        #expect(type.processor?.cores == 6 && type.memory?.capacity == Bytes(12e9))
        #expect(type.memory?.bandwidth == BytesPerSecond(36e9))
        #expect(type.power.idle == Watts(18) && type.power.peak == Watts(60))
        #expect(type.processor?.lastLevelCache == Bytes(9 * 1_048_576))
    }

    @Test func theQuickstartResolves() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let resolved = try catalog.scenario(
            at: "\(Repository.workloads)/scenarios/quickstart.yaml", host: host)
        let scenario = resolved.scenario
        #expect(scenario.models.map(\.id) == ["rm1-200k-rows", "rm3-200k-rows", "wnd-50k-rows", "ncf"])
        #expect(scenario.models[2].graph?.embeddingTables[0].rows == 50_000)
        #expect(scenario.serverTypes.map(\.id) == scenario.fleet.serverTypes)
        #expect(scenario.serverTypes.count >= 12 && scenario.serverTypes.contains { $0.isThisHost })
        #expect(scenario.fleet.counts.values.allSatisfy { (10...100).contains($0) })
        #expect(scenario.trace?.models == scenario.models.map(\.id).sorted())
        #expect(scenario.trace?.intervalCount == 672 && scenario.trace?.interval == Nanoseconds(seconds: 900))
        #expect(scenario.trace?.peakDemand["rm1-200k-rows"] == QueriesPerSecond(400_000))
        #expect(scenario.trace?.peakDemand["ncf"] == QueriesPerSecond(600_000))
        #expect(scenario.profile.batches == [16, 64, 256, 1024])
        #expect(scenario.profile.cellDuration == Nanoseconds(seconds: 1))
        #expect(scenario.profile.confirmationDuration == Nanoseconds(seconds: 4))
        #expect(scenario.profile.loadFraction == Fraction(0.7))
        #expect(
            scenario.search
                == SearchSettings(method: "gradient", batches: (3...11).map { 1 << $0 }, queries: 4000))
        #expect(scenario.replay.policies == ["static", "oblivious", "greedy", "priority", "hercules"])
        #expect(scenario.replay.subject == "hercules" && scenario.replay.baseline == "static")
        #expect(scenario.replay.gap == Fraction(0.001))
        #expect(
            scenario.replay.overProvision
                == OverProvisionRule(initial: Fraction(0.1), quantile: Quantile(0.99), window: 96))
        #expect(resolved.traceSummary?.gapsFilled == 0 && resolved.traceSummary?.zeroLoadIntervals == 0)
    }

    @Test func theModelledScenarioNeedsNoHost() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let scenario = try catalog.scenario(at: "\(Repository.workloads)/scenarios/modelled.yaml").scenario
        #expect(scenario.models.count == 8 && scenario.models.allSatisfy { !$0.id.name.contains("rows") })
        #expect(!scenario.serverTypes.contains { $0.isThisHost })
        // Two models read one column, each scaled to its own peak.
        let feed = scenario.trace?.loads["rm1"] ?? []
        let same = scenario.trace?.loads["dien"] ?? []
        #expect(
            zip(feed, same).allSatisfy {
                abs($0 / QueriesPerSecond(80_000) - $1 / QueriesPerSecond(15_000)) < 1e-12
            })
    }
}
