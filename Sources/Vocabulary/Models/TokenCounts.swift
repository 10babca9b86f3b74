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
