import Quantities
import Vocabulary

/// A way to look for the schedule with the highest latency-bounded throughput.
public protocol SearchMethod: Sendable {
    /// The name people choose it by.
    var name: String { get }
    /// Evaluates schedules through the ledger until nothing more is worth an evaluation.
    /// - Throws: whatever the ledger does; a spent budget ends the search this way.
    /// - Returns: why it stopped.
    func explore(_ problem: SearchProblem, _ ledger: inout SearchLedger) throws -> SearchStop
}

/// What a search is given besides the evaluator.
public struct SearchProblem: Sendable {
    public var space: ScheduleSpace
    /// What is believed of each schedule before it is evaluated; nil where nothing is.
    public var prior: SchedulePrior?
    /// Schedules that were best for a neighbouring problem: another latency target, another server type.
    public var starts: [Schedule]
    /// Picks among equals, and decides a random search.
    public var seed: UInt64

    public init(
        space: ScheduleSpace, prior: SchedulePrior? = nil,
        starts: [Schedule] = [],
        seed: UInt64
    ) {
        self.space = space
        self.prior = prior
        self.starts = starts
        self.seed = seed
    }

    /// The search for what a server is worth within limits.
    public init(
        _ server: some ServerModel, within limits: ServiceLimits, starts: [Schedule] = [], seed: UInt64
    ) {
        self.init(
            space: server.space(within: limits), prior: server.prior(within: limits), starts: starts,
            seed: seed)
    }
}

/// How much a search may spend.
public struct SearchBudget: Sendable {
    /// The most evaluations, those taken over from an earlier attempt included; nil without a limit.
    public var evaluations: Int?
    /// Asked before every evaluation; nil goes on, a reason ends the search with what it has.
    public var interruption: (@Sendable () -> SearchStop?)?

    public init(evaluations: Int? = nil, interruption: (@Sendable () -> SearchStop?)? = nil) {
        self.evaluations = evaluations
        self.interruption = interruption
    }

    public static let unlimited = SearchBudget()
}

/// Every evaluation of a search in order, and the accepted steps.
public struct SearchTrail: Hashable, Sendable {
    public let evaluations: [ScheduleEvaluation]
    /// The accepted steps, each better than the one before.
    public let path: [Schedule]
    public let stop: SearchStop

    public init(evaluations: [ScheduleEvaluation], path: [Schedule], stop: SearchStop = .converged) {
        self.evaluations = evaluations
        self.path = path
        self.stop = stop
    }

    /// Throughputs closer than this share cannot be told apart: the search for the highest rate stops at a
    /// bracket of this order.
    public static let resolution = 0.005

    /// The best evaluation; nil when no schedule has any throughput.
    ///
    /// Among those whose throughput cannot be told from the highest, the one that draws the least power wins,
    /// then the one evaluated first: a tie must not cost an idle accelerator's watts. Of a schedule that was
    /// evaluated several times the last evaluation counts, which rests on all samples.
    public var best: ScheduleEvaluation? {
        var last: [Schedule: Int] = [:]
        for (index, evaluation) in evaluations.enumerated() { last[evaluation.schedule] = index }
        let current = evaluations.indices.filter { last[evaluations[$0].schedule] == $0 }.map {
            evaluations[$0]
        }
        guard let highest = current.map(\.throughput).max(), highest > .zero else { return nil }
        return current.filter { $0.throughput >= highest * (1 - Self.resolution) }
            .min { $0.power < $1.power }
    }

    /// How many different schedules were evaluated.
    public var scheduleCount: Int { Set(evaluations.map(\.schedule)).count }
}

/// The search methods that are built in, by name.
public enum SearchMethods {
    /// In the order they are documented.
    public static let all: [any SearchMethod] = [
        GradientSearch(), PlainGradientSearch(), ExhaustiveSearch(), RandomSearch(), CoordinateSearch(),
        BatchClimb(),
    ]

    /// The names, in that order.
    public static var names: [String] { all.map(\.name) }

    /// The method of a name; nil where there is none.
    public static func named(_ name: String) -> (any SearchMethod)? { all.first { $0.name == name } }
}

extension SearchMethod {
    /// Searches a space.
    /// - Parameters:
    ///   - budget: what may be spent.
    ///   - known: evaluations of an earlier attempt, in order. The method goes the same way again and takes
    ///     each from here instead of evaluating, so an interrupted search goes on where it was.
    ///   - samplesMax: how often a noisy evaluator may be asked about one schedule; 1 where it always answers
    ///     alike.
    ///   - observe: hears of every new evaluation as it is made.
    ///   - evaluate: the evaluator.
    public func search(
        _ problem: SearchProblem, budget: SearchBudget = .unlimited, known: [ScheduleEvaluation] = [],
        samplesMax: Int = 1, observe: @escaping (ScheduleEvaluation) throws -> Void = { _ in },
        evaluate: @escaping (Schedule) throws -> ScheduleEvaluation
    ) throws -> SearchTrail {
        var ledger = SearchLedger(
            problem.space, budget: budget, known: known, samplesMax: samplesMax, observe: observe,
            evaluate: evaluate)
        guard problem.space.count > 0 else { return ledger.trail(.exhausted) }
        do {
            let stop = try explore(problem, &ledger)
            return ledger.trail(ledger.isComplete ? .exhausted : stop)
        } catch let halt as SearchHalt {
            return ledger.trail(halt.stop)
        }
    }
}
