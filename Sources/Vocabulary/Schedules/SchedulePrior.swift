import Quantities

/// What is believed of a schedule before it is evaluated, at a small part of an evaluation's cost.
public struct SchedulePrior: Sendable {
    /// The throughput expected; zero only where none is possible.
    public let estimate: @Sendable (Schedule) -> QueriesPerSecond
    /// What the estimate cannot exceed, at a small part of the estimate's cost.
    public let ceiling: @Sendable (Schedule) -> QueriesPerSecond
    /// Whether no evaluation can exceed the ceiling either.
    public let isCeilingProven: Bool
    /// How far estimates usually are off beside one another: the standard deviation of the logarithm of found
    /// over expected, of the very server that is evaluated where the ceiling is proven, and else of an
    /// analytic model of hardware at hand. A factor common to all does not count.
    public var spread: Double { isCeilingProven ? 0.06 : 0.3 }

    public init(
        estimate: @escaping @Sendable (Schedule) -> QueriesPerSecond,
        ceiling: @escaping @Sendable (Schedule) -> QueriesPerSecond, isCeilingProven: Bool
    ) {
        self.estimate = estimate
        self.ceiling = ceiling
        self.isCeilingProven = isCeilingProven
    }
}
