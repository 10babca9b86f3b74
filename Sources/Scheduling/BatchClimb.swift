import Quantities
import Vocabulary

/// The climb of DeepRecSys (Gupta et al., ISCA 2020): one single-worker thread on every core, and only the batch
/// size is raised until the throughput stops growing. On an accelerator, one copy and a growing fusion limit.
public struct BatchClimb: SearchMethod {
    public init() {}

    public var name: String { "deeprecsys" }

    public func search(
        _ space: ScheduleSpace, evaluate: (Schedule) throws -> ScheduleEvaluation
    ) rethrows -> SearchTrail {
        var memo = EvaluationMemo()
        var path: [Schedule] = []
        for slice in space.slices where slice.workers == 1 && slice.partition != .sparseDense {
            let thread = slice.partition == .whole ? slice.threads.count - 1 : 0
            var best = QueriesPerSecond.zero
            for batch in slice.batches.indices {
                let schedule = slice.schedule(ScheduleSpace.Point(thread: thread, batch: batch))
                let value = try memo.value(of: schedule, evaluate)
                if value > best {
                    best = value
                    path.append(schedule)
                } else if best > .zero {
                    break
                }
            }
        }
        return SearchTrail(evaluations: memo.evaluations, path: path)
    }
}
