import Quantities
import Vocabulary

/// A task of a trace and where its models stand in a replay.
struct TaskRoute: Sendable {
    /// Positions of the variants among the replay's models, the most accurate first.
    let models: [Int]
    let caps: [Double]
    /// Interval by interval.
    let loads: [QueriesPerSecond]

    /// - Precondition: the trace has the task's load, and the models hold its variants.
    init(_ task: ServedTask, models: [ModelID], trace: Trace) {
        guard let loads = trace.loads[task.id] else { preconditionFailure("a task's load is in the trace") }
        self.models = task.admitted.compactMap { models.firstIndex(of: $0.model) }
        precondition(self.models.count == task.admitted.count, "every variant is a model of the replay")
        caps = task.admitted.map { $0.shareMax?.value ?? 1 }
        self.loads = loads
    }
}

extension VariantReplay {
    /// What the timelines' answers were worth, from the loads and capacities of their variants.
    ///
    /// A mean is over the queries of an interval, or of all of them; what was beyond capacity has no
    /// accuracy.
    public init(trace: Trace, tasks: [ServedTask], timelines: [Timeline]) {
        let services = timelines.flatMap { timeline in
            tasks.map { Self.service($0, in: timeline) }
        }
        self.init(trace: trace, tasks: tasks, timelines: timelines, services: services)
    }

    private static func service(_ task: ServedTask, in timeline: Timeline) -> TaskService {
        var (offered, served, right, below, violated) = (0.0, 0.0, 0.0, 0.0, 0)
        for interval in task.answers(in: timeline) {
            offered += interval.offered
            served += interval.answered
            right += interval.right
            if interval.isViolated { violated += 1 }
            if let floor = task.meanFloor,
                interval.right < (floor.value - Coverage.tolerance) * interval.answered
            {
                below += interval.answered
            }
        }
        let count = Double(max(1, timeline.records.count))
        return TaskService(
            policy: timeline.policy, task: task.id,
            meanAccuracy: served > 0 ? Fraction(right / served) : nil,
            belowFloor: task.meanFloor.map { _ in Fraction(served > 0 ? below / served : 0) },
            violated: Fraction(Double(violated) / count),
            unserved: Fraction(offered > 0 ? max(0, offered - served) / offered : 0))
    }
}
