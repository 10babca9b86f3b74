import Quantities

/// Finds the highest rate that meets a target by trying rates live: an upper and a lower one are moved
/// towards each other until they are close.
public struct LiveBisection: Sendable {
    /// What was found.
    public struct Outcome: Hashable, Sendable {
        /// The highest rate that met the target below all that missed it; zero where none did.
        public var met: QueriesPerSecond
        /// The lowest rate above it that missed; nil where none was found to.
        public var missed: QueriesPerSecond?
        /// How many rates were tried.
        public var rates: Int

        /// The middle between the two, by ratio; zero where no rate met the target.
        public var estimate: QueriesPerSecond {
            guard let missed, met > .zero else { return met }
            return QueriesPerSecond((met.value * missed.value).squareRoot())
        }
    }

    /// It ends when the upper rate is less than this share above the lower.
    public var tolerance = 0.03
    /// The first steps away from the guess are so large, and double.
    public var firstStep = 0.08
    public var ratesMax = 14
    /// A server that misses even this share of the guess meets no rate: its service times alone are too long.
    public var floor = 0.02
    /// Whether a guess that meets the target is only the beginning; where not, it is the answer.
    public var mayExceedGuess = true

    public init() {}

    /// Tries rates, beginning with a guess.
    /// - Parameter meets: offers the rate and says whether the target was met.
    public func find(
        startingAt guess: QueriesPerSecond, meets: (QueriesPerSecond) throws -> Bool
    ) rethrows -> Outcome {
        var outcome = Outcome(met: .zero, missed: nil, rates: 0)
        func tryRate(_ rate: Double) throws {
            outcome.rates += 1
            if try meets(QueriesPerSecond(rate)) {
                outcome.met = QueriesPerSecond(rate)
            } else {
                outcome.missed = QueriesPerSecond(rate)
            }
        }
        var step = firstStep
        try tryRate(guess.value)
        if outcome.met > .zero, !mayExceedGuess { return outcome }
        while outcome.rates < ratesMax, outcome.met == .zero || outcome.missed == nil {
            if let missed = outcome.missed, missed.value <= guess.value * floor { break }
            let rate =
                outcome.met == .zero
                ? (outcome.missed ?? guess).value / (1 + step) : outcome.met.value * (1 + step)
            try tryRate(rate)
            step *= 2
        }
        while outcome.rates < ratesMax, let missed = outcome.missed, outcome.met > .zero,
            missed.value / outcome.met.value > 1 + tolerance
        {
            try tryRate((outcome.met.value * missed.value).squareRoot())
        }
        return outcome
    }
}
