import Randomness

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

    /// The mean of the mixture, from 100 000 draws of a seed of its own: within half a percent, and exact
    /// where all sizes are one.
    ///
    /// Rates in queries go by it, rather than by the queries that happened to be drawn, because the few
    /// hundred of a short run have a heavy-tailed mean.
    public var meanSize: Double {
        var stream = RandomStream(seed: 0, name: "mean size")
        let draws = 100_000
        return Double((0..<draws).reduce(0) { sum, _ in sum + sample(using: &stream) }) / Double(draws)
    }

    /// So many sizes with luck taken out of them: every so many-th of a sorted draw many times larger, in
    /// random order, so that the few large queries that hold most of the work are neither too many nor too
    /// few (systematic sampling). Where the sizes are very many, luck averages out and they are drawn as they
    /// are.
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
