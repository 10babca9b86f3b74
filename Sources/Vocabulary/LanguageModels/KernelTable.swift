/// Times of a model's kernels on one device, as a profiler of kernels writes them: one layer's, in
/// microseconds.
public struct KernelTable: Hashable, Sendable {
    public struct Point: Hashable, Sendable {
        public var place: Double
        public var microseconds: Double

        public init(place: Double, microseconds: Double) {
            self.place = place
            self.microseconds = microseconds
        }
    }

    /// Attention of a step: a piece of a prompt after its context, and sequences that generate after theirs.
    public struct Attention: Hashable, Sendable {
        public var chunk: Double
        public var chunkContext: Double
        public var decodes: Double
        public var decodeContext: Double
        public var microseconds: Double

        public init(
            chunk: Double, chunkContext: Double, decodes: Double, decodeContext: Double, microseconds: Double
        ) {
            self.chunk = chunk
            self.chunkContext = chunkContext
            self.decodes = decodes
            self.decodeContext = decodeContext
            self.microseconds = microseconds
        }
    }

    /// Where the tables are from.
    public var source: String
    /// By kernel, ascending by tokens.
    public var dense: [String: [Point]]
    /// By kernel, ascending by sequences.
    public var perSequence: [String: [Point]]
    public var attention: [Attention]

    public init(
        source: String, dense: [String: [Point]], perSequence: [String: [Point]], attention: [Attention]
    ) {
        self.source = source
        self.dense = dense
        self.perSequence = perSequence
        self.attention = attention
    }

    /// How often a step runs a kernel of a model with so many layers.
    public static func runs(of kernel: String, layers: Int) -> Int {
        switch kernel {
        // Before the first and after the last layer.
        case "embedding", "final_layernorm": 1
        // Before attention and before the feed-forward network.
        case "layernorm": 2 * layers
        default: layers
        }
    }
}
