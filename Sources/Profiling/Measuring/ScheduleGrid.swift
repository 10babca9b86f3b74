import Quantities
import Vocabulary

/// Every schedule of this host that a grid profile measures: M and O over powers of two (and M = all cores)
/// with M x O at most `cores`, each with every batch size.
///
/// Schedules of the same M and O stand together, so that one compiled model serves them in a row. Pipelines
/// of sparse and dense threads have the same M and O for their dense group, as long as that leaves a core;
/// every core that it leaves runs a sparse thread.
/// - Parameters:
///   - cores: usable cores, at least 1.
///   - batches: the values of D.
///   - partitions: `whole`, `sparseDense` or both; others need an accelerator and are left out.
///   - precisions: each with every one of them.
///   - joined: the values of D at which pieces are joined as well, with each of the waits; `whole` only.
public func scheduleGrid(
    cores: Int, batches: [Int], partitions: [ThreadSchedule.Partition] = [.whole],
    precisions: [Precision] = [.default], joined: JoinedBatches = JoinedBatches()
) -> [Schedule] {
    precisions.flatMap { precision in
        grid(cores: cores, batches: batches, partitions: partitions, precision, joined)
    }
}

/// The schedules of a grid in which a thread takes several pieces at once.
public struct JoinedBatches: Hashable, Sendable {
    /// How long it waits for them.
    public var waits: [Nanoseconds]
    /// The values of D.
    public var batches: [Int]

    public init(waits: [Nanoseconds] = [], batches: [Int] = []) {
        self.waits = waits
        self.batches = batches
    }
}

private func grid(
    cores: Int, batches: [Int], partitions: [ThreadSchedule.Partition], _ precision: Precision,
    _ joined: JoinedBatches
) -> [Schedule] {
    var grid: [Schedule] = []
    if partitions.contains(.whole) {
        grid += pairs(cores: cores).flatMap { pair in
            let split = batches.sorted().map { (batch: $0, wait: Nanoseconds?.none) }
            let joint = joined.waits.flatMap { wait in
                joined.batches.sorted().map { (batch: $0, wait: Nanoseconds?.some(wait)) }
            }
            return (split + joint).map {
                Schedule(
                    partition: .whole, threads: pair.threads, workers: pair.workers, batch: $0.batch,
                    precision: precision, joinWait: $0.wait)
            }
        }
    }
    if partitions.contains(.sparseDense), cores >= 2 {
        grid += pairs(cores: cores - 1).flatMap { pair in
            let left = cores - pair.threads * pair.workers
            return batches.sorted().map {
                Schedule(
                    partition: .sparseDense, threads: pair.threads, workers: pair.workers, batch: $0,
                    sparse: ThreadSchedule.ThreadGroup(threads: left, workers: 1), precision: precision)
            }
        }
    }
    return grid
}

/// M and O over powers of two, and M = all cores.
private func pairs(cores: Int) -> [(threads: Int, workers: Int)] {
    let powers = sequence(first: 1) { $0 * 2 <= cores ? $0 * 2 : nil }
    var pairs = powers.flatMap { workers in powers.map { (threads: $0, workers: workers) } }
        .filter { $0.threads * $0.workers <= cores }
    if !powers.contains(cores) { pairs.append((threads: cores, workers: 1)) }
    pairs.sort { ($0.workers, $0.threads) < ($1.workers, $1.threads) }
    return pairs
}
