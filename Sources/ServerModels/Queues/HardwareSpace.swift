import Quantities
import Vocabulary

extension ScheduleSpace {
    /// The axes of every partition a server has the hardware for, before memory is looked at.
    ///
    /// Thread counts are counted in ones where one group has the cores to itself. Where two groups share
    /// them, both are thinned to about four values an octave plus what those leave to the other group: the
    /// throughput of a pipeline changes with the ratio of its groups.
    /// - Parameters:
    ///   - partitions: those to search, in order.
    ///   - cores: of the host.
    ///   - batches: the values of D, ascending.
    ///   - copiesMax: the most copies of a model on one accelerator.
    ///   - hotFractions: the shares of rows that an accelerator may hold, ascending, 0 for none.
    ///   - precisions: of each partition.
    ///   - joinWaits: how long pieces wait to be joined, beside schedules that join none; `whole` only.
    ///   - joinedBatches: the values of D at which they are joined, ascending.
    ///   - admits: whether a schedule that fits the cores meets every other constraint known beforehand.
    public static func hardware(
        partitions: [ThreadSchedule.Partition], cores: Int, batches: [Int], copiesMax: Int,
        hotFractions: [Double] = [0], precisions: [Precision] = [.default], joinWaits: [Nanoseconds] = [],
        joinedBatches: [Int] = [], admits: (ThreadSchedule) -> Bool = { _ in true }
    ) -> ScheduleSpace {
        let workers = sequence(first: 1) { $0 * 2 }.prefix { $0 <= cores }.map { $0 }
        let copies = Axis(.threads, thinned(copiesMax))
        var builder = Builder()
        for partition in partitions {
            let axes: [Axis]
            switch partition {
            case .whole:
                axes = [Axis(.threads, Array(1...cores)), Axis(.workers, workers), Axis(.batch, batches)]
            case .sparseDense:
                guard cores >= 2 else { continue }
                let threads = shared(cores)
                let most = workers.filter { $0 < cores }
                axes = [
                    Axis(.threads, threads), Axis(.workers, most), Axis(.sparseThreads, threads),
                    Axis(.sparseWorkers, most.filter { $0 <= sparseWorkersMax }), Axis(.batch, batches),
                ]
            case .accelerator:
                axes = [copies, Axis(.batch, batches)]
            case .hostSparse:
                axes = [
                    copies, Axis(.sparseThreads, thinned(cores)),
                    Axis(.sparseWorkers, workers.filter { $0 <= sparseWorkersMax }),
                    Axis(.hotFraction, hotFractions), Axis(.batch, batches),
                ]
            }
            func fits(_ schedule: Schedule) -> Bool {
                guard let schedule = schedule.threadSchedule else { return false }
                return schedule.hostCores <= cores && admits(schedule)
            }
            for precision in precisions {
                builder.add(ThreadSchedule.family(partition, precision), axes, admits: fits)
                guard partition == .whole, !joinWaits.isEmpty, !joinedBatches.isEmpty else { continue }
                let waits = Axis(.joinWait, joinWaits.map(\.milliseconds))
                builder.add(
                    ThreadSchedule.family(partition, precision, joins: true),
                    Array(axes.dropLast()) + [Axis(.batch, joinedBatches), waits], admits: fits)
            }
        }
        return builder.space
    }

    /// A thread that only gathers gains little from workers beyond these.
    private static let sparseWorkersMax = 4

    /// 1, 2, 3, 4, 6, 8, 12, 16, 24 ... and the last.
    private static func thinned(_ last: Int) -> [Int] {
        var values: Set<Int> = [last]
        var power = 1
        while power <= last {
            values.insert(power)
            if power >= 2, power / 2 * 3 <= last { values.insert(power / 2 * 3) }
            power *= 2
        }
        return values.sorted()
    }

    /// The thinned counts that leave a core, and what each of them leaves.
    private static func shared(_ cores: Int) -> [Int] {
        let few = thinned(cores - 1)
        return Set(few + few.map { cores - $0 }).filter { $0 >= 1 && $0 < cores }.sorted()
    }
}
