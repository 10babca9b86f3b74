import Vocabulary

extension ScheduleSpace {
    /// The schedules one step away: one value or one doubling up or down an axis, and the diagonals of the
    /// lattice's plane.
    ///
    /// The groups of threads share the cores, so a step up may need another group to give cores back, and a
    /// step down leaves cores that another group can take. Such exchanges count as one step: on a full server
    /// they are the only ones there are.
    ///
    /// - Returns: the neighbours; the first `near` of them are the single steps along one axis.
    func neighbours(of index: Int) -> (all: [Int], near: Int) {
        let lattice = lattices[latticeIndex(of: index)]
        let point = lattice.point(index)
        var found: [Int] = []
        func add(_ candidate: [Int]) {
            guard let next = lattice.index(at: candidate), next != index, !found.contains(next) else {
                return
            }
            found.append(next)
        }
        for axis in lattice.axes.indices {
            for step in [1, -1] {
                var moved = point
                moved[axis] += step
                add(moved)
            }
        }
        let near = found.count
        let shared = lattice.axes.indices.filter { lattice.axes[$0].kind.takesProcessors }
        for axis in lattice.axes.indices {
            let values = lattice.axes[axis].values
            let value = values[point[axis]]
            let doubled = values.lastIndex { $0 <= 2 * value } ?? point[axis]
            let halved = values.firstIndex { $0 >= value / 2 } ?? point[axis]
            for target in [point[axis] + 1, point[axis] - 1, doubled, halved]
            where values.indices.contains(target) && target != point[axis] {
                var moved = point
                moved[axis] = target
                add(moved)
                guard shared.contains(axis) else { continue }
                for other in shared where other != axis {
                    // As many cores as before: O doubled and M halved.
                    let values = lattice.axes[other].values
                    let kept = values[point[other]] * value / lattice.axes[axis].values[target]
                    var traded = moved
                    traded[other] = values.lastIndex { $0 <= kept } ?? 0
                    add(traded)
                    var exchanged = moved
                    if target > point[axis] {
                        while lattice.index(at: exchanged) == nil, exchanged[other] > 0 {
                            exchanged[other] -= 1
                        }
                    } else {
                        while exchanged[other] + 1 < lattice.axes[other].values.count {
                            exchanged[other] += 1
                            if lattice.index(at: exchanged) == nil {
                                exchanged[other] -= 1
                                break
                            }
                        }
                    }
                    add(exchanged)
                }
            }
        }
        if let plane = lattice.plane {
            for (up, along) in [(1, 1), (1, -1), (-1, 1), (-1, -1)] {
                var moved = point
                moved[plane.concurrency] += up
                moved[plane.batch] += along
                add(moved)
            }
        }
        return (found, near)
    }
}

extension ScheduleSpace.Lattice {
    /// The places of the two axes over which throughput is convex-like: how much runs side by side, and how
    /// much is taken at a time. M and D of threads, sequences and tokens of an engine; nil where a lattice
    /// has only one of them.
    var plane: (concurrency: Int, batch: Int)? {
        for pair in [(ScheduleAxis.threads, ScheduleAxis.batch), (.sequencesMax, .tokenBudget)] {
            if let concurrency = axis(pair.0), let batch = axis(pair.1) { return (concurrency, batch) }
        }
        return nil
    }
}
