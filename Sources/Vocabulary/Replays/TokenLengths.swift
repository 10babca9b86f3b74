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

/// How long the requests of a load are, interval by interval.
public struct TokenMix: Hashable, Codable, Sendable {
    /// Mean tokens of a prompt in each interval; above zero.
    public let prompts: [Double]
    /// Mean tokens of an answer in each interval; above zero.
    public let outputs: [Double]

    /// What a request of each interval takes over one of the model's own lengths; above zero. Where it is
    /// there, the load of an interval is its requests per second times this. nil where loads count requests.
    public let work: [Double]?

    /// - Precondition: there is a prompt and an answer for every interval, and so is the work.
    public init(prompts: [Double], outputs: [Double], work: [Double]? = nil) {
        precondition(
            prompts.count == outputs.count && work?.count ?? prompts.count == prompts.count,
            "every interval has both lengths")
        self.prompts = prompts
        self.outputs = outputs
        self.work = work
    }

    /// The same of every series of it.
    package func map(_ change: ([Double]) -> [Double]) -> TokenMix {
        TokenMix(prompts: change(prompts), outputs: change(outputs), work: work.map(change))
    }
}
