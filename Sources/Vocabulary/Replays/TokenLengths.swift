/// How long the requests of a load are, on average.
public struct TokenLengths: Hashable, Codable, Sendable {
    public let requests: Int
    /// Tokens.
    public let inputMean: Double
    /// Tokens.
    public let outputMean: Double

    package init(requests: Int, inputMean: Double, outputMean: Double) {
        self.requests = requests
        self.inputMean = inputMean
        self.outputMean = outputMean
    }
}
