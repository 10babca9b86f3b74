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

        /// What may stand beside it.
        var allowed: [LayerKey] {
            switch self {
            case .convolution: [.kernel, .stride, .branch]
            case .depthwise: [.stride, .branch]
            case .attention: [.width]
            default: []
            }
        }
    }

    private static let sizeMax = 16_384
    private static let layersMax = 1000

    static func network(_ value: YAMLValue) throws(FileError) -> NetworkShape {
        let section = try value.section(Key.self)
        try section.require(.input, .layers)
        let input = try sizes(section[.input])
        var builder = NetworkBuilder(height: input[0], width: input[1], channels: input[2])
        for item in try section[.layers].filledList(max: layersMax) {
            let keys = try item.section(LayerKey.self)
            let kind = try keys.only(of: LayerKey.kinds, none: "no kind of layer").key
            let layer = try layer(kind, keys)
            guard let branch = keys.optional(.branch) else {
                layer(&builder)
                continue
            }
            let shape = try sizes(branch)
            builder.branch(height: shape[0], width: shape[1], channels: shape[2], layer)
        }
        return builder.network
    }

    /// Height, width and channels.
    static func sizes(_ value: YAMLValue) throws(FileError) -> [Int] {
        var sizes: [Int] = []
        for item in try value.filledList(max: 3) { sizes.append(try item.wholeNumber(to: sizeMax)) }
        guard sizes.count == 3 else { throw value.refusal(expected: "height, width and channels") }
        return sizes
    }

    private typealias Layer = (inout NetworkBuilder) -> Void

    private static func layer(_ kind: LayerKey, _ keys: YAMLSection<LayerKey>) throws(FileError) -> Layer {
        for key in LayerKey.allCases where key != kind && !kind.allowed.contains(key) {
            guard let idle = keys.optional(key) else { continue }
            throw idle.refusal(expected: "no such key beside \(kind.rawValue)")
        }
        let value = try keys[kind]
        let stride = try keys.optional(.stride).map { (value) throws(FileError) in try pair(value) } ?? (1, 1)
        switch kind {
        case .convolution:
            let filters = try value.wholeNumber(to: sizeMax)
            let kernel =
                try keys.optional(.kernel).map { (value) throws(FileError) in try pair(value) } ?? (1, 1)
            return { $0.convolution(filters: filters, kernel: kernel, stride: stride) }
        case .depthwise:
            let kernel = try pair(value)
            return { $0.depthwise(kernel: kernel, stride: stride) }
        case .dense:
            let outputs = try value.wholeNumber(to: sizeMax)
            return { $0.dense(outputs) }
        case .pool:
            guard value.plainText != "global" else { return { $0.poolAll() } }
            let size = try pair(value)
            return { $0.pool(size) }
        case .add:
            guard try value.truth() else { throw value.refusal(expected: "true") }
            return { $0.add() }
        default:
            let heads = try value.wholeNumber(to: 256)
            let width = try keys[.width].wholeNumber(to: sizeMax)
            guard width % heads == 0 else {
                throw try keys[.width].refusal(expected: "a multiple of the \(heads) heads")
            }
            return { $0.attention(heads: heads, width: width) }
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
}
