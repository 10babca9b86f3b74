import Files
import Vocabulary

/// Reads the `network` of a model: an input and the layers over it, one after another.
struct NetworkReader {
    private enum Key: String, SectionKey {
        case input, layers
    }

    /// Each layer has one of the first, and may have the rest.
    private enum LayerKey: String, SectionKey {
        case convolution, depthwise, dense, pool, add, attention
        case kernel, stride, width, branch

        static let kinds: [LayerKey] = [.convolution, .depthwise, .dense, .pool, .add, .attention]
    }

    /// Height, width and channels of what the next layer takes.
    private struct Shape {
        var height: Int
        var width: Int
        var channels: Int

        var pixels: Int { height * width }
        var bytes: Double { Double(height) * Double(width) * Double(channels) }

        /// The same, padded so that only strides make it smaller.
        func strided(_ stride: (Int, Int), channels: Int? = nil) -> Shape {
            Shape(
                height: (height + stride.0 - 1) / stride.0, width: (width + stride.1 - 1) / stride.1,
                channels: channels ?? self.channels)
        }
    }

    private static let sizeMax = 16_384
    private static let layersMax = 1000
    private static let softmaxOperations = 5.0

    static func network(_ value: YAMLValue) throws(FileError) -> NetworkShape {
        let section = try value.section(Key.self)
        try section.require(.input, .layers)
        var shape = try shape(section[.input])
        var layers: [NetworkLayer] = []
        for item in try section[.layers].filledList(max: layersMax) {
            let keys = try item.section(LayerKey.self)
            let kinds = LayerKey.kinds.filter { keys.optional($0) != nil }
            guard kinds.count == 1, let kind = kinds.first else {
                throw .invalidValue(
                    item.place,
                    found: kinds.isEmpty
                        ? "no kind of layer" : kinds.map(\.rawValue).joined(separator: " and "),
                    expected: "one of \(LayerKey.kinds.map(\.rawValue).joined(separator: ", "))")
            }
            let reader = NetworkReader(keys: keys, kind: kind, number: layers.count + 1)
            let isBranch = keys.optional(.branch) != nil
            let input = try keys.optional(.branch).map(Self.shape) ?? shape
            let (made, output) = try reader.layers(over: input)
            layers += made
            // A branch joins the chain by an addition, and leaves its shape alone.
            if !isBranch { shape = output }
        }
        return NetworkShape(layers)
    }

    private static func shape(_ value: YAMLValue) throws(FileError) -> Shape {
        let sizes = try value.filledList(max: 3)
        guard sizes.count == 3 else {
            throw value.refusal(expected: "height, width and channels")
        }
        return Shape(
            height: try sizes[0].wholeNumber(to: sizeMax), width: try sizes[1].wholeNumber(to: sizeMax),
            channels: try sizes[2].wholeNumber(to: sizeMax))
    }

    private let keys: YAMLSection<LayerKey>
    private let kind: LayerKey
    private let number: Int

    private func layers(over input: Shape) throws(FileError) -> ([NetworkLayer], Shape) {
        let value = try keys[kind]
        let allowed: [LayerKey: [LayerKey]] = [
            .convolution: [.kernel, .stride, .branch], .depthwise: [.stride, .branch], .dense: [],
            .pool: [], .add: [], .attention: [.width],
        ]
        for key in LayerKey.allCases where key != kind {
            guard let idle = keys.optional(key), allowed[kind]?.contains(key) != true else { continue }
            throw idle.refusal(expected: "no such key beside \(kind.rawValue)")
        }
        let stride = try keys.optional(.stride).map { (value) throws(FileError) in try Self.pair(value) }
        switch kind {
        case .convolution:
            let kernel = try keys.optional(.kernel).map { (value) throws(FileError) in
                try Self.pair(value)
            }
            return try convolution(
                over: input, filters: value.wholeNumber(to: Self.sizeMax), kernel: kernel ?? (1, 1),
                stride: stride ?? (1, 1))
        case .depthwise:
            return depthwise(over: input, kernel: try Self.pair(value), stride: stride ?? (1, 1))
        case .dense: return dense(over: input, width: try value.wholeNumber(to: Self.sizeMax))
        case .pool: return try pool(over: input, value)
        case .add:
            guard try value.truth() else { throw value.refusal(expected: "true") }
            return ([vector("addition", input, output: input, operations: input.bytes, inputs: 2)], input)
        case .attention: return try attention(over: input, heads: value)
        default: preconditionFailure("only kinds are read")
        }
    }

    /// One number for both directions, or two.
    private static func pair(_ value: YAMLValue) throws(FileError) -> (Int, Int) {
        guard case .sequence = value.tree.content else {
            let size = try value.wholeNumber(to: sizeMax)
            return (size, size)
        }
        let sizes = try value.filledList(max: 2)
        guard sizes.count == 2 else { throw value.refusal(expected: "one number, or two") }
        return (try sizes[0].wholeNumber(to: sizeMax), try sizes[1].wholeNumber(to: sizeMax))
    }

    private func convolution(
        over input: Shape, filters: Int, kernel: (Int, Int), stride: (Int, Int)
    ) -> ([NetworkLayer], Shape) {
        let output = input.strided(stride, channels: filters)
        let layer = NetworkLayer(
            name: "\(number)", kind: kernel == (1, 1) ? "pointwise" : "convolution", rows: output.pixels,
            inner: input.channels * kernel.0 * kernel.1, columns: filters, inputBytes: input.bytes,
            outputBytes: output.bytes)
        return ([layer], output)
    }

    private func depthwise(
        over input: Shape, kernel: (Int, Int), stride: (Int, Int)
    ) -> ([NetworkLayer], Shape) {
        let output = input.strided(stride)
        let layer = NetworkLayer(
            name: "\(number)", kind: "depthwise", rows: output.pixels, inner: kernel.0 * kernel.1, columns: 1,
            groups: input.channels, inputBytes: input.bytes, outputBytes: output.bytes)
        return ([layer], output)
    }

    private func dense(over input: Shape, width: Int) -> ([NetworkLayer], Shape) {
        let output = Shape(height: 1, width: 1, channels: width)
        let layer = NetworkLayer(
            name: "\(number)", kind: "dense", rows: 1, inner: input.pixels * input.channels, columns: width,
            inputBytes: input.bytes, outputBytes: output.bytes)
        return ([layer], output)
    }

    private func pool(over input: Shape, _ value: YAMLValue) throws(FileError) -> ([NetworkLayer], Shape) {
        if value.plainText == "global" {
            let output = Shape(height: 1, width: 1, channels: input.channels)
            return ([vector("pooling", input, output: output, operations: input.bytes)], output)
        }
        let size = try Self.pair(value)
        let output = input.strided(size)
        return ([vector("pooling", input, output: output, operations: input.bytes)], output)
    }

    /// Projections, scores, softmax, values and the output projection, over all pixels as tokens.
    private func attention(
        over input: Shape, heads value: YAMLValue
    ) throws(FileError) -> ([NetworkLayer], Shape) {
        let heads = try value.wholeNumber(to: 256)
        let width = try keys[.width].wholeNumber(to: Self.sizeMax)
        guard width % heads == 0 else {
            throw try keys[.width].refusal(expected: "a multiple of the \(heads) heads")
        }
        let (tokens, channels) = (input.pixels, input.channels)
        let (each, held) = (width / heads, Double(tokens * width))
        let scores = Double(tokens) * Double(tokens) * Double(heads)
        func product(
            _ kind: String, rows: Int, inner: Int, columns: Int, groups: Int = 1, isDynamic: Bool = false,
            _ inputBytes: Double, _ outputBytes: Double
        ) -> NetworkLayer {
            NetworkLayer(
                name: "\(number)", kind: kind, rows: rows, inner: inner, columns: columns, groups: groups,
                isDynamic: isDynamic, inputBytes: inputBytes, outputBytes: outputBytes)
        }
        return (
            [
                product(
                    "attention projections", rows: tokens, inner: channels, columns: 3 * width, input.bytes,
                    3 * held),
                product(
                    "attention scores", rows: tokens, inner: each, columns: tokens, groups: heads,
                    isDynamic: true, 2 * held, scores),
                NetworkLayer(
                    name: "\(number)", kind: "softmax", rows: 0, inner: 0, columns: 0, groups: 0,
                    vectorOperations: Self.softmaxOperations * scores, inputBytes: scores,
                    outputBytes: scores),
                product(
                    "attention values", rows: tokens, inner: tokens, columns: each, groups: heads,
                    isDynamic: true, scores + held, held),
                product(
                    "attention output", rows: tokens, inner: width, columns: channels, held, input.bytes),
            ], input
        )
    }

    private func vector(
        _ kind: String, _ input: Shape, output: Shape, operations: Double, inputs: Double = 1
    ) -> NetworkLayer {
        NetworkLayer(
            name: "\(number)", kind: kind, rows: 0, inner: 0, columns: 0, groups: 0,
            vectorOperations: operations, inputBytes: input.bytes * inputs, outputBytes: output.bytes)
    }
}
