import Quantities

/// What a load run on a language model shows beside the latency of whole requests.
public struct TokenFigures: Hashable, Codable, Sendable {
    /// Requests that began in the counted part of the run and were answered.
    public let requests: Int
    /// Tokens of all prompts, as the server counts them; nil where it does not say.
    public let promptTokens: Int?
    public let outputTokens: Int
    /// Whether the server said how many tokens it gave out; otherwise the parts of its stream are counted, of
    /// which some may hold several tokens.
    public let areTokensReported: Bool
    /// Output tokens by the length of the counted part.
    public let outputTokensPerSecond: Double
    /// From sending a request to its first token.
    public let timeToFirstToken: LatencyHistogram
    /// Per request with at least two tokens: from the first to the last, by the tokens after the first.
    public let timePerOutputToken: LatencyHistogram

    public init(
        requests: Int, promptTokens: Int?, outputTokens: Int, areTokensReported: Bool,
        outputTokensPerSecond: Double, timeToFirstToken: LatencyHistogram,
        timePerOutputToken: LatencyHistogram
    ) {
        self.requests = requests
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.areTokensReported = areTokensReported
        self.outputTokensPerSecond = outputTokensPerSecond
        self.timeToFirstToken = timeToFirstToken
        self.timePerOutputToken = timePerOutputToken
    }
}
