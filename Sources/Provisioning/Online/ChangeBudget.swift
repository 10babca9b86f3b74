import Foundation
import Vocabulary

/// What changing a server is worth avoiding, moved until a number of changes a day is kept.
///
/// The price of a start with the stop that ends it is counted in intervals: it is what a mean server of the
/// plan in force costs in so many of them. Its logarithm follows what has been changed beyond what was due,
/// in days of the budget (dual ascent on the constraint, multiplicative as prices are; Arora, Hazan and Kale
/// 2012). As the price is bounded, so is that excess: over n days changes exceed the budget by at most a
/// fixed number of days of it, except where service needs more.
///
/// A model's servers are held after its need has fallen for as long as holding them costs less than the
/// price, the choice between renting and buying of those who do not know the time (Karlin et al. 1988).
struct ChangeBudget: Hashable, Codable, Sendable {
    /// Changes due from one decision to the next, and in a day.
    private let due: Double
    private let perDay: Double
    private let intervalsMax: Double
    /// Changes beyond those due, in days of the budget.
    private var excess = 0.0
    /// Servers started and stopped since the last decision.
    private var changed = 0

    /// How much more a change costs for every day of the budget overspent, as a power of e.
    private static let gain = 1.0
    /// The price at no excess, in intervals.
    private static let usual = 1.0
    /// Below this a price holds no server.
    private static let least = 1.0 / 8
    /// Over how many intervals a start is spread, as of a look-ahead.
    private static let spread = Double(ProvisionerConfiguration.usualLookAhead)

    /// - Parameters:
    ///   - perDay: servers started and stopped, more than 0.
    ///   - intervalSeconds: of the trace.
    ///   - decisionIntervals: from one decision to the next.
    init(perDay: Double, intervalSeconds: Double, decisionIntervals: Int) {
        self.perDay = perDay
        due = perDay * intervalSeconds * Double(decisionIntervals) / 86_400
        intervalsMax = max(1, 86_400 / intervalSeconds)
    }

    /// Of a start with its end, in intervals of a mean server.
    var price: Double { Self.usual * exp(Self.gain * excess) }

    /// Notes what an event changed.
    mutating func add(_ actions: [ProvisionerAction]) {
        changed += actions.reduce(0) { $0 + $1.count }
    }

    /// Moves the price by what was changed since the last decision.
    mutating func settle() {
        let bounds = log(Self.least / Self.usual) / Self.gain...log(intervalsMax / Self.usual) / Self.gain
        excess = min(bounds.upperBound, max(bounds.lowerBound, excess + (Double(changed) - due) / perDay))
        changed = 0
    }

    /// What the price adds to the objective for a start, in the unit of what a mean server costs.
    var startShare: Double { price / Self.spread }

    /// Intervals for which a server that costs a share of the mean one is held.
    func intervals(costShare: Double) -> Int {
        max(1, Int(min(intervalsMax, price / max(1e-9, costShare)).rounded()))
    }
}
