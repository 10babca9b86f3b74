/// The distribution of the number of items that one query asks to rank: a mixture of components.
public struct QuerySizes: Hashable, Codable, Sendable {
    /// One component of the mixture; all bounds are whole items and upper bounds are excluded.
    public enum Component: Hashable, Codable, Sendable {
        /// Always the same size.
        case fixed(Int)
        /// Every whole number in `lower..<upper` alike.
        case uniform(lower: Int, upper: Int)
        /// exp(Normal(mu, sigma)); a draw outside `lower..<upper` is replaced by one from the fallback range.
        case logNormal(
            mu: Double, sigma: Double, lower: Int, upper: Int, fallbackLower: Int, fallbackUpper: Int)
    }

    /// A component and its probability.
    public struct Weighted: Hashable, Codable, Sendable {
        public let weight: Double
        public let component: Component
        public init(weight: Double, component: Component) {
            self.weight = weight
            self.component = component
        }
    }

    /// The name used in model files.
    public let name: String
    /// Weights sum to 1.
    public let mixture: [Weighted]

    public init(name: String, mixture: [Weighted]) {
        self.name = name
        self.mixture = mixture
    }

    /// The heavy-tailed mixture published with DeepRecSys, as replayed by Kairos (MIT licence):
    /// mean 239 items, p50 178, p95 607, p99 921.
    public static let deepRecSys = QuerySizes(
        name: "deeprecsys",
        mixture: [
            Weighted(weight: 0.08, component: .uniform(lower: 1, upper: 100)),
            Weighted(weight: 0.22, component: .uniform(lower: 200, upper: 600)),
            Weighted(weight: 0.05, component: .uniform(lower: 600, upper: 1000)),
            Weighted(
                weight: 0.65,
                component: .logNormal(
                    mu: 5.1, sigma: 0.2, lower: 100, upper: 200, fallbackLower: 190, fallbackUpper: 200)),
        ])

    /// Queries that all have the same size.
    public static func fixed(_ items: Int) -> QuerySizes {
        QuerySizes(name: "fixed-\(items)", mixture: [Weighted(weight: 1, component: .fixed(items))])
    }
}
