import Vocabulary

/// Every schedule of this host that a grid profile measures: M and O over powers of two (and M = all cores) with
/// M x O at most `cores`, each with every batch size.
///
/// Schedules of the same M and O stand together, so that one compiled model serves them in a row.
/// - Parameters:
///   - cores: usable cores, at least 1.
///   - batches: the values of D.
public func scheduleGrid(cores: Int, batches: [Int]) -> [Schedule] {
    let powers = sequence(first: 1) { $0 * 2 <= cores ? $0 * 2 : nil }
    var pairs = powers.flatMap { workers in powers.map { (threads: $0, workers: workers) } }
        .filter { $0.threads * $0.workers <= cores }
    if !powers.contains(cores) { pairs.append((threads: cores, workers: 1)) }
    pairs.sort { ($0.workers, $0.threads) < ($1.workers, $1.threads) }
    return pairs.flatMap { pair in
        batches.sorted().map {
            Schedule(partition: .whole, threads: pair.threads, workers: pair.workers, batch: $0)
        }
    }
}
