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
}

extension ThreadSchedule {
    /// In the order in which a lattice has them.
    static let axes: [ScheduleAxis] = [
        .threads, .workers, .sparseThreads, .sparseWorkers, .hotFraction, .batch,
    ]

    /// 0 where there is no sparse group or no hot row; nil on an axis of another kind.
    func value(on axis: ScheduleAxis) -> Double? {
        switch axis {
        case .threads: Double(threads)
        case .workers: Double(workers)
        case .sparseThreads: Double(sparse?.threads ?? 0)
        case .sparseWorkers: Double(sparse?.workers ?? 0)
        case .hotFraction: hotFraction?.value ?? 0
        case .batch: Double(batch)
        default: nil
        }
    }

    /// Makes the schedules of one partition from values on some axes.
    ///
    /// Where each axis stands is looked up once, because a space makes a schedule for each cell of its
    /// lattices.
    struct Assembly {
        private let partition: Partition
        private let threads: Int?
        private let workers: Int?
        private let sparseThreads: Int?
        private let sparseWorkers: Int?
        private let hotFraction: Int?
        private let batch: Int?

        init?(family: String, axes: [ScheduleAxis]) {
            guard let partition = Partition(rawValue: family) else { return nil }
            self.partition = partition
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
            let counts = (threads: count(threads), workers: count(workers), batch: count(batch))
            guard counts.threads >= 1, counts.workers >= 1, counts.batch >= 1, hot >= 0, hot <= 1 else {
                return nil
            }
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
                sparse: sparse, hotFraction: hot > 0 ? Fraction(hot) : nil)
        }
    }
}
