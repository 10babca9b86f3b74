import Vocabulary

/// Coordinate ascent: in each partition, from the lowest corner, walk along one axis while that gains, then
/// along the next, until a whole round over the axes has gained nothing.
public struct CoordinateSearch: SearchMethod {
    public init() {}

    public var name: String { "coordinate" }

    public func explore(_ problem: SearchProblem, _ ledger: inout SearchLedger) throws -> SearchStop {
        for lattice in problem.space.lattices {
            var current = lattice.first
            _ = try ledger.value(current)
            ledger.accept(current)
            var hasGained = true
            while hasGained {
                hasGained = false
                for axis in lattice.axes.indices {
                    for direction in [1, -1] {
                        while let next = problem.space.moved(current, [(axis, direction)]),
                            // Where nothing is served yet, walking on costs nothing but evaluations.
                            try ledger.value(next) > ledger.value(current)
                                || (direction == 1 && ledger.value(next) == 0 && ledger.value(current) == 0)
                        {
                            hasGained = try hasGained || ledger.value(next) > 0
                            current = next
                            ledger.accept(current)
                        }
                    }
                }
            }
        }
        return .converged
    }
}
