import Quantities
import Vocabulary

/// A way to look for the schedule with the highest latency-bounded throughput.
public protocol SearchMethod: Sendable {
    /// The name people choose it by.
    var name: String { get }
    /// Searches a space. The evaluator is called at most once for each schedule.
    /// - Returns: what was evaluated and the way to the best.
    func search(
        _ space: ScheduleSpace, evaluate: (Schedule) throws -> ScheduleEvaluation
    ) rethrows -> SearchTrail
}

/// Every evaluation of a search in order, and the accepted steps.
public struct SearchTrail: Hashable, Sendable {
    public let evaluations: [ScheduleEvaluation]
    /// The accepted steps, ending at the best of its partition; partitions follow one another.
    public let path: [Schedule]

    public init(evaluations: [ScheduleEvaluation], path: [Schedule]) {
        self.evaluations = evaluations
        self.path = path
    }

    /// The best evaluation; nil when no schedule has any throughput. Between equals the one that draws less
    /// power wins, then the one evaluated first.
    public var best: ScheduleEvaluation? {
        var best: ScheduleEvaluation?
        for evaluation in evaluations where evaluation.throughput > .zero {
            guard let current = best else {
                best = evaluation
                continue
            }
            if evaluation.throughput > current.throughput
                || (evaluation.throughput == current.throughput && evaluation.power < current.power)
            {
                best = evaluation
            }
        }
        return best
    }
}

/// The search methods that are built in, by name.
public enum SearchMethods {
    /// In the order they are documented.
    public static let all: [any SearchMethod] = [GradientSearch(), ExhaustiveSearch(), BatchClimb()]

    /// The method of a name; nil where there is none.
    public static func named(_ name: String) -> (any SearchMethod)? { all.first { $0.name == name } }
}

/// Remembers what was evaluated, so that no schedule is evaluated twice.
struct EvaluationMemo {
    private(set) var evaluations: [ScheduleEvaluation] = []
    private var indexBySchedule: [Schedule: Int] = [:]

    mutating func value(
        of schedule: Schedule, _ evaluate: (Schedule) throws -> ScheduleEvaluation
    ) rethrows -> QueriesPerSecond {
        if let index = indexBySchedule[schedule] { return evaluations[index].throughput }
        let evaluation = try evaluate(schedule)
        indexBySchedule[schedule] = evaluations.count
        evaluations.append(evaluation)
        return evaluation.throughput
    }
}
