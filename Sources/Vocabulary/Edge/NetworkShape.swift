/// A network as the layers that it runs one after another, each as the sizes that its cost depends on.
///
/// Batch norm, activations and biases are folded into the layer before them. Activations and weights have one
/// byte (int8), as the devices' figures are of that precision.
public struct NetworkShape: Hashable, Codable, Sendable {
    public let layers: [NetworkLayer]

    public init(_ layers: [NetworkLayer]) { self.layers = layers }

    /// Multiply-accumulates of one input.
    public var macs: Double { layers.reduce(0) { $0 + $1.macs } }
    /// Bytes of all weights.
    public var weightBytes: Double { layers.reduce(0) { $0 + $1.weightBytes } }
    /// The most that input and output of one layer take together, in bytes.
    public var activationBytesMax: Double {
        layers.reduce(0) { max($0, $1.inputBytes + $1.outputBytes) }
    }
}

/// One layer as products of matrices, M x K by K x N, one for each group.
///
/// A convolution has M = output pixels, K = input channels of a group times kernel size, N = filters of a
/// group. A layer without weights or products (pooling, addition, softmax) has `vectorOperations` alone.
public struct NetworkLayer: Hashable, Codable, Sendable {
    public let name: String
    /// What it is, for people: `convolution`, `depthwise`, `dense`, `attention scores` and so on.
    public let kind: String
    public let rows: Int
    public let inner: Int
    public let columns: Int
    public let groups: Int
    /// Whether both operands are activations, as in attention: then nothing can be held from one input to the
    /// next.
    public let isDynamic: Bool
    /// Element-wise operations that a vector unit does.
    public let vectorOperations: Double
    /// Activations of one input that it reads and writes.
    public let inputBytes: Double
    public let outputBytes: Double

    /// - Precondition: sizes are positive, or the layer has vector operations alone and no rows.
    public init(
        name: String, kind: String, rows: Int, inner: Int, columns: Int, groups: Int = 1,
        isDynamic: Bool = false, vectorOperations: Double = 0, inputBytes: Double, outputBytes: Double
    ) {
        precondition(
            rows == 0 || (rows > 0 && inner > 0 && columns > 0 && groups > 0), "a product has sizes")
        self.name = name
        self.kind = kind
        self.rows = rows
        self.inner = inner
        self.columns = columns
        self.groups = groups
        self.isDynamic = isDynamic
        self.vectorOperations = vectorOperations
        self.inputBytes = inputBytes
        self.outputBytes = outputBytes
    }

    /// Whether it has products of matrices.
    public var hasProducts: Bool { rows > 0 }
    /// Multiply-accumulates of one input.
    public var macs: Double { Double(rows) * Double(inner) * Double(columns) * Double(groups) }
    /// Bytes of the operand that stays in place: weights, or the second operand of a dynamic product.
    public var heldBytes: Double { Double(inner) * Double(columns) * Double(groups) * (hasProducts ? 1 : 0) }
    /// Bytes of weights; zero where both operands are activations.
    public var weightBytes: Double { isDynamic ? 0 : heldBytes }
}
