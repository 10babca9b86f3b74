import Vocabulary

/// The climb of the Hercules paper (HPCA 2022) as its abstract and figures describe it, reconstructed: kept
/// beside `gradient` to show what that adds.
///
/// At fixed values of everything else, from (1, smallest D), evaluate the neighbours that raise M, raise D,
/// or raise both, step along the steepest gain, and stop when none gains. Then raise O and climb again until
/// a higher O no longer helps; the remaining axes of a lattice are raised the same way, one after another;
/// and so for each lattice. A start without any throughput walks along the diagonal to the first point that
/// has some.
public struct PlainGradientSearch: SearchMethod {
    public init() {}

    public var name: String { "gradient-plain" }

    public func explore(_ problem: SearchProblem, _ ledger: inout SearchLedger) throws -> SearchStop {
        for lattice in problem.space.lattices {
            guard let plane = lattice.plane else { continue }
            let outer = lattice.axes.indices.filter { $0 != plane.concurrency && $0 != plane.batch }
            var fixed = lattice.axes.map { _ in 0 }
            var best = try climb(lattice, plane, fixed, &ledger)
            for axis in outer {
                while fixed[axis] + 1 < lattice.axes[axis].values.count {
                    var raised = fixed
                    raised[axis] += 1
                    guard lattice.index(at: raised) != nil else { break }
                    let found = try climb(lattice, plane, raised, &ledger)
                    guard found > best else { break }
                    best = found
                    fixed = raised
                }
            }
        }
        return .converged
    }

    /// Climbs over (M, D) from the corner; returns the throughput at the top.
    private func climb(
        _ lattice: ScheduleSpace.Lattice, _ plane: (concurrency: Int, batch: Int), _ start: [Int],
        _ ledger: inout SearchLedger
    ) throws -> Double {
        let directions = [(1, 0), (0, 1), (1, 1)]
        func moved(_ point: [Int], _ direction: (Int, Int)) -> [Int]? {
            var next = point
            next[plane.concurrency] += direction.0
            next[plane.batch] += direction.1
            return lattice.index(at: next) == nil ? nil : next
        }
        var point = start
        guard var index = lattice.index(at: point) else { return 0 }
        var value = try ledger.value(index)
        while value == 0 {
            guard let next = moved(point, (1, 1)) ?? moved(point, (1, 0)) ?? moved(point, (0, 1)),
                let found = lattice.index(at: next)
            else { return 0 }
            (point, index) = (next, found)
            value = try ledger.value(index)
        }
        ledger.accept(index)
        while true {
            var steepest: (point: [Int], index: Int, value: Double)?
            for direction in directions {
                guard let next = moved(point, direction), let found = lattice.index(at: next) else {
                    continue
                }
                let gained = try ledger.value(found)
                if gained > (steepest?.value ?? value) { steepest = (next, found, gained) }
            }
            guard let step = steepest else { return value }
            (point, index, value) = step
            ledger.accept(index)
        }
    }
}
