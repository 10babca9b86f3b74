/// The sizes of a language model, as its `config.json` gives them: all that its memory and arithmetic
/// follow from.
public struct LanguageModelShape: Hashable, Codable, Sendable {
    /// Layers whose tokens go to a few of many feed-forward networks.
    public struct Experts: Hashable, Codable, Sendable {
        public var count: Int
        /// Experts that serve a token.
        public var active: Int
        /// Inner width of one.
        public var width: Int
        /// Experts that serve every token beside those.
        public var shared: Int
        /// Layers at the beginning that have an ordinary network instead.
        public var denseLayers: Int

        public init(count: Int, active: Int, width: Int, shared: Int = 0, denseLayers: Int = 0) {
            self.count = count
            self.active = active
            self.width = width
            self.shared = shared
            self.denseLayers = denseLayers
        }
    }

    /// Attention whose keys and values are kept as one latent vector a token (multi-head latent attention).
    public struct Latent: Hashable, Codable, Sendable {
        /// Numbers of the latent vector.
        public var rank: Int
        /// Numbers of the part that positions rotate.
        public var rotated: Int
        /// Numbers of a head's value.
        public var value: Int
        /// Numbers of the compressed query; nil where queries are not compressed.
        public var queryRank: Int?

        public init(rank: Int, rotated: Int, value: Int, queryRank: Int? = nil) {
            self.rank = rank
            self.rotated = rotated
            self.value = value
            self.queryRank = queryRank
        }
    }

    public var name: String
    /// The first of `architectures`.
    public var architecture: String
    public var hidden: Int
    public var layers: Int
    public var heads: Int
    public var keyValueHeads: Int
    public var headWidth: Int
    /// Inner width of the feed-forward network.
    public var inner: Int
    public var vocabulary: Int
    /// Whether the output layer is the embedding.
    public var tiesEmbeddings: Bool
    public var contextMax: Int
    public var experts: Experts?
    public var latent: Latent?
    /// Bytes of one weight of the layers: 2 of 16 bits, 1 of 8, 0.5 of 4.
    public var weightBytes: Double
    /// Bytes of one number in the cache of keys and values.
    public var cacheBytes: Double

    public init(
        name: String, architecture: String, hidden: Int, layers: Int, heads: Int, keyValueHeads: Int,
        headWidth: Int, inner: Int, vocabulary: Int, tiesEmbeddings: Bool, contextMax: Int,
        experts: Experts? = nil, latent: Latent? = nil, weightBytes: Double = 2, cacheBytes: Double = 2
    ) {
        self.name = name
        self.architecture = architecture
        self.hidden = hidden
        self.layers = layers
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.headWidth = headWidth
        self.inner = inner
        self.vocabulary = vocabulary
        self.tiesEmbeddings = tiesEmbeddings
        self.contextMax = contextMax
        self.experts = experts
        self.latent = latent
        self.weightBytes = weightBytes
        self.cacheBytes = cacheBytes
    }
}

extension LanguageModelShape {
    /// Weights of the attention of one layer.
    public var attentionWeights: Double {
        let (d, heads, width) = (Double(hidden), Double(self.heads), Double(headWidth))
        guard let latent else {
            return d * width * (heads + 2 * Double(keyValueHeads)) + heads * width * d
        }
        let (rank, rotated, value) = (Double(latent.rank), Double(latent.rotated), Double(latent.value))
        let queries =
            latent.queryRank.map { Double($0) * (d + heads * (width + rotated)) }
            ?? d * heads * (width + rotated)
        return queries + d * (rank + rotated) + rank * heads * (width + value) + heads * value * d
    }

    /// Weights of a gated feed-forward network of an inner width.
    private func network(_ width: Int) -> Double { 3 * Double(hidden) * Double(width) }

    /// Weights of the layers that a token passes through.
    public var activeWeights: Double {
        guard let experts else { return Double(layers) * (attentionWeights + network(inner)) }
        let dense = Double(experts.denseLayers)
        let each = network(experts.width) * Double(experts.active + experts.shared) + routing
        return Double(layers) * attentionWeights + dense * network(inner) + (Double(layers) - dense) * each
    }

    private var routing: Double { Double(hidden) * Double(experts?.count ?? 0) }

    /// Weights of all layers.
    public var layerWeights: Double { weightsRead(tokens: .infinity) }

    /// Weights of the layers that a step of so many tokens reads: of experts, those that some token goes to
    /// if all are equally likely, `E (1 - (1 - k/E)^n)`. Real routing is skewed and reads fewer.
    public func weightsRead(tokens: Double) -> Double {
        guard let experts else { return activeWeights }
        let (count, active) = (Double(experts.count), Double(experts.active))
        let missed = tokens.isInfinite ? 0 : power(1 - active / count, tokens)
        let each = network(experts.width) * (count * (1 - missed) + Double(experts.shared)) + routing
        let dense = Double(experts.denseLayers)
        return Double(layers) * attentionWeights + dense * network(inner) + (Double(layers) - dense) * each
    }

    private func power(_ base: Double, _ exponent: Double) -> Double {
        var (result, factor, left) = (1.0, base, Int(min(exponent, 1e6)))
        while left > 0 {
            if left & 1 == 1 { result *= factor }
            factor *= factor
            left >>= 1
        }
        return result
    }

    /// Weights of the output layer, which every step reads.
    public var outputWeights: Double { Double(vocabulary) * Double(hidden) }

    /// All weights.
    public var weights: Double { layerWeights + outputWeights * (tiesEmbeddings ? 1 : 2) }

    /// Bytes of all weights; embeddings and the output layer stay in 16 bits where others are quantised.
    public var bytes: Double {
        layerWeights * weightBytes + outputWeights * (tiesEmbeddings ? 1 : 2) * max(2, weightBytes)
    }

    /// Bytes that one token takes in the cache, on each of so many accelerators that share the heads. A
    /// latent vector is not divided: each has it whole.
    public func cacheBytesPerToken(tensorParallel: Int) -> Double {
        if let latent { return Double(layers) * Double(latent.rank + latent.rotated) * cacheBytes }
        let heads = Double(keyValueHeads) / Double(min(tensorParallel, keyValueHeads))
        return 2 * Double(layers) * heads.rounded(.up) * Double(headWidth) * cacheBytes
    }

    /// Operations of attention for each pair of tokens that it compares.
    public var operationsPerPair: Double {
        guard let latent else { return 4 * Double(layers) * Double(heads) * Double(headWidth) }
        return 2 * Double(layers) * Double(heads) * Double(2 * latent.rank + latent.rotated)
    }
}
