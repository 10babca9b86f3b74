import Vocabulary

/// One input tensor of a model: per item a row of `width` elements, stacked along the batch dimension.
public struct ModelInput: Hashable, Sendable {
    /// How elements are stored.
    public enum ElementType: String, Hashable, Sendable, CaseIterable {
        case float32
        case int32
        case int64

        /// Bytes of one element.
        public var size: Int { self == .int64 ? 8 : 4 }
    }

    /// How random values are drawn.
    public enum Values: Hashable, Sendable {
        /// Uniform in 0..<1.
        case uniform
        /// Row numbers, every row of a table alike. A group of equal tables is one matrix, table after table:
        /// element `c` of an item belongs to table `c / lookups`, whose first row is `rows * (c / lookups)`.
        case tableRows(rows: Int, lookups: Int)
    }

    /// The name of the graph's input.
    public let name: String
    public let elementType: ElementType
    /// Elements of one item.
    public let width: Int
    public let values: Values

    public init(name: String, elementType: ElementType, width: Int, values: Values) {
        self.name = name
        self.elementType = elementType
        self.width = width
        self.values = values
    }

    /// Bytes of one item.
    public var bytesPerItem: Int { width * elementType.size }
}

extension RecommendationGraph {
    /// The inputs of the graph that `Scripts/generate-onnx` writes, in its order: `dense`, then `indices_<g>` for
    /// each group of tables.
    public var inputs: [ModelInput] {
        var inputs: [ModelInput] = []
        if denseInputWidth > 0 {
            inputs.append(
                ModelInput(name: "dense", elementType: .float32, width: denseInputWidth, values: .uniform))
        }
        for (index, table) in embeddingTables.enumerated() {
            inputs.append(
                ModelInput(
                    name: "indices_\(index)", elementType: .int32, width: table.count * table.lookups,
                    values: .tableRows(rows: table.rows, lookups: table.lookups)))
        }
        return inputs
    }

    /// Bytes of embedding rows that one item reads.
    var rowBytesPerItem: Int {
        embeddingTables.reduce(0) { $0 + $1.count * $1.lookups * $1.dimension * 4 }
    }
}
