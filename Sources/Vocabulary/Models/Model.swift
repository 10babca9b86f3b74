import Quantities

/// A service-level objective: the given quantile of query latency must not exceed the limit.
///
/// Latency runs from a query's *scheduled* arrival to the end of its last piece.
public struct LatencyTarget: Hashable, Codable, Sendable, CustomStringConvertible {
    public let quantile: Quantile
    public let limit: Nanoseconds

    public init(quantile: Quantile, limit: Nanoseconds) {
        self.quantile = quantile
        self.limit = limit
    }

    public var description: String { "\(quantile) <= \(limit)" }
}

/// One inference model as the planner, the profiler and the analytic server model see it.
public struct Model: Hashable, Sendable {
    public let id: ModelID
    public let title: String
    /// Where the shape of the model comes from, as a citation.
    public let source: String
    public let kind: ModelKind
    public let latencyTarget: LatencyTarget
    public let querySizes: QuerySizes
    /// How often its answers are right; nil where nobody says.
    public let accuracy: ModelAccuracy?

    public init(
        id: ModelID, title: String, source: String, kind: ModelKind, latencyTarget: LatencyTarget,
        querySizes: QuerySizes, accuracy: ModelAccuracy? = nil
    ) {
        self.accuracy = accuracy
        self.id = id
        self.title = title
        self.source = source
        self.kind = kind
        self.latencyTarget = latencyTarget
        self.querySizes = querySizes
    }

    /// A recommendation model whose graph is generated.
    public init(
        id: ModelID, title: String, source: String, graph: RecommendationGraph, latencyTarget: LatencyTarget,
        querySizes: QuerySizes
    ) {
        self.init(
            id: id, title: title, source: source, kind: .recommendation(graph), latencyTarget: latencyTarget,
            querySizes: querySizes)
    }

    /// The description of a recommendation model; nil for every other kind.
    public var graph: RecommendationGraph? {
        if case .recommendation(let graph) = kind { graph } else { nil }
    }

    /// The input tensors of a model that is run on tensors; nil where requests carry text.
    public var inputs: [ModelInput]? {
        switch kind {
        case .recommendation(let graph): graph.inputs
        case .onnx(let file): file.inputs
        case .endpoint(let served):
            if case .tensors(let inputs) = served.payload { inputs } else { nil }
        case .network, .language, .figures: nil
        }
    }

    /// The layers of a network that is described layer by layer; nil for every other kind.
    public var network: NetworkShape? {
        if case .network(let shape) = kind { shape } else { nil }
    }

    /// What is asked of a language model; nil for every other kind.
    public var service: TokenService? {
        if case .language(let service) = kind { service } else { nil }
    }

    /// The same model with every embedding table cut to at most `rowsMax` rows.
    ///
    /// The name says so: `rm1` becomes `rm1-200k-rows`. A model that no table of which is larger keeps its
    /// name.
    public func shrunk(toTableRows rowsMax: Int) -> Model {
        guard let graph, graph.embeddingTables.contains(where: { $0.rows > rowsMax }) else { return self }
        let label = rowsMax % 1000 == 0 ? "\(rowsMax / 1000)k" : "\(rowsMax)"
        var smaller = graph
        smaller.embeddingTables = graph.embeddingTables.map {
            var table = $0
            table.rows = min($0.rows, rowsMax)
            return table
        }
        return Model(
            id: ModelID("\(id)-\(label)-rows"), title: "\(title), tables cut to \(label) rows",
            source: source, graph: smaller, latencyTarget: latencyTarget, querySizes: querySizes)
    }
}

/// A model's kind stands under a key of its own: `graph`, `onnx`, `endpoint`, `network` or `language`, none
/// for figures alone.
extension Model: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, title, source, graph, onnx, endpoint, network, language, latencyTarget, querySizes, accuracy
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        if let graph = try values.decodeIfPresent(RecommendationGraph.self, forKey: .graph) {
            kind = .recommendation(graph)
        } else if let file = try values.decodeIfPresent(OnnxFile.self, forKey: .onnx) {
            kind = .onnx(file)
        } else if let served = try values.decodeIfPresent(ServedModel.self, forKey: .endpoint) {
            kind = .endpoint(served)
        } else if let shape = try values.decodeIfPresent(NetworkShape.self, forKey: .network) {
            kind = .network(shape)
        } else if let service = try values.decodeIfPresent(TokenService.self, forKey: .language) {
            kind = .language(service)
        } else {
            kind = .figures
        }
        id = try values.decode(ModelID.self, forKey: .id)
        title = try values.decode(String.self, forKey: .title)
        source = try values.decode(String.self, forKey: .source)
        latencyTarget = try values.decode(LatencyTarget.self, forKey: .latencyTarget)
        querySizes = try values.decode(QuerySizes.self, forKey: .querySizes)
        accuracy = try values.decodeIfPresent(ModelAccuracy.self, forKey: .accuracy)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(id, forKey: .id)
        try values.encode(title, forKey: .title)
        try values.encode(source, forKey: .source)
        switch kind {
        case .recommendation(let graph): try values.encode(graph, forKey: .graph)
        case .onnx(let file): try values.encode(file, forKey: .onnx)
        case .endpoint(let served): try values.encode(served, forKey: .endpoint)
        case .network(let shape): try values.encode(shape, forKey: .network)
        case .language(let service): try values.encode(service, forKey: .language)
        case .figures: break
        }
        try values.encode(latencyTarget, forKey: .latencyTarget)
        try values.encode(querySizes, forKey: .querySizes)
        try values.encodeIfPresent(accuracy, forKey: .accuracy)
    }
}

/// A deep recommendation model: dense features through a bottom stack, pooled embedding lookups, an
/// optional sequence layer, all concatenated into one or more predictor stacks.
///
/// Shapes are per item; a batch of `b` items stacks them along a leading dimension.
public struct RecommendationGraph: Hashable, Codable, Sendable {
    /// Width of the dense feature vector of one item; 0 where the model has none.
    public var denseInputWidth: Int
    /// Output widths of the fully connected layers over the dense features, in order; may be empty.
    public var denseLayers: [Int]
    public var embeddingTables: [EmbeddingTable]
    public var sequence: SequenceLayer?
    /// Output widths of the predictor's fully connected layers, in order.
    public var predictLayers: [Int]
    /// Output widths of each task's own layers after the shared predictor; empty for one task.
    public var taskLayers: [[Int]]

    public init(
        denseInputWidth: Int, denseLayers: [Int], embeddingTables: [EmbeddingTable], sequence: SequenceLayer?,
        predictLayers: [Int], taskLayers: [[Int]]
    ) {
        self.denseInputWidth = denseInputWidth
        self.denseLayers = denseLayers
        self.embeddingTables = embeddingTables
        self.sequence = sequence
        self.predictLayers = predictLayers
        self.taskLayers = taskLayers
    }
}

/// A group of equal embedding tables whose lookups are summed per table and item.
public struct EmbeddingTable: Hashable, Codable, Sendable {
    /// How many tables of this shape there are.
    public var count: Int
    public var rows: Int
    /// Width of one row, in 4-byte floats.
    public var dimension: Int
    /// Rows read and summed per item in each table.
    public var lookups: Int
    /// Whether the lookups of one table form the sequence that the sequence layer reads instead of being
    /// summed.
    public var isSequence: Bool
    /// Which rows are looked up; nil is `uniform`.
    public var indexDistribution: IndexDistribution?

    public init(
        count: Int, rows: Int, dimension: Int, lookups: Int, isSequence: Bool = false,
        indexDistribution: IndexDistribution? = nil
    ) {
        self.count = count
        self.rows = rows
        self.dimension = dimension
        self.lookups = lookups
        self.isSequence = isSequence
        self.indexDistribution = indexDistribution
    }
}

/// A layer over the user's sequence of behaviours.
public struct SequenceLayer: Hashable, Codable, Sendable {
    /// How the sequence is reduced to one vector.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// A local activation unit weighs each behaviour against the candidate item (Deep Interest Network).
        case attention
        /// A gated recurrent unit runs over the behaviours (Deep Interest Evolution Network).
        case gru
    }

    public var kind: Kind
    /// Width of the activation unit (`attention`) or of the hidden state (`gru`).
    public var width: Int

    public init(kind: Kind, width: Int) {
        self.kind = kind
        self.width = width
    }
}
