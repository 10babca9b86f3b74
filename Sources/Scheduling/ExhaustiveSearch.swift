import Vocabulary

/// Evaluates every schedule: the reference that other methods are judged by.
public struct ExhaustiveSearch: SearchMethod {
    public init() {}

    public var name: String { "exhaustive" }

    public func search(
        _ space: ScheduleSpace, evaluate: (Schedule) throws -> ScheduleEvaluation
    ) rethrows -> SearchTrail {
        let trail = SearchTrail(evaluations: try space.schedules.map(evaluate), path: [])
        return SearchTrail(evaluations: trail.evaluations, path: trail.best.map { [$0.schedule] } ?? [])
    }
}
