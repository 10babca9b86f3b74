/// What a task's variants did of its load in one interval, in queries/s.
public struct TaskAnswers: Hashable, Sendable {
    public let offered: Double
    /// Within the capacity of the variants; what is beyond has no accuracy.
    public let answered: Double
    /// Of those, as many as accuracies say are right.
    public let right: Double
    /// Whether a variant had more load than capacity.
    public let isViolated: Bool

    /// Mean accuracy of what was answered; nil where nothing was.
    public var accuracy: Double? { answered > 0 ? right / answered : nil }
}

extension ServedTask {
    /// Interval by interval, from the loads and capacities that a timeline has of the variants.
    public func answers(in timeline: Timeline) -> [TaskAnswers] {
        let series = admitted.map { variant in
            (
                load: timeline.records.series(.load, of: variant.model),
                capacity: timeline.records.series(.capacity, of: variant.model),
                violated: timeline.records.series(.isViolated, of: variant.model),
                accuracy: variant.accuracy.value.value
            )
        }
        return (0..<timeline.records.count).map { index in
            var (offered, answered, right, isViolated) = (0.0, 0.0, 0.0, false)
            for variant in series {
                let asked = variant.load[index] ?? 0
                let done = min(asked, variant.capacity[index] ?? 0)
                offered += asked
                answered += done
                right += done * variant.accuracy
                isViolated = isViolated || variant.violated[index] == 1
            }
            return TaskAnswers(offered: offered, answered: answered, right: right, isViolated: isViolated)
        }
    }
}
