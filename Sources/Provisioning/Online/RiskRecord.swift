/// What headroom by risk has come to: the price of a violated pair, and violations as foretold and as they
/// came.
package struct RiskRecord: Hashable, Codable, Sendable {
    /// In the unit of the objective; nil before the first decision.
    var price: Double?
    /// The mean probability of a violation that the plan in force was thought to have; nil where none was.
    package var foretold: Double?
    private var foretoldSum = 0.0
    private var seenSum = 0.0

    /// Nothing seen yet.
    package init() {}

    /// Takes an interval into account.
    /// - Parameters:
    ///   - missed: the share of models whose load exceeded their capacity.
    ///   - window: intervals after which what was seen counts a third.
    package mutating func learn(missed: Double, window: Int) {
        guard let foretold else { return }
        let kept = 1 - 1 / Double(max(1, window))
        foretoldSum = foretoldSum * kept + foretold
        seenSum = seenSum * kept + missed
    }

    /// What to aim at so that a target is met: errors that are not as they were show as violations beyond
    /// those foretold.
    package func aim(at target: Double, window: Int) -> Double {
        let trust = target * Double(window)
        return target * min(4, max(0.25, (foretoldSum + trust) / (seenSum + trust)))
    }
}
