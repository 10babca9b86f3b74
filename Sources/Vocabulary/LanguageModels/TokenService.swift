import Quantities

/// A language model as something that servers are planned for: what is asked of it, and within which times.
///
/// The limit on the time to the first token, and the share of requests that have to keep all limits, are the
/// latency target of the model.
public struct TokenService: Hashable, Codable, Sendable {
    public var shape: LanguageModelShape
    /// Kinds of requests, by their shares of all.
    public var classes: [TokenWorkload.Class]
    /// Mean time of an output token after the first, in seconds; nil for no limit.
    public var outputTokenMax: Double?
    /// To the last token, in seconds; nil for no limit.
    public var endToEndMax: Double?
    /// Fitted times of steps, at most one of a device and a degree of tensor parallelism. What has none is
    /// computed from data sheets.
    public var laws: [TokenLaw]
    /// Whether somebody waits for the whole answer, so that the latency target is on its last token: a stage
    /// of a pipeline that others come after. nil is no, as in what earlier versions stored.
    public var isWaitedForWhole: Bool?

    public init(
        shape: LanguageModelShape, classes: [TokenWorkload.Class], outputTokenMax: Double? = nil,
        endToEndMax: Double? = nil, laws: [TokenLaw] = []
    ) {
        self.shape = shape
        self.classes = classes
        self.outputTokenMax = outputTokenMax
        self.endToEndMax = endToEndMax
        self.laws = laws
    }

    public func law(on device: String, tensorParallel: Int) -> TokenLaw? {
        laws.first { $0.device == device && $0.tensorParallel == tensorParallel }
    }

    /// Tokens of the longest request that may come.
    public var longestRequest: Int {
        classes.map { $0.prompt.largest + $0.sharedTokens + $0.output.largest }.max() ?? 0
    }

    /// How long a request in the mean takes that uses up its limits; without one on output tokens they are
    /// taken to last a tenth of a second.
    public func residence(_ target: LatencyTarget) -> Nanoseconds {
        let tokens = classes.reduce(0) { $0 + $1.share * $1.output.mean }
        let generating = tokens * (outputTokenMax ?? 0.1)
        let whole = target.limit.seconds + generating
        return Nanoseconds(seconds: min(endToEndMax ?? whole, whole, 3600))
    }

    /// Limits on a request.
    public func targets(_ target: LatencyTarget) -> TokenTargets {
        let limit = target.limit.seconds
        guard isWaitedForWhole == true else {
            return TokenTargets(firstToken: limit, outputToken: outputTokenMax, endToEnd: endToEndMax)
        }
        return TokenTargets(
            firstToken: nil, outputToken: outputTokenMax, endToEnd: min(limit, endToEndMax ?? limit))
    }
}
