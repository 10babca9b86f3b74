import Foundation

/// How two rankings, or two samples, compare.
public enum RankStatistics {
    /// Kendall's tau-b: pairs ordered alike less those ordered the other way, ties apart. O(n^2).
    public static func kendallTau(_ left: [Double], _ right: [Double]) -> Double {
        precondition(left.count == right.count, "one number for one number")
        var (alike, against, tiesLeft, tiesRight) = (0.0, 0.0, 0.0, 0.0)
        for one in left.indices {
            for other in (one + 1)..<max(left.count, one + 1) {
                let (a, b) = (left[one] - left[other], right[one] - right[other])
                if a == 0, b == 0 { continue }
                if a == 0 {
                    tiesLeft += 1
                } else if b == 0 {
                    tiesRight += 1
                } else if (a > 0) == (b > 0) {
                    alike += 1
                } else {
                    against += 1
                }
            }
        }
        let whole = ((alike + against + tiesLeft) * (alike + against + tiesRight)).squareRoot()
        return whole > 0 ? (alike - against) / whole : 0
    }

    /// Spearman's rho: the correlation of ranks, ties sharing the mean of theirs. O(n log n).
    public static func spearman(_ left: [Double], _ right: [Double]) -> Double {
        precondition(left.count == right.count, "one number for one number")
        let (a, b) = (ranks(left), ranks(right))
        let mean = Double(left.count + 1) / 2
        var (both, own, other) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            both += (x - mean) * (y - mean)
            own += (x - mean) * (x - mean)
            other += (y - mean) * (y - mean)
        }
        let whole = (own * other).squareRoot()
        return whole > 0 ? both / whole : 0
    }

    /// Ranks from 1 on; equal values share the mean of theirs.
    public static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = values.map { _ in 0.0 }
        var start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
            for place in start...end { ranks[order[place]] = Double(start + end) / 2 + 1 }
            start = end + 1
        }
        return ranks
    }

    /// The probability, were both samples of one distribution, that the first lies as far above the second as
    /// it does (Mann and Whitney 1947, normal approximation with correction for ties; one-sided).
    public static func mannWhitney(_ greater: [Double], than lesser: [Double]) -> Double {
        let (m, n) = (Double(greater.count), Double(lesser.count))
        let all = greater + lesser
        let ranks = ranks(all)
        let sum = ranks.prefix(greater.count).reduce(0, +)
        let statistic = sum - m * (m + 1) / 2
        let ties = Dictionary(grouping: all) { $0 }.values.reduce(0.0) {
            let count = Double($1.count)
            return $0 + count * count * count - count
        }
        let total = m + n
        let variance = m * n / 12 * (total + 1 - ties / (total * (total - 1)))
        guard variance > 0 else { return 0.5 }
        let z = (statistic - m * n / 2 - 0.5) / variance.squareRoot()
        return 0.5 * erfc(z / 2.0.squareRoot())
    }
}
