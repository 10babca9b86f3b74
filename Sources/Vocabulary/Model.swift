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
public struct Model: Hashable, Codable, Sendable {
    public let id: ModelID
    public let title: String
    /// Where the shape of the model comes from, as a citation.
    public let source: String
    public let graph: RecommendationGraph
    public let latencyTarget: LatencyTarget
    public let querySizes: QuerySizes

    public init(
        id: ModelID, title: String, source: String, graph: RecommendationGraph, latencyTarget: LatencyTarget,
        querySizes: QuerySizes
    ) {
        self.id = id
        self.title = title
        self.source = source
        self.graph = graph
        self.latencyTarget = latencyTarget
        self.querySizes = querySizes
    }

    /// The same model with every embedding table cut to at most `rowsMax` rows.
    ///
    /// The name says so: `rm1` becomes `rm1-200k-rows`. A model that no table of which is larger keeps its name.
    public func shrunk(toTableRows rowsMax: Int) -> Model {
        guard graph.embeddingTables.contains(where: { $0.rows > rowsMax }) else { return self }
        let label = rowsMax % 1000 == 0 ? "\(rowsMax / 1000)k" : "\(rowsMax)"
        var smaller = graph
        smaller.embeddingTables = graph.embeddingTables.map {
            var table = $0
            table.rows = min($0.rows, rowsMax)
            return table
        }
        return Model(
            id: ModelID("\(id)-\(label)-rows"), title: "\(title), tables cut to \(label) rows",
            source: source,
            graph: smaller, latencyTarget: latencyTarget, querySizes: querySizes)
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
    /// Whether the lookups of one table form the sequence that the sequence layer reads instead of being summed.
    public var isSequence: Bool

    public init(count: Int, rows: Int, dimension: Int, lookups: Int, isSequence: Bool = false) {
        self.count = count
        self.rows = rows
        self.dimension = dimension
        self.lookups = lookups
        self.isSequence = isSequence
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
