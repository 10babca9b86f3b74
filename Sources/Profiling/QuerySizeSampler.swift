import Simulation
import Vocabulary

/// Draws query sizes from a mixture.
public struct QuerySizeSampler: Sendable {
    private let mixture: [QuerySizes.Weighted]

    public init(_ sizes: QuerySizes) { mixture = sizes.mixture }

    /// One size, at least 1 item.
    public func sample(using stream: inout RandomStream) -> Int {
        var remaining = stream.uniform()
        var chosen = mixture[mixture.count - 1].component
        for weighted in mixture {
            remaining -= weighted.weight
            if remaining < 0 {
                chosen = weighted.component
                break
            }
        }
        switch chosen {
        case .fixed(let items): return items
        case .uniform(let lower, let upper): return stream.integer(in: lower..<upper)
        case .logNormal(let mu, let sigma, let lower, let upper, let fallbackLower, let fallbackUpper):
            let size = Int(stream.logNormal(mu: mu, sigma: sigma))
            return (lower..<upper).contains(size) ? size : stream.integer(in: fallbackLower..<fallbackUpper)
        }
    }
}
