import Catalog
import Quantities
import Vocabulary

/// One engine of a language model under vLLM's rules, in place of a cluster's file.
public struct SingleEngine: Sendable {
    /// A model of the catalogue, or the path of a `config.json`.
    public var model: String
    /// An accelerator of the catalogue.
    public var device: String
    public var tensorParallel: Int
    /// What limits a batch, and the tokens of a step.
    public var sequencesMax: Int
    public var tokenBudget: Int
    /// Blocks of its cache, as it reported them; nil computes them from memory.
    public var blocks: Int?
    /// The folder of the catalogue; nil for the shipped one.
    public var catalogue: String?

    public init(
        model: String, device: String, tensorParallel: Int = 1, sequencesMax: Int = 256,
        tokenBudget: Int? = nil, blocks: Int? = nil, catalogue: String? = nil
    ) {
        self.sequencesMax = sequencesMax
        self.tokenBudget = tokenBudget ?? max(2048, sequencesMax)
        self.blocks = blocks
        self.model = model
        self.device = device
        self.tensorParallel = tensorParallel
        self.catalogue = catalogue
    }

    /// The engine as a cluster of its own, with assumed constants.
    /// - Throws: `PipelineError.unknownName` where the catalogue lacks the model or the device; `FileError`
    ///   where one cannot be read.
    func cluster() throws -> ServingCluster {
        let catalog = try Catalog(folderOrShipped: catalogue)
        let devices = try catalog.deviceNames(.accelerator)
        guard devices.contains(device) else {
            throw PipelineError.unknownName(kind: "accelerator", found: device, known: devices)
        }
        let models = try catalog.languageModelNames()
        guard model.hasSuffix(".json") || models.contains(model) else {
            throw PipelineError.unknownName(kind: "language model", found: model, known: models)
        }
        let sheet = try catalog.device(.accelerator, device)
        var engine = ServingEngine(
            device: sheet,
            rules: EngineRules(
                tensorParallel: tensorParallel, pipelineParallel: 1, expertParallel: 1,
                sequencesMax: sequencesMax,
                tokenBudget: tokenBudget),
            timing: .constants(.assumed), idleWatts: sheet[.idle].map { Watts($0) },
            busyWatts: sheet[.thermalDesign].map { Watts($0) })
        engine.blocks = blocks
        let shape =
            model.hasSuffix(".json")
            ? try catalog.languageModel(at: model) : try catalog.languageModel(named: model)
        return ServingCluster(
            name: "\(shape.name) on \(tensorParallel) \(device)",
            pools: [ServingPool(name: "engines", model: shape, engines: [engine])])
    }
}
