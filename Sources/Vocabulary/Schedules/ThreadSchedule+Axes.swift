import Quantities

extension ScheduleAxis {
    /// M.
    public static let threads = ScheduleAxis(
        name: "threads", title: "M", takesProcessors: true, scale: .logarithm)
    /// O.
    public static let workers = ScheduleAxis(
        name: "workers", title: "O", takesProcessors: true, scale: .logarithm)
    /// M of the sparse group.
    public static let sparseThreads = ScheduleAxis(
        name: "sparseThreads", title: "sparse M", takesProcessors: true, scale: .logarithm)
    /// O of the sparse group.
    public static let sparseWorkers = ScheduleAxis(
        name: "sparseWorkers", title: "sparse O", takesProcessors: true, scale: .logarithm)
    /// Share of the embedding rows that an accelerator holds. The first rows matter most.
    public static let hotFraction = ScheduleAxis(
        name: "hotFraction", title: "hot rows", takesProcessors: false, scale: .squareRoot)
    /// D.
    public static let batch = ScheduleAxis(
        name: "batch", title: "D", takesProcessors: false, scale: .logarithm)
    /// How long a thread waits for pieces to join, in milliseconds.
    public static let joinWait = ScheduleAxis(
        name: "joinWait", title: "wait (ms)", takesProcessors: false, scale: .squareRoot)
}

extension ThreadSchedule {
    /// In the order in which a lattice has them.
    static let axes: [ScheduleAxis] = [
        .threads, .workers, .sparseThreads, .sparseWorkers, .hotFraction, .batch, .joinWait,
    ]

    /// 0 where there is no sparse group, no hot row or no wait; nil on an axis of another kind.
    func value(on axis: ScheduleAxis) -> Double? {
        switch axis {
        case .threads: Double(threads)
        case .workers: Double(workers)
        case .sparseThreads: Double(sparse?.threads ?? 0)
        case .sparseWorkers: Double(sparse?.workers ?? 0)
        case .hotFraction: hotFraction?.value ?? 0
        case .batch: Double(batch)
        case .joinWait: (joinWait ?? .zero).milliseconds
        default: nil
        }
    }

    /// What schedules that differ only in their numbers have in common.
    var family: String { Self.family(partition, precision, joins: joinWait != nil) }

    /// The family of a partition and a precision, of batches that are joined or not.
    public static func family(
        _ partition: Partition, _ precision: Precision = .default, joins: Bool = false
    ) -> String {
        var words = [partition.rawValue]
        if precision != .default { words.append(precision.rawValue) }
        if joins { words.append(joinedWord) }
        return words.joined(separator: " ")
    }

    private static let joinedWord = "joined"

    /// Makes the schedules of one family from values on some axes.
    ///
    /// Where each axis stands is looked up once, because a space makes a schedule for each cell of its
    /// lattices.
    struct Assembly {
        private let partition: Partition
        private let precision: Precision
        private let joins: Bool
        private let threads: Int?
        private let workers: Int?
        private let sparseThreads: Int?
        private let sparseWorkers: Int?
        private let hotFraction: Int?
        private let batch: Int?
        private let joinWait: Int?

        init?(family: String, axes: [ScheduleAxis]) {
            var words = family.split(separator: " ").map(String.init)
            joins = words.last == ThreadSchedule.joinedWord
            if joins { words.removeLast() }
            guard (1...2).contains(words.count), let partition = Partition(rawValue: words[0]),
                let precision = words.count == 2 ? Precision(rawValue: words[1]) : .default
            else { return nil }
            self.partition = partition
            self.precision = precision
            joinWait = axes.firstIndex(of: .joinWait)
            threads = axes.firstIndex(of: .threads)
            workers = axes.firstIndex(of: .workers)
            sparseThreads = axes.firstIndex(of: .sparseThreads)
            sparseWorkers = axes.firstIndex(of: .sparseWorkers)
            hotFraction = axes.firstIndex(of: .hotFraction)
            batch = axes.firstIndex(of: .batch)
        }

        func schedule(_ values: [Double]) -> ThreadSchedule? {
            func count(_ place: Int?) -> Int { place.map { Int(values[$0]) } ?? 1 }
            let hot = hotFraction.map { values[$0] } ?? 0
            let wait = joinWait.map { values[$0] } ?? 0
            let counts = (threads: count(threads), workers: count(workers), batch: count(batch))
            guard counts.threads >= 1, counts.workers >= 1, counts.batch >= 1, hot >= 0, hot <= 1,
                wait >= 0, wait < 1e6
            else { return nil }
            var sparse: ThreadGroup?
            if sparseThreads != nil {
                let group = (threads: count(sparseThreads), workers: count(sparseWorkers))
                if group.threads >= 1, group.workers >= 1 {
                    sparse = ThreadGroup(threads: group.threads, workers: group.workers)
                } else if group.threads != 0 || (sparseWorkers != nil && group.workers != 0) {
                    // Half a group is none.
                    return nil
                }
            }
            return ThreadSchedule(
                partition: partition, threads: counts.threads, workers: counts.workers, batch: counts.batch,
                sparse: sparse, hotFraction: hot > 0 ? Fraction(hot) : nil, precision: precision,
                joinWait: joins ? Nanoseconds(milliseconds: wait) : nil)
        }
    }
}
