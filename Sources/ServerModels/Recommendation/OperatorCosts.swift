import Quantities
import Vocabulary

/// What one model asks of a server, counted from its graph: the inputs of the roofline.
public struct OperatorCosts: Hashable, Sendable {
    /// Embedding rows read per item.
    public let gatherRowsPerItem: Int
    /// Bytes of embedding rows read per item.
    public let gatherBytesPerItem: Bytes
    /// Bytes of pooled embeddings per item: what a host that pools sends on.
    public let pooledBytesPerItem: Bytes
    /// Bytes of dense features per item.
    public let denseInputBytesPerItem: Bytes
    /// Bytes of lookup indices per item.
    public let indexBytesPerItem: Bytes
    /// Floating-point operations of all dense layers per item; a multiply-add counts as two.
    public let denseFlopsPerItem: Double
    /// Bytes of all dense weights, read once per launch.
    public let denseWeights: Bytes
    /// Bytes of all embedding tables.
    public let tables: Bytes
    /// Operators launched for the embeddings, per batch.
    public let gatherOperators: Int
    /// Operators launched for everything else, per batch.
    public let denseOperators: Int

    private static let floatBytes = 4
    private static let indexBytes = 4

    /// Counts a graph. O(layers + tables).
    public init(_ graph: RecommendationGraph) {
        var rows = 0
        var rowFloats = 0
        var pooledFloats = 0
        var tableFloats = 0.0
        var gatherOperators = 0
        var sequenceLength = 0
        var sequenceWidth = 0
        for table in graph.embeddingTables {
            rows += table.count * table.lookups
            rowFloats += table.count * table.lookups * table.dimension
            tableFloats += Double(table.count) * Double(table.rows) * Double(table.dimension)
            gatherOperators += table.count * (table.lookups > 1 && !table.isSequence ? 2 : 1)
            if table.isSequence {
                sequenceLength += table.count * table.lookups
                sequenceWidth = max(sequenceWidth, table.dimension)
            } else {
                pooledFloats += table.count * table.dimension
            }
        }

        var weights = Self.weightCount(from: graph.denseInputWidth, through: graph.denseLayers)
        var operators = 2 * graph.denseLayers.count
        var sequenceFlops = 0.0
        var sequenceWeights = 0
        var reducedWidth = 0
        if let sequence = graph.sequence {
            if sequenceLength == 0 {
                // Without a behaviour table the unit runs over the pooled embeddings, one step a table.
                sequenceLength = graph.embeddingTables.reduce(0) { $0 + $1.count }
                sequenceWidth = graph.embeddingTables.map(\.dimension).max() ?? 0
            }
            switch sequence.kind {
            case .attention:
                sequenceWeights =
                    3 * sequenceWidth * sequence.width + (sequence.width > 1 ? sequence.width : 0)
                sequenceFlops = Double(sequenceLength) * Double(2 * sequenceWeights + 2 * sequenceWidth)
                operators += 6
                reducedWidth = sequenceWidth
            case .gru:
                sequenceWeights = 3 * (sequenceWidth * sequence.width + sequence.width * sequence.width)
                sequenceFlops = Double(sequenceLength) * Double(2 * sequenceWeights)
                // The steps depend on one another, so each is a launch of its own.
                operators += 3 * sequenceLength
                reducedWidth = sequence.width
            }
        }
        let bottomWidth = graph.denseLayers.last ?? graph.denseInputWidth
        weights += Self.weightCount(
            from: bottomWidth + pooledFloats + reducedWidth, through: graph.predictLayers)
        operators += 2 * graph.predictLayers.count
        let sharedWidth = graph.predictLayers.last ?? 0
        weights += graph.taskLayers.reduce(0) { $0 + Self.weightCount(from: sharedWidth, through: $1) }
        operators += graph.taskLayers.reduce(0) { $0 + 2 * $1.count }

        gatherRowsPerItem = rows
        gatherBytesPerItem = Bytes(Double(rowFloats * Self.floatBytes))
        // A sequence cannot be pooled before its own layer has run, so its rows travel whole.
        let sequenceFloats = graph.embeddingTables.filter(\.isSequence)
            .reduce(0) { $0 + $1.count * $1.lookups * $1.dimension }
        pooledBytesPerItem = Bytes(Double((pooledFloats + sequenceFloats) * Self.floatBytes))
        denseInputBytesPerItem = Bytes(Double(graph.denseInputWidth * Self.floatBytes))
        indexBytesPerItem = Bytes(Double(rows * Self.indexBytes))
        denseFlopsPerItem = 2 * Double(weights) + sequenceFlops
        denseWeights = Bytes(Double((weights + sequenceWeights) * Self.floatBytes))
        tables = Bytes(tableFloats * Double(Self.floatBytes))
        self.gatherOperators = gatherOperators
        denseOperators = operators + 1
    }

    /// What is known of a model whose graph is not described here.
    /// - Parameters:
    ///   - rows: embedding rows read per item, each of a table of its own.
    ///   - rowFloats: numbers in all of these rows.
    package init(
        rows: Int, rowFloats: Int, denseInputWidth: Int, flopsPerItem: Double, weights: Int,
        tableFloats: Double, gatherOperators: Int, denseOperators: Int
    ) {
        gatherRowsPerItem = rows
        gatherBytesPerItem = Bytes(Double(rowFloats * Self.floatBytes))
        pooledBytesPerItem = gatherBytesPerItem
        denseInputBytesPerItem = Bytes(Double(denseInputWidth * Self.floatBytes))
        indexBytesPerItem = Bytes(Double(rows * Self.indexBytes))
        denseFlopsPerItem = flopsPerItem
        denseWeights = Bytes(Double(weights * Self.floatBytes))
        tables = Bytes(tableFloats * Double(Self.floatBytes))
        self.gatherOperators = gatherOperators
        self.denseOperators = denseOperators
    }

    /// Weights and biases of fully connected layers on top of an input.
    private static func weightCount(from input: Int, through layers: [Int]) -> Int {
        zip([input] + layers, layers).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
    }
}
