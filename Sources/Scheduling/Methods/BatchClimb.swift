import Vocabulary

/// The climb of DeepRecSys (Gupta et al., ISCA 2020): one single-worker thread on every core, and only the
/// batch size is raised until the throughput stops growing. On an accelerator, one copy and a growing fusion
/// limit.
public struct BatchClimb: SearchMethod {
    public init() {}

    public var name: String { "deeprecsys" }

    public func explore(_ problem: SearchProblem, _ ledger: inout SearchLedger) throws -> SearchStop {
        let climbed = [ThreadSchedule.Partition.whole, .accelerator].map(\.rawValue)
        for lattice in problem.space.lattices where climbed.contains(lattice.family) {
            guard let batchAxis = lattice.axis(.batch), let threadAxis = lattice.axis(.threads) else {
                continue
            }
            var point = lattice.axes.map { _ in 0 }
            if lattice.family == ThreadSchedule.Partition.whole.rawValue {
                point[threadAxis] = lattice.axes[threadAxis].values.count - 1
            }
            var best = 0.0
            for batch in lattice.axes[batchAxis].values.indices {
                point[batchAxis] = batch
                guard let index = lattice.index(at: point) else { continue }
                let value = try ledger.value(index)
                if value > best {
                    best = value
                    ledger.accept(index)
                } else if best > 0 {
                    break
                }
            }
        }
        return .converged
    }
}
