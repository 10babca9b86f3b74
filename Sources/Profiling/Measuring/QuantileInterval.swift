import Foundation
import Vocabulary
import Quantities

/// Distribution-free confidence intervals of a quantile, from order statistics.
///
/// Of n independent values, the number at or below the true quantile of order q is binomial (n, q), whatever
/// the distribution. So the quantile lies between the order statistics of ranks l and u with the probability
/// that the binomial lies in l ..< u (David and Nagaraja, Order Statistics, 3rd edition, section 7.1).
/// MLPerf's load generator decides its early stopping by the same binomial.
public enum QuantileInterval {
    /// The ranks, from 1, of the order statistics that enclose the quantile with at least the confidence,
    /// split evenly between both sides. A rank is nil where n is too small for one. O(sqrt n) time and
    /// memory.
    /// - Precondition: `count >= 0` and `0 < confidence < 1`.
    public static func ranks(count: Int, quantile: Quantile, confidence: Double) -> (lower: Int?, upper: Int?)
    {
        precondition(count >= 0 && confidence > 0 && confidence < 1, "a confidence lies between 0 and 1")
        let risk = (1 - confidence) / 2
        let (n, q) = (Double(count), quantile.value)
        guard count > 0 else { return (nil, nil) }
        // Beyond nine standard deviations there is less than rounding adds up to.
        let spread = 9 * (n * q * (1 - q)).squareRoot() + 20
        let first = max(0, Int(n * q - spread))
        let last = min(count, Int(n * q + spread))
        let logOdds = log(q) - log(1 - q)
        var logMass =
            lgamma(n + 1) - lgamma(Double(first) + 1) - lgamma(n - Double(first) + 1)
            + Double(first) * log(q) + (n - Double(first)) * log(1 - q)
        var (lower, upper): (Int?, Int?) = (nil, nil)
        // P(X <= k), growing with k.
        var cumulative = 0.0
        for k in first...last {
            cumulative += exp(logMass)
            // The lower rank l is the largest with P(X < l) <= risk.
            if cumulative <= risk, k + 1 <= count { lower = k + 1 }
            // The upper rank u is the smallest with P(X >= u) <= risk.
            if upper == nil, 1 - cumulative <= risk, k + 1 <= count { upper = k + 1 }
            logMass += log((n - Double(k)) / Double(k + 1)) + logOdds
        }
        return (lower, upper)
    }

    /// How many values a bound on the upper side needs at least: below, even the largest may lie under the
    /// quantile.
    public static func countMin(quantile: Quantile, confidence: Double) -> Int {
        Int((log((1 - confidence) / 2) / log(quantile.value)).rounded(.up))
    }

    /// How many independent values would tell a share as well as these do.
    ///
    /// Queries of one busy period are late together. The run is cut into 20 stretches of equal numbers; the
    /// variance of their shares, over the variance that independent values would have, is the design effect
    /// (Kish 1965), and the number is divided by it. O(n).
    public static func effectiveCount(of late: [Bool]) -> Double {
        let stretches = 20
        let n = late.count
        guard n >= 10 * stretches else { return Double(n) }
        let share = Double(late.reduce(0) { $0 + ($1 ? 1 : 0) }) / Double(n)
        guard share > 0 && share < 1 else { return Double(n) }
        let size = n / stretches
        var squares = 0.0
        for stretch in 0..<stretches {
            let slice = late[stretch * size..<(stretch + 1) * size]
            let deviation = Double(slice.reduce(0) { $0 + ($1 ? 1 : 0) }) / Double(size) - share
            squares += deviation * deviation
        }
        let effect = squares / Double(stretches - 1) * Double(size) / (share * (1 - share))
        return Double(n) / max(1, effect)
    }
}

extension Verdict.Tail {
    /// The interval of a run's tail quantile and what it says about the limit.
    /// - Parameters:
    ///   - effectiveCount: how many independent queries those of the histogram are worth.
    public init(
        _ latencies: LatencyHistogram, effectiveCount: Double, target: LatencyTarget, confidence: Fraction
    ) {
        let effective = max(0, min(Double(latencies.count), effectiveCount))
        let (low, high) = QuantileInterval.ranks(
            count: Int(effective), quantile: target.quantile, confidence: confidence.value)
        func latency(_ rank: Int) -> Nanoseconds? {
            latencies.latency(
                rank: Int((Double(rank) / effective.rounded(.down) * Double(latencies.count)).rounded(.up)))
        }
        let (lower, upper) = (low.flatMap(latency), high.flatMap(latency))
        var answer = Verdict.Answer.undecided
        if let upper, upper <= target.limit { answer = .meets }
        if let lower, lower > target.limit { answer = .misses }
        self.init(target: target, confidence: confidence, lower: lower, upper: upper, answer: answer)
    }
}
