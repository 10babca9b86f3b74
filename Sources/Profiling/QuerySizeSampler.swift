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

    /// So many sizes with luck taken out of them: every so many-th of a sorted draw many times larger, in random order, so
    /// that the few large queries that hold most of the work are neither too many nor too few (systematic sampling).
    /// Where the sizes are very many, luck averages out and they are drawn as they are.
    public func systematicSample(_ count: Int, using stream: inout RandomStream) -> [Int] {
        guard count <= Self.systematicMax else { return (0..<count).map { _ in sample(using: &stream) } }
        var pool = (0..<count * Self.poolFactor).map { _ in sample(using: &stream) }
        pool.sort()
        var sizes = (0..<count).map { pool[$0 * Self.poolFactor + Self.poolFactor / 2] }
        sizes.shuffle(using: &stream)
        return sizes
    }

    private static let poolFactor = 16
    private static let systematicMax = 200_000
}
