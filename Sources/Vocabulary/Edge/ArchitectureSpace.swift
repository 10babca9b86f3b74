/// Hybrid networks of convolution and attention: a stem and stages, each of a width and a number of blocks,
/// each block of a kind. An architecture is a vector of choices, stage by stage.
public struct ArchitectureSpace: Hashable, Sendable {
    /// One way to build a block.
    public enum Block: String, Hashable, Sendable, CaseIterable {
        /// 3 x 3 convolution.
        case convolution
        /// Depthwise 3 x 3, then pointwise.
        case separable3 = "separable-3"
        /// Depthwise 5 x 5, then pointwise.
        case separable5 = "separable-5"
        /// Self-attention over all pixels, then a pointwise layer; both with what came before added.
        case attention
    }

    /// Blocks of one width; the first halves height and width.
    public struct Stage: Hashable, Sendable {
        /// Ascending.
        public let widths: [Int]
        /// Ascending.
        public let depths: [Int]
        public let blocks: [Block]

        /// - Precondition: there is something to choose from.
        public init(widths: [Int], depths: [Int], blocks: [Block]) {
            precondition(!widths.isEmpty && !depths.isEmpty && !blocks.isEmpty, "a stage has choices")
            self.widths = widths
            self.depths = depths
            self.blocks = blocks
        }

        var depthMax: Int { depths.last ?? 1 }
        /// Width, depth, and a kind for each block there may be.
        var sizes: [Int] {
            [widths.count, depths.count] + [Int](repeating: blocks.count, count: depthMax)
        }
    }

    public let name: String
    public let title: String
    public let source: String
    /// Height, width and channels of an input.
    public let input: [Int]
    public let stem: Int
    public let stages: [Stage]
    public let classes: Int
    /// Channels of an attention head.
    public let headWidth: Int

    /// - Precondition: the input has three sizes, and there is a stage.
    public init(
        name: String, title: String, source: String, input: [Int], stem: Int, stages: [Stage], classes: Int,
        headWidth: Int
    ) {
        precondition(input.count == 3 && !stages.isEmpty, "an input has three sizes, a space a stage")
        self.name = name
        self.title = title
        self.source = source
        self.input = input
        self.stem = stem
        self.stages = stages
        self.classes = classes
        self.headWidth = headWidth
    }

    /// How many values each gene has: for each stage its width, its depth and the kind of each block.
    public var sizes: [Int] { stages.flatMap(\.sizes) }

    /// The genes of each stage.
    public var blocks: [Range<Int>] {
        var first = 0
        return stages.map { stage in
            defer { first += stage.sizes.count }
            return first..<first + stage.sizes.count
        }
    }

    /// The vector with the genes of blocks that are not there zeroed.
    public func canonical(_ genes: [Int]) -> [Int] {
        var genes = genes
        for (stage, range) in zip(stages, blocks) {
            let depth = stage.depths[genes[range.lowerBound + 1]]
            for gene in (range.lowerBound + 2 + depth)..<max(range.upperBound, range.lowerBound + 2 + depth) {
                genes[gene] = 0
            }
        }
        return genes
    }

    /// How many different architectures there are.
    public var count: Double {
        stages.reduce(1) { product, stage in
            let kinds = stage.depths.reduce(0.0) { sum, depth in
                sum + (0..<depth).reduce(1.0) { power, _ in power * Double(stage.blocks.count) }
            }
            return product * Double(stage.widths.count) * kinds
        }
    }

    /// In words: `24: separable-3 attention | 48: convolution`.
    public func label(_ genes: [Int]) -> String {
        zip(stages, blocks).map { stage, range in
            let kinds = (0..<stage.depths[genes[range.lowerBound + 1]]).map {
                stage.blocks[genes[range.lowerBound + 2 + $0]].rawValue
            }
            return "\(stage.widths[genes[range.lowerBound]]): \(kinds.joined(separator: " "))"
        }.joined(separator: " | ")
    }

    /// The layers of an architecture. O(blocks).
    /// - Precondition: the genes are of this space.
    public func network(_ genes: [Int]) -> NetworkShape {
        precondition(
            genes.count == sizes.count && zip(genes, sizes).allSatisfy { (0..<$1).contains($0) },
            "genes of this space")
        var builder = NetworkBuilder(height: input[0], width: input[1], channels: input[2])
        builder.convolution(filters: stem, kernel: (3, 3), stride: (2, 2))
        for (stage, range) in zip(stages, blocks) {
            let width = stage.widths[genes[range.lowerBound]]
            for place in 0..<stage.depths[genes[range.lowerBound + 1]] {
                let stride = place == 0 ? 2 : 1
                switch stage.blocks[genes[range.lowerBound + 2 + place]] {
                case .convolution:
                    builder.convolution(filters: width, kernel: (3, 3), stride: (stride, stride))
                case .separable3:
                    builder.depthwise(kernel: (3, 3), stride: (stride, stride))
                    builder.convolution(filters: width, kernel: (1, 1), stride: (1, 1))
                case .separable5:
                    builder.depthwise(kernel: (5, 5), stride: (stride, stride))
                    builder.convolution(filters: width, kernel: (1, 1), stride: (1, 1))
                case .attention:
                    // Attention keeps its shape: a strided pointwise layer comes first where that changes.
                    if stride > 1 || builder.channels != width {
                        builder.convolution(filters: width, kernel: (1, 1), stride: (stride, stride))
                    }
                    builder.attention(heads: max(1, width / headWidth), width: width)
                    builder.add()
                    builder.convolution(filters: width, kernel: (1, 1), stride: (1, 1))
                    builder.add()
                }
            }
        }
        builder.poolAll()
        builder.dense(classes)
        return builder.network
    }
}
