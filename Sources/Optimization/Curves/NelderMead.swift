/// Minimises a function of a few variables without derivatives (Nelder and Mead, The Computer Journal, 1965),
/// with the standard coefficients: reflection 1, expansion 2, contraction 1/2, shrinkage 1/2.
///
/// Deterministic. Finds a local minimum; callers start it again from where it ended, which frees a simplex
/// that has collapsed.
public struct NelderMead: Sendable {
    /// Length of the first simplex's edges along each axis.
    public var step = 0.5
    public var evaluationsMax = 4_000
    /// Ends where all values of the simplex lie this close together.
    public var tolerance = 1e-10

    public init() {}

    /// - Returns: the best point and its value. O(evaluations x dimensions) beside the evaluations.
    /// - Precondition: `start` is not empty.
    public func minimum(
        from start: [Double], of value: ([Double]) -> Double
    ) -> (point: [Double], value: Double) {
        precondition(!start.isEmpty, "a function of at least one variable")
        var simplex = [Vertex(start, value)]
        for axis in start.indices {
            var point = start
            point[axis] += step
            simplex.append(Vertex(point, value))
        }
        var evaluations = simplex.count
        while evaluations < evaluationsMax {
            // Stable, so that equal values never depend on the sort.
            simplex.sort { $0.value < $1.value }
            let (best, worst) = (simplex[0], simplex[simplex.count - 1])
            if worst.value - best.value <= tolerance { break }
            let others = simplex.dropLast()
            let centre = start.indices.map { axis in
                others.reduce(0) { $0 + $1.point[axis] } / Double(others.count)
            }
            func along(_ factor: Double) -> Vertex {
                evaluations += 1
                return Vertex(zip(centre, worst.point).map { $0 + factor * ($0 - $1) }, value)
            }
            let reflected = along(1)
            let last = simplex.count - 1
            if reflected.value < best.value {
                let expanded = along(2)
                simplex[last] = expanded.value < reflected.value ? expanded : reflected
            } else if reflected.value < simplex[last - 1].value {
                simplex[last] = reflected
            } else {
                let contracted = reflected.value < worst.value ? along(0.5) : along(-0.5)
                if contracted.value < min(reflected.value, worst.value) {
                    simplex[last] = contracted
                } else {
                    for index in 1...last {
                        let point = zip(best.point, simplex[index].point).map { ($0 + $1) / 2 }
                        simplex[index] = Vertex(point, value)
                    }
                    evaluations += last
                }
            }
        }
        let best = simplex.min { $0.value < $1.value } ?? simplex[0]
        return (best.point, best.value)
    }

    private struct Vertex {
        let point: [Double]
        /// Infinite where the function has no value, so that the simplex turns away.
        let value: Double

        init(_ point: [Double], _ function: ([Double]) -> Double) {
            self.point = point
            let found = function(point)
            value = found.isNaN ? .infinity : found
        }
    }
}
