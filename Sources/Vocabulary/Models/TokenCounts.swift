import Randomness

/// The distribution of a number of tokens.
public enum TokenCounts: Hashable, Codable, Sendable {
    case fixed(Int)
    /// Every whole number in `lower..<upper` alike.
    case uniform(lower: Int, upper: Int)
    /// `median * exp(sigma * Z)` with Z standard normal, cut to `lower...upper`.
    case logNormal(median: Double, sigma: Double, lower: Int, upper: Int)
    /// As often as each number was seen.
    case histogram(TokenHistogram)
}

extension TokenCounts {
    /// No smaller number is ever drawn.
    public var smallest: Int {
        switch self {
        case .fixed(let count): count
        case .uniform(let lower, _), .logNormal(_, _, let lower, _): lower
        case .histogram(let histogram): histogram.tokens[0]
        }
    }

    /// No larger number is ever drawn.
    public var largest: Int {
        switch self {
        case .fixed(let count): count
        case .uniform(_, let upper): upper - 1
        case .logNormal(_, _, _, let upper): upper
        case .histogram(let histogram): histogram.tokens[histogram.tokens.count - 1]
        }
    }

    /// The mean; of what has no short formula, over a sample that is always the same.
    public var mean: Double {
        if case .fixed(let count) = self { return Double(count) }
        var stream = RandomStream(seed: 1, name: "mean of token counts")
        let sum = (0..<Self.sampled).reduce(0) { sum, _ in sum + sample(using: &stream) }
        return Double(sum) / Double(Self.sampled)
    }

    private static let sampled = 8192

    /// A number of tokens.
    public func sample(using stream: inout RandomStream) -> Int {
        switch self {
        case .fixed(let count): return count
        case .uniform(let lower, let upper): return stream.integer(in: lower..<upper)
        case .logNormal(let median, let sigma, let lower, let upper):
            let drawn = median * stream.logNormal(mu: 0, sigma: sigma)
            return Int(min(max(drawn.rounded(), Double(lower)), Double(upper)))
        case .histogram(let histogram): return histogram.sample(using: &stream)
        }
    }
}
