import Quantities
import Vocabulary

/// The schedules a search may choose from: for each partition and each O, a lattice over M and D.
public struct ScheduleSpace: Hashable, Sendable {
    /// All schedules of one partition and one O.
    public struct Slice: Hashable, Sendable {
        public let partition: Schedule.Partition
        /// O.
        public let workers: Int
        /// M, ascending.
        public let threads: [Int]
        /// D, ascending.
        public let batches: [Int]

        /// - Precondition: both axes are non-empty and ascend strictly.
        public init(partition: Schedule.Partition, workers: Int, threads: [Int], batches: [Int]) {
            precondition(!threads.isEmpty && !batches.isEmpty, "a slice has at least one schedule")
            precondition(zip(threads, threads.dropFirst()).allSatisfy(<), "M ascends")
            precondition(zip(batches, batches.dropFirst()).allSatisfy(<), "D ascends")
            self.partition = partition
            self.workers = workers
            self.threads = threads
            self.batches = batches
        }

        /// The number of schedules.
        public var count: Int { threads.count * batches.count }

        func schedule(_ point: Point) -> Schedule {
            Schedule(
                partition: partition, threads: threads[point.thread], workers: workers,
                batch: batches[point.batch])
        }

        func contains(_ point: Point) -> Bool {
            threads.indices.contains(point.thread) && batches.indices.contains(point.batch)
        }
    }

    /// A place in a slice, as indices into its axes.
    struct Point: Hashable, Sendable {
        var thread: Int
        var batch: Int
    }

    /// Slices of one partition are adjacent and ascend in O.
    public let slices: [Slice]

    public init(slices: [Slice]) { self.slices = slices }

    /// The number of schedules.
    public var count: Int { slices.reduce(0) { $0 + $1.count } }

    /// Every schedule, slice by slice. O(count).
    public var schedules: [Schedule] {
        slices.flatMap { slice in
            slice.threads.indices.flatMap { thread in
                slice.batches.indices.map { slice.schedule(Point(thread: thread, batch: $0)) }
            }
        }
    }

    /// The space of host threads: every M and O with M x O at most `coresMax`, O in powers of two.
    public static func host(partition: Schedule.Partition, coresMax: Int, batches: [Int]) -> [Slice] {
        sequence(first: 1) { $0 * 2 }.prefix { $0 <= coresMax }.map { workers in
            Slice(
                partition: partition, workers: workers, threads: Array(1...(coresMax / workers)),
                batches: batches)
        }
    }

    /// The space of accelerator copies and fusion limits.
    public static func accelerator(partition: Schedule.Partition, copiesMax: Int, batches: [Int]) -> [Slice] {
        [Slice(partition: partition, workers: 1, threads: Array(1...copiesMax), batches: batches)]
    }

    /// The space spanned by schedules that have been measured: the largest lattice of each (partition, O) in which
    /// every cell is known.
    ///
    /// An interrupted or filtered grid may have holes; a batch size missing for some M is left out for all of them.
    public static func measured(_ schedules: some Sequence<Schedule>) -> ScheduleSpace {
        var cells: [Key: [Int: Set<Int>]] = [:]
        for schedule in schedules {
            cells[Key(partition: schedule.partition, workers: schedule.workers), default: [:]][
                schedule.threads, default: []
            ].insert(schedule.batch)
        }
        let slices = cells.sorted { $0.key < $1.key }.compactMap { key, batchesByThreads -> Slice? in
            let common = batchesByThreads.values.reduce(nil as Set<Int>?) { $0?.intersection($1) ?? $1 } ?? []
            guard !common.isEmpty else { return nil }
            return Slice(
                partition: key.partition, workers: key.workers, threads: batchesByThreads.keys.sorted(),
                batches: common.sorted())
        }
        return ScheduleSpace(slices: slices)
    }

    private struct Key: Hashable, Comparable {
        let partition: Schedule.Partition
        let workers: Int
        static func < (left: Key, right: Key) -> Bool {
            (left.partition.rawValue, left.workers) < (right.partition.rawValue, right.workers)
        }
    }
}
