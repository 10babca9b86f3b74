import Quantities

/// Times of an engine's steps, fitted to measured times of output tokens.
///
///     step = fixed + sequence * n + context * S + prompt * q
///
/// with n sequences that generate, S tokens in their cache and q tokens of prompts in the step. In a steady
/// state of B requests of `in` and `out` tokens, S is B (in + out/2) and q is B in/out. The time of an output
/// token is then linear in four known numbers.
public struct TokenLaw: Hashable, Codable, Sendable {
    /// The four times, in seconds; none is negative.
    public struct Times: Hashable, Codable, Sendable {
        /// Of any step.
        public var fixed: Double
        /// Of a sequence that generates.
        public var sequence: Double
        /// Of a token in the cache.
        public var context: Double
        /// Of a token of a prompt.
        public var prompt: Double

        public init(fixed: Double, sequence: Double, context: Double, prompt: Double) {
            self.fixed = fixed
            self.sequence = sequence
            self.context = context
            self.prompt = prompt
        }

        /// Seconds of an output token in a steady state.
        public func outputToken(requests: Double, prompt inputs: Double, output: Double) -> Double {
            fixed + requests * (sequence + context * (inputs + output / 2) + prompt * inputs / output)
        }
    }

    /// How well a law fits the rows it was fitted to, as shares of what was measured.
    public struct Residuals: Hashable, Codable, Sendable {
        public var rows: Int
        /// Mean absolute error.
        public var error: Double
        /// The same where each row is predicted by a fit to all others, and its 90th percentile.
        public var leftOut: Double
        public var leftOutP90: Double

        public init(rows: Int, error: Double, leftOut: Double, leftOutP90: Double) {
            self.rows = rows
            self.error = error
            self.leftOut = leftOut
            self.leftOutP90 = leftOutP90
        }

        /// Beyond this error on rows left out a law says nothing that plans could rest on.
        public static let leftOutMax = 0.15

        public var isTrusted: Bool { leftOut <= Self.leftOutMax }
    }

    /// The accelerator's name in the catalogue.
    public var device: String
    public var tensorParallel: Int
    /// The engine and its version, as the source says them.
    public var backend: String
    public var times: Times
    public var residuals: Residuals
    public var source: String

    public init(
        device: String, tensorParallel: Int, backend: String, times: Times, residuals: Residuals,
        source: String
    ) {
        self.device = device
        self.tensorParallel = tensorParallel
        self.backend = backend
        self.times = times
        self.residuals = residuals
        self.source = source
    }
}

/// A time of an output token that somebody measured in a steady state.
public struct TokenTime: Hashable, Sendable {
    /// Requests in flight.
    public var requests: Double
    /// Tokens of a prompt and of an answer.
    public var prompt: Double
    public var output: Double
    /// Seconds.
    public var firstToken: Double
    public var outputToken: Double

    public init(
        requests: Double, prompt: Double, output: Double, firstToken: Double, outputToken: Double
    ) {
        self.requests = requests
        self.prompt = prompt
        self.output = output
        self.firstToken = firstToken
        self.outputToken = outputToken
    }
}
