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

    /// Throughputs closer than this share cannot be told apart: the search for the highest rate stops at a bracket
    /// of this order.
    public static let resolution = 0.005

    /// The best evaluation; nil when no schedule has any throughput.
    ///
    /// Among those whose throughput cannot be told from the highest, the one that draws the least power wins, then
    /// the one evaluated first: a tie must not cost an idle accelerator's watts.
    public var best: ScheduleEvaluation? {
        guard let highest = evaluations.map(\.throughput).max(), highest > .zero else { return nil }
        return evaluations.filter { $0.throughput >= highest * (1 - Self.resolution) }
            .min { $0.power < $1.power }
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
