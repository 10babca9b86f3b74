/// One input tensor of a model and the values that load is made of.
public struct ModelInput: Hashable, Codable, Sendable {
    /// How elements are stored.
    public enum ElementType: String, Hashable, Codable, Sendable, CaseIterable {
        case float32
        case float64
        case float16
        case int8
        case uint8
        case int32
        case int64
        /// One byte an element, 0 or 1.
        case bool

        /// Whether elements are whole numbers or truth values.
        public var isWhole: Bool {
            switch self {
            case .float32, .float64, .float16: false
            case .int8, .uint8, .int32, .int64, .bool: true
            }
        }

        /// Bytes of one element.
        public var size: Int {
            switch self {
            case .int8, .uint8, .bool: 1
            case .float16: 2
            case .float32, .int32: 4
            case .float64, .int64: 8
            }
        }
    }

    /// One dimension of the tensor.
    public enum Dimension: Hashable, Codable, Sendable {
        /// As many as there are items in the batch.
        case batch
        case fixed(Int)
    }

    /// How random values are drawn.
    public enum Values: Hashable, Codable, Sendable {
        /// Uniform in `lower..<upper`; whole numbers for integer elements.
        case between(lower: Double, upper: Double)
        /// Row numbers of embedding tables. A group of equal tables is one matrix, table after table: element
        /// `c` of an item belongs to table `c / lookups`, whose first row is `rows * (c / lookups)`.
        /// `rowBytes` is what one lookup reads, so that load can be made to outgrow the caches.
        case tableRows(
            rows: Int, lookups: Int, distribution: IndexDistribution = .uniform,
            rowBytes: Int = cacheLineBytes)

        /// Uniform in 0..<1.
        public static var uniform: Values { .between(lower: 0, upper: 1) }
    }

    /// What one lookup reads at least.
    public static let cacheLineBytes = 64

    /// The name of the graph's input.
    public let name: String
    public let elementType: ElementType
    /// At most one dimension is `batch`; without one the input is the same for every item.
    public let shape: [Dimension]
    public let values: Values

    /// - Precondition: the shape has at most one `batch`.
    public init(name: String, elementType: ElementType, shape: [Dimension], values: Values) {
        precondition(shape.count { $0 == .batch } <= 1, "an input has one batch dimension at most")
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.values = values
    }

    /// An input of `width` elements an item, stacked along a leading batch dimension.
    public init(name: String, elementType: ElementType, width: Int, values: Values) {
        self.init(name: name, elementType: elementType, shape: [.batch, .fixed(width)], values: values)
    }

    /// Elements of one item; of the whole tensor where it has no batch dimension.
    public var width: Int {
        shape.reduce(1) { product, dimension in
            if case .fixed(let size) = dimension { product * size } else { product }
        }
    }

    /// Whether the tensor grows with the batch.
    public var hasBatch: Bool { shape.contains(.batch) }

    /// Bytes of one item.
    public var bytesPerItem: Int { width * elementType.size }

    /// The tensor's dimensions for a batch.
    public func dimensions(items: Int) -> [Int64] {
        shape.map {
            switch $0 {
            case .batch: Int64(items)
            case .fixed(let size): Int64(size)
            }
        }
    }
}

/// Which rows of an embedding table are asked for.
public enum IndexDistribution: Hashable, Codable, Sendable {
    /// Every row alike: the coldest traffic there is.
    case uniform
    /// The k-th most popular row in proportion to `k^-exponent`. Popular rows are strewn over the table, so
    /// that a cache holds them because they are popular and not because they are neighbours.
    case zipf(exponent: Double)
}

extension RecommendationGraph {
    /// The inputs of the graph that is generated for this description, in its order: `dense`, then
    /// `indices_<g>` for each group of tables.
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
                    values: .tableRows(
                        rows: table.rows, lookups: table.lookups,
                        distribution: table.indexDistribution ?? .uniform, rowBytes: table.dimension * 4)))
        }
        return inputs
    }

    /// The tensors at which the generated graph falls into a sparse and a dense part, in its order:
    /// `pooled_<g>` for each group of tables, or `sequence_<g>` with the rows themselves where nothing pools
    /// them. Empty without tables.
    public var splitTensors: [ModelInput] {
        let groups = embeddingTables.enumerated()
        let pooled = groups.filter { !$0.element.isSequence }.map { index, table in
            ModelInput(
                name: "pooled_\(index)", elementType: .float32, width: table.count * table.dimension,
                values: .uniform)
        }
        let rows = groups.filter(\.element.isSequence).map { index, table in
            ModelInput(
                name: "sequence_\(index)", elementType: .float32,
                shape: [.batch, .fixed(table.count * table.lookups), .fixed(table.dimension)],
                values: .uniform)
        }
        return pooled + rows
    }
}
