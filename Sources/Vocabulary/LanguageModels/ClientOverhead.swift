/// What lies between a client and an engine's queue: HTTP front end, tokeniser, network. A term of its own:
/// no engine step is longer for it.
///
/// A client sees the first token `before + perToken` after the engine's time to it, and the end of an answer
/// of n tokens `before + n perToken + after` after the engine's time to its last.
public struct ClientOverhead: Hashable, Codable, Sendable {
    /// From the client's sending to the engine's queue, in seconds.
    public var beforeSeconds: Double
    /// At the end of an answer, in seconds.
    public var afterSeconds: Double
    /// Of each token of an answer, in seconds.
    public var perTokenSeconds: Double
    public var origin: StepConstants.Origin

    public init(
        beforeSeconds: Double, afterSeconds: Double = 0, perTokenSeconds: Double = 0,
        origin: StepConstants.Origin
    ) {
        self.beforeSeconds = beforeSeconds
        self.afterSeconds = afterSeconds
        self.perTokenSeconds = perTokenSeconds
        self.origin = origin
    }

    /// What a client waits longer than an engine for the first token, in seconds.
    public var toFirstToken: Double { beforeSeconds + perTokenSeconds }

    /// And for the end of an answer of so many tokens.
    public func toEnd(tokens: Int) -> Double {
        beforeSeconds + Double(tokens) * perTokenSeconds + afterSeconds
    }
}
