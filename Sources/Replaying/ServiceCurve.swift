import Vocabulary

/// The least that a policy uses at a level of service: the lower convex hull of what its settings use over
/// what they miss.
///
/// A policy that spends a share of the time at each of two settings uses and misses the same share of both,
/// so every point between two settings can be had. Nothing is extrapolated.
package struct ServiceCurve {
    /// The share missed, ascending, and what is used, descending.
    private let corners: [(missed: Double, used: Double)]
    /// The least and the greatest share that any setting misses.
    package let range: ClosedRange<Double>

    /// - Parameter settings: what each setting misses and uses; at least one.
    package init(_ settings: [(missed: Double, used: Double)]) {
        let missed = settings.map(\.missed)
        range = (missed.min() ?? 0)...(missed.max() ?? 0)
        var corners: [(missed: Double, used: Double)] = []
        for point in settings.sorted(by: { ($0.missed, $0.used) < ($1.missed, $1.used) }) {
            // Who misses more and uses as much is no choice.
            if let last = corners.last, point.used >= last.used { continue }
            while corners.count > 1 {
                let (before, last) = (corners[corners.count - 2], corners[corners.count - 1])
                let turn =
                    (last.missed - before.missed) * (point.used - before.used)
                    - (last.used - before.used) * (point.missed - before.missed)
                guard turn <= 0 else { break }
                corners.removeLast()
            }
            corners.append(point)
        }
        self.corners = corners
    }

    /// What is used at least where a share is missed at most; nil where no two settings bracket the share.
    package func used(at missed: Double) -> Double? {
        guard range.contains(missed) else { return nil }
        guard let after = corners.firstIndex(where: { $0.missed >= missed }) else {
            return corners.last?.used
        }
        guard after > 0, corners[after].missed > missed else { return corners[after].used }
        let (left, right) = (corners[after - 1], corners[after])
        let share = (missed - left.missed) / (right.missed - left.missed)
        return left.used + share * (right.used - left.used)
    }
}
