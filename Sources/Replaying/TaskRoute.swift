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
        let series = task.admitted.map { variant in
            (
                load: timeline.records.series(.load, of: variant.model),
                capacity: timeline.records.series(.capacity, of: variant.model),
                violated: timeline.records.series(.isViolated, of: variant.model),
                accuracy: variant.accuracy.value.value
            )
        }
        var (offered, served, right, below, violated) = (0.0, 0.0, 0.0, 0.0, 0)
        for index in 0..<timeline.records.count {
            var (load, answered, correct, isViolated) = (0.0, 0.0, 0.0, false)
            for variant in series {
                let asked = variant.load[index] ?? 0
                let done = min(asked, variant.capacity[index] ?? 0)
                load += asked
                answered += done
                correct += done * variant.accuracy
                isViolated = isViolated || variant.violated[index] == 1
            }
            offered += load
            served += answered
            right += correct
            if isViolated { violated += 1 }
            if let floor = task.meanFloor, correct < (floor.value - Coverage.tolerance) * answered {
                below += answered
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
