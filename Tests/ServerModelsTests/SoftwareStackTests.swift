import Catalog
import Quantities
import ServerModels
import Testing
import TestSupport
import Vocabulary

/// What software does to an accelerator, and laws that any modelled time keeps.
@Suite struct SoftwareStackTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog(directory: Repository.workloads) }

    private func accelerated() throws -> [ServerType] {
        try catalog.serverTypeNames().map {
            try catalog.serverType(ServerTypeID($0), host: DetectedHost(cores: 2, memory: Bytes(8e9)))
        }.filter { $0.accelerator?.software != nil }
    }

    /// Items a second of one copy of a model that holds the card alone.
    private func rate(_ model: Model, on type: ServerType, batch: Int) throws -> Double {
        let schedule = ThreadSchedule(partition: .accelerator, threads: 1, workers: 1, batch: batch)
        let stages = try AnalyticServer(type, running: model).scheduled(by: schedule).stages
        return Double(batch) / stages.reduce(0) { $0 + $1.service.meanTime(items: batch).seconds }
    }

    @Test func noModelRunsAboveTheRoofline() throws {
        let models = try ["rm1", "rm3", "wnd", "mtwnd", "dien"].map { try catalog.model(ModelID($0)) }
        for type in try accelerated() {
            let card = try #require(type.accelerator)
            for model in models {
                let costs = OperatorCosts(try #require(model.graph))
                let ceiling = card.peak.value / costs.denseFlopsPerItem
                for batch in [1, 256, 16_384] {
                    #expect(try rate(model, on: type, batch: batch) < ceiling)
                }
            }
        }
    }

    /// The published runs reach a twentieth of the peak of their number format at least, where a model is
    /// mostly dense layers and the batch is large. On a card twice as fast as any of theirs, lookups take
    /// over.
    @Test func aLargeBatchOfDenseLayersComesToAFloorOfThePeak() throws {
        let model = try catalog.model("mtwnd")
        for type in try accelerated() {
            let card = try #require(type.accelerator)
            guard card.peak.value < 400e12 else { continue }
            let flops = OperatorCosts(try #require(model.graph)).denseFlopsPerItem
            #expect(try rate(model, on: type, batch: 65_536) * flops > 0.05 * card.peak.value)
        }
    }

    @Test func anEngineIsFasterThanAnEagerFramework() throws {
        let type = try catalog.serverType("cpu-t2-v100")
        let card = try #require(type.accelerator)
        #expect(card.software?.name == "ensemble-fp16" && card.peak.value == 112e12)
        let eager = ServerType(
            id: type.id, title: type.title, processor: type.processor, memory: type.memory, nearMemory: nil,
            accelerator: Accelerator(
                name: card.name, count: 1, peak: FlopsPerSecond(14e12), memory: card.memory,
                bandwidth: card.bandwidth, hostLink: card.hostLink, launchOverhead: card.launchOverhead),
            power: type.power, isThisHost: false, sources: [])
        let model = try catalog.model("mtwnd")
        #expect(try rate(model, on: type, batch: 1024) > 5 * rate(model, on: eager, batch: 1024))
    }

    @Test func aCardWithoutTheFormatRunsInSinglePrecision() throws {
        let type = try catalog.serverType("cpu-t1-p100")
        #expect(type.accelerator?.software?.precision == .tf32)
        #expect(type.accelerator?.peak.value == 9.3e12)
        let cited = try #require(type.accelerator?.software?.sources.first)
        #expect(type.sources.contains(cited))
    }

    @Test func aFitFindsTheConstantsThatMadeTheRuns() throws {
        let type = try catalog.serverType("cpu-t3-a100")
        let card = try #require(type.accelerator)
        let stack = try #require(card.software)
        let calibration = StackCalibration(capturesGraphs: stack.capturesGraphs)
        var runs: [StackCalibration.Run] = []
        for name in ["wnd", "rm3", "ncf"] {
            let costs = OperatorCosts(try #require(try catalog.model(ModelID(name)).graph))
            for items in [1, 64, 1024, 16_384] {
                let blank = StackCalibration.Run(
                    device: "A100", model: name, accelerator: card, costs: costs, items: items, seconds: 1)
                let seconds = calibration.predictions([blank], stack.constants)[0].seconds
                runs.append(
                    StackCalibration.Run(
                        device: "A100", model: name, accelerator: card, costs: costs, items: items,
                        seconds: seconds))
            }
        }
        let found = calibration.predictions(runs, calibration.fit(runs))
        #expect(found.allSatisfy { $0.factor < 1.05 })
    }
}
