import Quantities
import Vocabulary

/// One number of a schedule that a search may vary.
///
/// A new one is a case here, its line in each function of this file, and its values where a space is made;
/// the methods know axes only by what is said of them here.
public enum ScheduleAxis: String, Sendable, CaseIterable {
    /// M.
    case threads
    /// O.
    case workers
    /// M of the sparse group.
    case sparseThreads
    /// O of the sparse group.
    case sparseWorkers
    /// Share of the embedding rows that an accelerator holds.
    case hotFraction
    /// D.
    case batch

    /// The name in tables.
    public var title: String {
        switch self {
        case .threads: "M"
        case .workers: "O"
        case .sparseThreads: "sparse M"
        case .sparseWorkers: "sparse O"
        case .hotFraction: "hot rows"
        case .batch: "D"
        }
    }

    /// Whether a higher value takes cores from the other axes of this kind.
    var takesCores: Bool {
        switch self {
        case .threads, .workers, .sparseThreads, .sparseWorkers: true
        case .hotFraction, .batch: false
        }
    }

    /// Where a value lies on a scale on which equal steps change the throughput about alike: the logarithm of
    /// what is counted, the square root of a share, because the first rows matter most.
    func position(_ value: Double) -> Double {
        switch self {
        case .threads, .workers, .sparseThreads, .sparseWorkers, .batch: value.logarithm2
        case .hotFraction: 4 * value.squareRoot()
        }
    }
}

extension Double {
    /// The logarithm to the base 2, the same with every C library to within what a search can notice:
    /// exponent and a straight line through the significand.
    fileprivate var logarithm2: Double { self > 0 ? Double(exponent) + significand - 1 : -64 }
}

/// A schedule as a value on each axis of a lattice; NaN where the lattice has no such axis.
///
/// Plain members and no dictionary, because a space makes one for each cell of its lattices.
struct Coordinates {
    private var threads = Double.nan
    private var workers = Double.nan
    private var sparseThreads = Double.nan
    private var sparseWorkers = Double.nan
    private var hotFraction = Double.nan
    private var batch = Double.nan

    mutating func set(_ axis: ScheduleAxis, _ value: Double) {
        switch axis {
        case .threads: threads = value
        case .workers: workers = value
        case .sparseThreads: sparseThreads = value
        case .sparseWorkers: sparseWorkers = value
        case .hotFraction: hotFraction = value
        case .batch: batch = value
        }
    }

    func schedule(_ partition: Schedule.Partition) -> Schedule {
        func count(_ value: Double) -> Int { value.isNaN ? 1 : Int(value) }
        return Schedule(
            partition: partition, threads: count(threads), workers: count(workers), batch: count(batch),
            sparse: !(sparseThreads >= 1)
                ? nil : Schedule.ThreadGroup(threads: Int(sparseThreads), workers: count(sparseWorkers)),
            hotFraction: hotFraction > 0 ? Fraction(hotFraction) : nil)
    }

    /// The inverse of `schedule`.
    static func value(of axis: ScheduleAxis, in schedule: Schedule) -> Double {
        switch axis {
        case .threads: Double(schedule.threads)
        case .workers: Double(schedule.workers)
        case .sparseThreads: Double(schedule.sparse?.threads ?? 0)
        case .sparseWorkers: Double(schedule.sparse?.workers ?? 0)
        case .hotFraction: schedule.hotFraction?.value ?? 0
        case .batch: Double(schedule.batch)
        }
    }
}
