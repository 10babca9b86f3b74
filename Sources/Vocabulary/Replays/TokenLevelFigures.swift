import Quantities

/// How a language model was served over a window, token by token.
public struct TokenLevelFigures: Hashable, Codable, Sendable {
    /// One latency over the answered requests of a window.
    public struct Latency: Hashable, Codable, Sendable {
        public var mean: Nanoseconds
        public var p50: Nanoseconds
        public var p90: Nanoseconds
        public var p99: Nanoseconds

        public init(mean: Nanoseconds, p50: Nanoseconds, p90: Nanoseconds, p99: Nanoseconds) {
            self.mean = mean
            self.p50 = p50
            self.p90 = p90
            self.p99 = p99
        }
    }

    /// Limits, all of which a request has to keep; the one on the first token is the latency target's.
    public var targets: TokenTargets
    /// From arrival to the first token (TTFT); nil where no request was answered.
    public var firstToken: Latency?
    /// Mean time of an output token after the first (TPOT); nil where no answer had two tokens.
    public var outputToken: Latency?
    /// From arrival to the last token (E2E).
    public var endToEnd: Latency?
    /// Of all requests that were played, those before the window that fill the engines included.
    public var promptTokens: Int
    /// Of the same requests, generated.
    public var outputTokens: Int
    /// Times that a request lost its place in memory and was read again.
    public var preemptions: Int
    /// Requests that were begun anew elsewhere, as their server failed or was switched off before their end.
    public var restarted: Int
    /// What was played, from the first arrival to the last token.
    public var played: Nanoseconds
    /// What the servers drew in that time, starts and drains included.
    public var energy: Joules

    public init(
        targets: TokenTargets, firstToken: Latency?, outputToken: Latency?, endToEnd: Latency?,
        promptTokens: Int, outputTokens: Int, preemptions: Int, restarted: Int, played: Nanoseconds,
        energy: Joules
    ) {
        self.targets = targets
        self.firstToken = firstToken
        self.outputToken = outputToken
        self.endToEnd = endToEnd
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.preemptions = preemptions
        self.restarted = restarted
        self.played = played
        self.energy = energy
    }

    /// Mean over what was played; nil where that took no time.
    public var watts: Watts? {
        played > .zero ? Watts(energy.value / played.seconds) : nil
    }

    /// Energy for a token of an answer; nil where none was generated.
    public var joulesPerToken: Double? {
        outputTokens > 0 ? energy.value / Double(outputTokens) : nil
    }
}
