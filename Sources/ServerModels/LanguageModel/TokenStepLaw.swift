import Quantities
import Simulation
import Vocabulary

/// Step times of a language model on accelerators: a roofline with the shares of its peaks that engines
/// reach.
///
///     t = host + max(F / (MFU peak), W / (MBU bandwidth)) + KV / (MBU bandwidth) + collectives
///
/// F are the operations of matrix products, W the bytes of the weights, KV the bytes of the cache that
/// attention reads. Attention comes after the matrix products and not beside them, which fits measured
/// steps better than one maximum over all.
public struct TokenStepLaw: Sendable {
    /// Why a law cannot be computed.
    public enum Fault: Error, Hashable, CustomStringConvertible {
        case noFigure(DeviceFigure, device: String)
        case indivisible(heads: Int, tensorParallel: Int)
        case tooFewLayers(Int, pipelineParallel: Int)

        public var description: String {
            switch self {
            case .noFigure(let figure, let device):
                "the description of \(device) has no \(figure.rawValue), expected one"
            case .indivisible(let heads, let tensorParallel):
                "found \(heads) attention heads, expected a multiple of the \(tensorParallel) accelerators "
                    + "that share them"
            case .tooFewLayers(let layers, let pipelineParallel):
                "found \(layers) layers for \(pipelineParallel) stages of a pipeline"
            }
        }
    }

    let model: LanguageModelShape
    let rules: EngineRules
    /// Operations per second of one accelerator, dense, at the precision of the weights.
    let peak: Double
    /// Bytes per second of its memory.
    let bandwidth: Double

    public init(model: LanguageModelShape, device: CatalogDevice, rules: EngineRules) throws(Fault) {
        guard model.heads.isMultiple(of: rules.tensorParallel) else {
            throw .indivisible(heads: model.heads, tensorParallel: rules.tensorParallel)
        }
        guard rules.pipelineParallel <= model.layers else {
            throw .tooFewLayers(model.layers, pipelineParallel: rules.pipelineParallel)
        }
        let halves = device[.bf16] ?? device[.fp16]
        // Weights of 4 bits are widened before they are multiplied; those of 8 bits are not, where the
        // device can.
        let peak = model.weightBytes == 1 ? device[.fp8] ?? device[.int8] ?? halves : halves
        guard let peak else { throw .noFigure(.bf16, device: device.name) }
        guard let bandwidth = device[.bandwidth] else { throw .noFigure(.bandwidth, device: device.name) }
        self.model = model
        self.rules = rules
        self.peak = peak * 1e12
        self.bandwidth = bandwidth * 1e9
    }

    /// The law under constants.
    /// - Parameter interconnect: what joins the accelerators of the engine; nil counts no time for what they
    ///   send one another.
    public func law(_ constants: StepConstants, interconnect: AcceleratorLink? = nil) -> LinearStepLaw {
        let groups = Double(rules.attentionGroups(of: model))
        // Experts are spread over all accelerators, everything else over those that share layers; groups of
        // them that repeat it each serve their own sequences.
        let accelerators = Double(rules.tensorParallel) * groups
        let arithmetic = accelerators * constants.arithmetic * peak
        let reading = Double(rules.tensorParallel) * constants.bandwidth * bandwidth
        var law = LinearStepLaw()
        law.host = Self.picoseconds(constants.hostSeconds)
        law.perSequence = Self.picoseconds(constants.sequenceSeconds)
        law.perToken = Self.picoseconds(2 * model.activeWeights / arithmetic)
        law.perSample = Self.picoseconds(2 * model.outputWeights / arithmetic)
        let all = model.weightsRead(tokens: Double(rules.sequencesMax))
        let repeated = groups > 1 ? Double(model.layers) * model.attentionWeights : 0
        let bytes =
            ((all - repeated) / groups + repeated) * model.weightBytes
            + model.outputWeights * max(2, model.weightBytes)
        law.weights = Self.picoseconds(bytes / reading)
        law.perPair = Self.picoseconds(model.operationsPerPair / arithmetic)
        let cache = model.cacheBytesPerToken(tensorParallel: rules.tensorParallel)
        law.perContext = Self.picoseconds(cache / (constants.bandwidth * bandwidth * groups))
        if let interconnect { addCollectives(&law, interconnect) }
        return law
    }

    /// What the accelerators of a stage send one another, of one vector of 16 bits a token: two all-reduces a
    /// layer in a ring; where experts are spread, the second gives way to an all-to-all before and one after
    /// them, each token's vector going to every expert that serves it.
    private func addCollectives(_ law: inout LinearStepLaw, _ link: AcceleratorLink) {
        let vector = 2 * Double(model.hidden)
        let sparse = rules.expertParallel > 1 ? (model.experts.map { model.layers - $0.denseLayers } ?? 0) : 0
        var (fixed, perToken) = (0.0, 0.0)
        let shared = Double(rules.tensorParallel)
        if rules.tensorParallel > 1 {
            let reduces = Double(2 * model.layers - sparse)
            let steps = 2 * (shared - 1)
            fixed += reduces * steps * link.latencySeconds
            perToken +=
                reduces * vector * steps / shared / link.bandwidth
                / Double(rules.attentionGroups(of: model))
        }
        if let experts = model.experts, sparse > 0 {
            let spread = Double(rules.expertParallel)
            let exchanges = Double(2 * sparse)
            fixed += exchanges * (spread - 1) * link.latencySeconds
            let copies = Double(experts.active) * (spread - 1) / spread
            perToken += exchanges * vector * copies / spread / link.bandwidth
        }
        law.collectiveFixed = Self.picoseconds(fixed)
        law.collectivePerToken = Self.picoseconds(perToken)
    }

    /// Whatever takes longer than a day takes a day: no step that is played does.
    static func picoseconds(_ seconds: Double) -> Int64 { Int64(min(seconds * 1e12, 8.64e16).rounded()) }
}

extension LinearStepLaw {
    /// A fitted law.
    init(_ times: TokenLaw.Times) {
        self.init()
        host = TokenStepLaw.picoseconds(times.fixed)
        perSequence = TokenStepLaw.picoseconds(times.sequence)
        perContext = TokenStepLaw.picoseconds(times.context)
        perPrompt = TokenStepLaw.picoseconds(times.prompt)
    }
}

extension StepTables {
    /// Kernels of a layer as times of whole steps of a model.
    public init(_ table: KernelTable, layers: Int, hostSeconds: Double) {
        func sum(_ kernels: [String: [KernelTable.Point]], runs: (String) -> Int) -> Curve {
            let places = Set(kernels.values.flatMap { $0.map(\.place) }).sorted()
            let curves = kernels.sorted { $0.key < $1.key }.map { kernel in
                (
                    curve: Curve(kernel.value.map { (place: $0.place, value: $0.microseconds) }),
                    runs: Double(runs(kernel.key))
                )
            }
            return Curve(
                places.map { place in
                    (place: place, value: curves.reduce(0) { $0 + $1.runs * $1.curve[place] } * 1e6)
                })
        }
        var points = table.attention.map {
            (
                figures: [$0.chunk, $0.chunkContext, $0.decodes, $0.decodeContext],
                value: $0.microseconds * Double(layers) * 1e6
            )
        }
        // Nothing takes no time; a row of the table counts before that.
        points.insert((figures: [0, 0, 0, 0], value: 0), at: 0)
        self.init(
            dense: sum(table.dense) { KernelTable.runs(of: $0, layers: layers) },
            perSequence: sum(table.perSequence) { _ in 1 }, attention: Branches(points),
            host: Int64((hostSeconds * 1e12).rounded()))
    }
}

extension EngineRules {
    /// How many times attention is repeated, as data parallelism inside an engine does it: each group of
    /// accelerators keeps the cache of its own sequences.
    func attentionGroups(of model: LanguageModelShape) -> Int {
        model.experts == nil ? 1 : max(1, expertParallel / tensorParallel)
    }
}
