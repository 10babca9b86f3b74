/// What a model is made of, which decides what can run it and what can be computed about it.
public enum ModelKind: Hashable, Sendable {
    /// A recommendation model whose graph is generated from its description. The only kind whose costs are
    /// known well enough for the analytic server.
    case recommendation(RecommendationGraph)
    /// A graph in a file of the user's own.
    case onnx(OnnxFile)
    /// A model that somebody else serves behind an address.
    case endpoint(ServedModel)
    /// A network that is described layer by layer, for devices whose layers can be computed.
    case network(NetworkShape)
    /// A language model that engines serve token by token.
    case language(TokenService)
    /// Known by what others measured of it alone: it can be planned, and not measured or modelled here.
    case figures

    /// The kind in words, for messages.
    public var label: String {
        switch self {
        case .recommendation: "a generated recommendation model"
        case .onnx: "an ONNX file"
        case .endpoint: "a model behind an endpoint"
        case .network: "a network described layer by layer"
        case .language: "a language model"
        case .figures: "a model known by imported figures alone"
        }
    }
}

/// A user's ONNX file and the input that load feeds it.
public struct OnnxFile: Hashable, Codable, Sendable {
    /// Where the file is; no part of what the model is.
    public let path: String
    /// The fingerprint of the file's bytes; weights in files beside it are not in it.
    public let fingerprint: String
    public let inputs: [ModelInput]
    /// The one number of items that the graph takes at once; nil where it takes any.
    public let fixedBatch: Int?

    public init(path: String, fingerprint: String, inputs: [ModelInput], fixedBatch: Int? = nil) {
        self.path = path
        self.fingerprint = fingerprint
        self.inputs = inputs
        self.fixedBatch = fixedBatch
    }
}

/// A model as a server behind an address knows it.
public struct ServedModel: Hashable, Codable, Sendable {
    /// What a request carries.
    public enum Payload: Hashable, Codable, Sendable {
        /// A prompt to be continued.
        case text(prompt: TokenCounts, output: TokenCounts)
        /// Tensors to infer from.
        case tensors([ModelInput])
    }

    /// The name in requests.
    public let servedName: String
    public let payload: Payload

    public init(servedName: String, payload: Payload) {
        self.servedName = servedName
        self.payload = payload
    }
}

/// FNV-1a with 64 bits: tells files apart by their content, the same in every process (`Hasher` is not).
public struct ContentFingerprint: Sendable {
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    public mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    /// 16 hexadecimal digits.
    public var text: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
