import Randomness

/// The distribution of a number of tokens.
public enum TokenCounts: Hashable, Codable, Sendable {
    case fixed(Int)
    /// Every whole number in `lower..<upper` alike.
    case uniform(lower: Int, upper: Int)
    /// `median * exp(sigma * Z)` with Z standard normal, cut to `lower...upper`.
    case logNormal(median: Double, sigma: Double, lower: Int, upper: Int)
}

extension TokenCounts {
    /// A number of tokens.
    public func sample(using stream: inout RandomStream) -> Int {
        switch self {
        case .fixed(let count): return count
        case .uniform(let lower, let upper): return stream.integer(in: lower..<upper)
        case .logNormal(let median, let sigma, let lower, let upper):
            let drawn = median * stream.logNormal(mu: 0, sigma: sigma)
            return Int(min(max(drawn.rounded(), Double(lower)), Double(upper)))
        }
    }
}
