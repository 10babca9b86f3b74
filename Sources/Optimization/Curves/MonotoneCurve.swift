/// A curve through scattered points that only rises, or only falls.
///
/// The knots are the least-squares solution among all monotone sequences over the distinct x (isotonic
/// regression):
///
///     minimise    sum_i  w_i (v_i - y_i)^2      with y_i the mean and w_i the number of the points at x_i
///     subject to  v_i <= v_(i+1)                for a rising curve, >= for a falling one
///
/// found exactly by pooling neighbours that violate the order. Between knots it is the cubic of Fritsch and
/// Carlson (1980) with harmonic-mean slopes, which adds no bump: it stays monotone, and passes every knot.
public struct MonotoneCurve: Hashable, Sendable {
    /// Which way the curve goes.
    public enum Direction: String, Hashable, Sendable, CaseIterable {
        case rising, falling
    }

    /// A point of the curve.
    public struct Knot: Hashable, Sendable {
        public let x: Double
        public let y: Double

        public init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// Ascending by x.
    public let knots: [Knot]
    /// The root of the mean squared difference between points and curve, in the unit of y.
    public let residual: Double
    /// The derivative at each knot.
    private let slopes: [Double]

    /// Fits a curve. O(n log n).
    /// - Parameter points: at least one; x and y are finite.
    /// - Precondition: there is a point, and all numbers are finite.
    public init(through points: [Knot], _ direction: Direction) {
        precondition(!points.isEmpty, "a curve needs a point")
        precondition(points.allSatisfy { $0.x.isFinite && $0.y.isFinite }, "points are finite")
        let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        var places: [(x: Double, sum: Double, count: Double)] = []
        for point in sorted {
            if let last = places.last, last.x == point.x {
                places[places.count - 1].sum += point.y
                places[places.count - 1].count += 1
            } else {
                places.append((point.x, point.y, 1))
            }
        }
        let sign = direction == .rising ? 1.0 : -1.0
        // Pools of neighbours that share a value: sum, weight, and how many places they span.
        var pools: [(sum: Double, weight: Double, places: Int)] = []
        for place in places {
            pools.append((sign * place.sum, place.count, 1))
            while pools.count > 1 {
                let (left, right) = (pools[pools.count - 2], pools[pools.count - 1])
                guard left.sum / left.weight > right.sum / right.weight else { break }
                pools.removeLast()
                pools[pools.count - 1] = (
                    left.sum + right.sum, left.weight + right.weight, left.places + right.places
                )
            }
        }
        var knots: [Knot] = []
        for pool in pools {
            for _ in 0..<pool.places {
                knots.append(Knot(x: places[knots.count].x, y: sign * pool.sum / pool.weight))
            }
        }
        self.knots = knots
        slopes = Self.slopes(of: knots)
        var values: [Double: Double] = [:]
        for knot in knots { values[knot.x] = knot.y }
        let squares = points.reduce(0.0) { sum, point in
            let difference = point.y - (values[point.x] ?? point.y)
            return sum + difference * difference
        }
        residual = (squares / Double(points.count)).squareRoot()
    }

    /// From the smallest to the largest x of the points.
    public var hull: ClosedRange<Double> { knots[0].x...knots[knots.count - 1].x }

    /// The curve at x; nil outside the hull, where no point says anything. O(log n).
    public func value(at x: Double) -> Double? {
        guard hull.contains(x) else { return nil }
        var (low, high) = (0, knots.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if knots[middle].x <= x { low = middle } else { high = middle }
        }
        let (left, right) = (knots[low], knots[high])
        let width = right.x - left.x
        guard width > 0 else { return left.y }
        let t = (x - left.x) / width
        let (t2, t3) = (t * t, t * t * t)
        let value =
            left.y * (2 * t3 - 3 * t2 + 1) + right.y * (3 * t2 - 2 * t3)
            + width * (slopes[low] * (t3 - 2 * t2 + t) + slopes[high] * (t3 - t2))
        // Rounding must not carry the curve past its neighbours.
        return min(max(value, min(left.y, right.y)), max(left.y, right.y))
    }

    /// The curve at x, held at its ends outside the hull: for those who ask for it.
    public func heldValue(at x: Double) -> Double {
        value(at: min(max(x, hull.lowerBound), hull.upperBound)) ?? knots[0].y
    }

    private static func slopes(of knots: [Knot]) -> [Double] {
        guard knots.count > 1 else { return [0] }
        let widths = zip(knots, knots.dropFirst()).map { $1.x - $0.x }
        let secants = zip(knots, knots.dropFirst()).map { ($1.y - $0.y) / ($1.x - $0.x) }
        var slopes = [Double](repeating: 0, count: knots.count)
        for index in 1..<(knots.count - 1) where secants[index - 1] * secants[index] > 0 {
            let (left, right) = (widths[index - 1], widths[index])
            let (first, second) = (2 * right + left, right + 2 * left)
            slopes[index] =
                (first + second) / (first / secants[index - 1] + second / secants[index])
        }
        // At the ends the secant: a monotone cubic allows up to three times it.
        slopes[0] = secants[0]
        slopes[knots.count - 1] = secants[secants.count - 1]
        return slopes
    }
}

extension MonotoneCurve {
    /// For every distinct x inside the hull, the curve through all other points beside the mean of those at
    /// x. The ends are left out, as without them nothing would be known there. O(n^2 log n).
    public static func leftOut(
        _ points: [Knot], _ direction: Direction
    ) -> [(x: Double, found: Double, predicted: Double)] {
        let places = Set(points.map(\.x)).sorted()
        return places.dropFirst().dropLast().compactMap { x in
            let here = points.filter { $0.x == x }
            let curve = MonotoneCurve(through: points.filter { $0.x != x }, direction)
            let found = here.reduce(0) { $0 + $1.y } / Double(here.count)
            return curve.value(at: x).map { (x, found, $0) }
        }
    }
}
