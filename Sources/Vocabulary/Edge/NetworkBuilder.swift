/// Puts a network together, layer after layer over what the last one made. Only strides make height and width
/// smaller: everything else is padded.
public struct NetworkBuilder {
    private var layers: [NetworkLayer] = []
    private var number = 0
    public private(set) var height: Int
    public private(set) var width: Int
    public private(set) var channels: Int

    /// Element-wise operations of softmax for each score: a maximum, a difference, an exponential, a sum and
    /// a quotient.
    private static let softmaxOperations = 5.0

    /// - Precondition: sizes are positive.
    public init(height: Int, width: Int, channels: Int) {
        precondition(height > 0 && width > 0 && channels > 0, "an input has a size")
        self.height = height
        self.width = width
        self.channels = channels
    }

    public var network: NetworkShape { NetworkShape(layers) }

    private var pixels: Int { height * width }
    private var bytes: Double { Double(height) * Double(width) * Double(channels) }

    private mutating func stride(_ stride: (Int, Int)) {
        height = (height + stride.0 - 1) / stride.0
        width = (width + stride.1 - 1) / stride.1
    }

    /// A layer over something else than the chain, which the chain's next addition takes in: the chain goes
    /// on as it was.
    public mutating func branch(
        height: Int, width: Int, channels: Int, _ make: (inout NetworkBuilder) -> Void
    ) {
        var other = NetworkBuilder(height: height, width: width, channels: channels)
        other.number = number
        make(&other)
        layers += other.layers
        number = other.number
    }

    public mutating func convolution(filters: Int, kernel: (Int, Int), stride: (Int, Int)) {
        let (input, inner) = (bytes, channels * kernel.0 * kernel.1)
        self.stride(stride)
        channels = filters
        product(
            kernel == (1, 1) ? "pointwise" : "convolution", rows: pixels, inner: inner, columns: filters,
            input,
            bytes)
    }

    public mutating func depthwise(kernel: (Int, Int), stride: (Int, Int)) {
        let input = bytes
        self.stride(stride)
        product(
            "depthwise", rows: pixels, inner: kernel.0 * kernel.1, columns: 1, groups: channels, input, bytes)
    }

    public mutating func dense(_ outputs: Int) {
        let (input, inner) = (bytes, pixels * channels)
        (height, width, channels) = (1, 1, outputs)
        product("dense", rows: 1, inner: inner, columns: outputs, input, bytes)
    }

    public mutating func pool(_ size: (Int, Int)) {
        let input = bytes
        stride(size)
        vector("pooling", operations: input, input, bytes)
    }

    /// Over all pixels.
    public mutating func poolAll() {
        let input = bytes
        (height, width) = (1, 1)
        vector("pooling", operations: input, input, bytes)
    }

    /// Of the chain and a branch, or of what came before a block.
    public mutating func add() { vector("addition", operations: bytes, 2 * bytes, bytes) }

    /// Self-attention over all pixels: projections, scores, softmax, values and the output projection.
    /// - Precondition: the width is a multiple of the heads.
    public mutating func attention(heads: Int, width inner: Int) {
        precondition(heads > 0 && inner % heads == 0, "heads share the width evenly")
        let (tokens, each) = (pixels, inner / heads)
        let held = Double(tokens) * Double(inner)
        let scores = Double(tokens) * Double(tokens) * Double(heads)
        number += 1
        add("attention projections", rows: tokens, inner: channels, columns: 3 * inner, bytes, 3 * held)
        add(
            "attention scores", rows: tokens, inner: each, columns: tokens, groups: heads, isDynamic: true,
            2 * held, scores)
        layers.append(
            NetworkLayer(
                name: "\(number)", kind: "softmax", rows: 0, inner: 0, columns: 0, groups: 0,
                vectorOperations: Self.softmaxOperations * scores, inputBytes: scores, outputBytes: scores))
        add(
            "attention values", rows: tokens, inner: tokens, columns: each, groups: heads, isDynamic: true,
            scores + held, held)
        add("attention output", rows: tokens, inner: inner, columns: channels, held, bytes)
    }

    private mutating func product(
        _ kind: String, rows: Int, inner: Int, columns: Int, groups: Int = 1, _ input: Double,
        _ output: Double
    ) {
        number += 1
        add(kind, rows: rows, inner: inner, columns: columns, groups: groups, input, output)
    }

    private mutating func add(
        _ kind: String, rows: Int, inner: Int, columns: Int, groups: Int = 1, isDynamic: Bool = false,
        _ input: Double, _ output: Double
    ) {
        layers.append(
            NetworkLayer(
                name: "\(number)", kind: kind, rows: rows, inner: inner, columns: columns, groups: groups,
                isDynamic: isDynamic, inputBytes: input, outputBytes: output))
    }

    private mutating func vector(_ kind: String, operations: Double, _ input: Double, _ output: Double) {
        number += 1
        layers.append(
            NetworkLayer(
                name: "\(number)", kind: kind, rows: 0, inner: 0, columns: 0, groups: 0,
                vectorOperations: operations, inputBytes: input, outputBytes: output))
    }
}
