import Quantities
import Vocabulary

/// Finds out under live load which of the schedules that a simulation holds for the best is, and which rate
/// it holds.
///
/// The winner by simulation comes first. Then come, in the order of their simulated rates, those whose
/// interval reaches above what has been shown so far: they may be better in truth, or the winner may hold
/// less than was simulated. A disturbed run decides nothing.
public struct LiveContest {
    /// A schedule with what a simulation says of it.
    public struct Candidate: Hashable, Sendable {
        public let schedule: Schedule
        public let simulated: QueriesPerSecond
        /// Half the width of the 95 % interval, as a share.
        public let uncertainty: Fraction?

        public init(_ evaluation: ScheduleEvaluation) {
            schedule = evaluation.schedule
            simulated = evaluation.throughput
            uncertainty = evaluation.uncertainty
        }

        /// The upper end of the interval.
        var highest: Double { simulated.value * (1 + (uncertainty?.value ?? 0)) }
    }

    /// What live load says of one rate.
    public enum Answer: Hashable, Sendable {
        case meets
        case misses
        /// Nothing, for these reasons.
        case open([Verdict.Doubt])
    }

    /// What a contest came to.
    public struct Outcome: Hashable, Sendable {
        /// The schedule with the highest rate shown, and that rate; nil where none was shown to hold any.
        public var best: (candidate: Candidate, rate: QueriesPerSecond)?
        /// Schedules tried.
        public var tried = 0
        /// Why the contest ended before everything was decided; empty where it did not.
        public var doubts: [Verdict.Doubt] = []

        /// Whether nothing is known: disturbed from the first run on.
        public var isOpen: Bool { best == nil && !doubts.isEmpty }

        public static func == (left: Outcome, right: Outcome) -> Bool {
            left.best?.candidate == right.best?.candidate && left.best?.rate == right.best?.rate
                && left.tried == right.tried && left.doubts == right.doubts
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(tried)
            hasher.combine(doubts)
        }
    }

    /// Looks below the simulated rate only: a simulation that says too little costs some servers, one that
    /// says too much costs the target.
    private static let bisection: LiveBisection = {
        var bisection = LiveBisection()
        bisection.mayExceedGuess = false
        bisection.tolerance = 0.05
        bisection.floor = 0.2
        bisection.ratesMax = 7
        return bisection
    }()

    /// Schedules tried beside the winner.
    public var runnersUpMax = 4

    public init() {}

    /// Ends the search for one schedule's rate.
    private struct Disturbed: Error {
        let doubts: [Verdict.Doubt]
    }

    /// - Parameters:
    ///   - winner: by simulation.
    ///   - evaluations: of all schedules; of one that was evaluated several times the last counts.
    ///   - check: offers a rate to a schedule until undisturbed load has decided, or cannot.
    public func run(
        winner: ScheduleEvaluation, among evaluations: [ScheduleEvaluation],
        check: (Candidate, QueriesPerSecond) throws -> Answer
    ) throws -> Outcome {
        var outcome = Outcome()
        for candidate in Self.candidates(winner, evaluations).prefix(1 + runnersUpMax) {
            let shown = (outcome.best?.rate.value ?? 0) * (1 + Self.bisection.tolerance)
            // Nothing to gain, as far as the simulation can tell.
            guard candidate.highest > shown else { continue }
            let guess = max(candidate.simulated.value, shown)
            var bisection = Self.bisection
            bisection.floor = max(bisection.floor, shown / guess)
            outcome.tried += 1
            do {
                _ = try bisection.find(startingAt: QueriesPerSecond(guess)) { rate in
                    switch try check(candidate, rate) {
                    case .meets:
                        if rate > outcome.best?.rate ?? .zero { outcome.best = (candidate, rate) }
                        return true
                    case .misses: return false
                    case .open(let doubts): throw Disturbed(doubts: doubts)
                    }
                }
            } catch let disturbed as Disturbed {
                // A machine that is disturbed now is so for the others as well.
                outcome.doubts = disturbed.doubts
                return outcome
            }
        }
        return outcome
    }

    /// The winner, then the others from the highest simulated rate down.
    private static func candidates(
        _ winner: ScheduleEvaluation, _ evaluations: [ScheduleEvaluation]
    ) -> [Candidate] {
        var last: [Schedule: Int] = [:]
        for (index, evaluation) in evaluations.enumerated() { last[evaluation.schedule] = index }
        let others = evaluations.indices.filter {
            last[evaluations[$0].schedule] == $0 && evaluations[$0].schedule != winner.schedule
                && evaluations[$0].throughput > .zero
        }.sorted { (evaluations[$1].throughput, $0) < (evaluations[$0].throughput, $1) }
        return ([winner] + others.map { evaluations[$0] }).map(Candidate.init)
    }
}
