import Quantities

/// The over-provision rate R of one model, learnt from how far its loads have exceeded their forecasts.
///
/// R is the quantile of the relative excess over the last `window` intervals, never negative: the smallest
/// excess that at least that share of the excesses does not exceed (split conformal prediction with a moving
/// window). With an adaptation rate g the probability a of a violation that the quantile 1 - a stands for
/// follows hits and misses,
///
///     a(t + 1) = a(t) + g * (a* - miss(t))
///
/// so that the share of misses comes to a* whatever the errors do (Gibbs and Candes 2021, "Adaptive conformal
/// inference under distribution shift"). Where it is known whether what served was too little, that is the
/// miss: then a makes up for servers that are late, and for capacity that whole servers have to spare. It
/// stays within -0.5 ... 0.5, so that a long quiet time is forgotten in reasonable time.
///
/// R is `initial` until enough was seen for a quantile at all: n excesses bound the next one with probability
/// k / (n + 1) by the k-th smallest, so that a quantile q takes q / (1 - q) of them, 19 for 0.95. Until the
/// window is full that k is taken, and R is at most 1 (or `initial`): a few cold samples must not multiply a
/// fleet. A load over a forecast of zero has no ratio and is left out.
public struct OverProvisionEstimate: Hashable, Codable, Sendable {
    /// The largest R that is believed before the window is full.
    private static let coldMaximum = 1.0

    private let rule: OverProvisionRule
    private let adaptation: Double
    private let maximum: Double?
    /// The relative excess of each of the last intervals; nil without a ratio.
    private var recent: SortedWindow
    private var intervals = 0
    /// The probability of a violation that is aimed at now.
    private var violation: Double

    /// - Parameters:
    ///   - adaptation: g; zero keeps the quantile of the rule.
    ///   - maximum: the largest R that is believed; nil for any.
    public init(rule: OverProvisionRule, adaptation: Fraction = .zero, maximum: Fraction? = nil) {
        self.rule = rule
        self.adaptation = adaptation.value
        self.maximum = maximum?.value
        recent = SortedWindow(places: rule.window)
        violation = 1 - rule.quantile.value
    }

    /// Takes an interval into account. O(window).
    ///
    /// - Parameters:
    ///   - load: queries/s that arrived.
    ///   - forecast: queries/s that were expected, without headroom.
    ///   - isMissed: whether less served than arrived; nil where that is not known, and R alone decides.
    public mutating func learn(load: Double, forecast: Double, isMissed: Bool? = nil) {
        let excess = forecast > 0 ? load / forecast - 1 : nil
        if adaptation > 0, let excess {
            let isMiss = isMissed ?? (excess > rate.value + Coverage.tolerance)
            violation += adaptation * (1 - rule.quantile.value - (isMiss ? 1 : 0))
            violation = min(0.5, max(-0.5, violation))
        }
        intervals += 1
        recent.add(excess)
    }

    /// The quantile of the rule, from 0 to 1, and how many intervals count.
    public var quantile: Double { rule.quantile.value }
    public var window: Int { rule.window }

    /// The relative excesses of the window, in ascending order.
    public var excesses: [Double] { recent.sorted }

    /// R. O(1).
    public var rate: Fraction {
        let quantile = adaptation > 0 ? 1 - violation : rule.quantile.value
        // One interval more than excesses was seen: the first had no forecast.
        let isFull = intervals + 1 >= rule.window
        let sorted = recent.sorted
        let places = Double(sorted.count + (isFull ? 0 : 1))
        let place = (quantile * places - 1e-9).rounded(.up)
        guard !sorted.isEmpty, isFull || place <= Double(sorted.count) else { return rule.initial }
        let rank = min(sorted.count, max(1, Int(place)))
        var rate = max(0, sorted[rank - 1])
        if !isFull { rate = min(rate, max(Self.coldMaximum, rule.initial.value)) }
        return Fraction(maximum.map { min($0, rate) } ?? rate)
    }
}
