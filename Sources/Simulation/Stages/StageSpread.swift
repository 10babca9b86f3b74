import Randomness

/// A number that stages draw: seconds, tokens or items.
public enum StageSpread: Sendable, Hashable {
    case fixed(Double)
    /// Between two bounds, all alike.
    case uniform(lower: Double, upper: Double)
    case exponential(mean: Double)
    /// `median * exp(sigma * Z)` with Z standard normal, cut to `lower...upper`.
    case logNormal(median: Double, sigma: Double, lower: Double, upper: Double)

    func sample(using stream: inout RandomStream) -> Double {
        switch self {
        case .fixed(let value): return value
        case .uniform(let lower, let upper): return lower + (upper - lower) * stream.uniform()
        case .exponential(let mean): return mean * stream.exponential()
        case .logNormal(let median, let sigma, let lower, let upper):
            return min(max(median * stream.logNormal(mu: 0, sigma: sigma), lower), upper)
        }
    }

    /// A whole number, at least `least`.
    func count(atLeast least: Int, using stream: inout RandomStream) -> Int {
        max(least, Int(min(sample(using: &stream), 1e9).rounded()))
    }

    /// What keeps it from being drawn; nil where nothing does.
    var fault: String? {
        switch self {
        case .fixed(let value): value >= 0 && value.isFinite ? nil : "found \(value), expected 0 or more"
        case .uniform(let lower, let upper):
            lower >= 0 && upper >= lower && upper.isFinite ? nil : "found \(lower) to \(upper)"
        case .exponential(let mean): mean >= 0 && mean.isFinite ? nil : "found a mean of \(mean)"
        case .logNormal(let median, let sigma, let lower, let upper):
            median > 0 && sigma >= 0 && sigma.isFinite && lower >= 0 && upper >= lower && upper.isFinite
                ? nil : "found a median of \(median) in \(lower) to \(upper)"
        }
    }
}
