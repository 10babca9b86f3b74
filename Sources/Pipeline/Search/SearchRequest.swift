import Foundation
import Quantities
import Scheduling
import Vocabulary

/// What a search is asked for beyond the scenario: other targets, power budgets, and how much it may spend.
public struct SearchRequest: Sendable {
    /// A latency target that takes the model's own quantile where it names none.
    public struct Target: Hashable, Sendable {
        public var quantile: Quantile?
        public var limit: Nanoseconds

        public init(quantile: Quantile?, limit: Nanoseconds) {
            self.quantile = quantile
            self.limit = limit
        }

        func target(of model: Model) -> LatencyTarget {
            LatencyTarget(quantile: quantile ?? model.latencyTarget.quantile, limit: limit)
        }
    }

    /// Empty: each model's own.
    public var targets: [Target] = []
    /// Empty: power is not limited.
    public var powerBudgets: [Watts] = []
    /// The most evaluations of one search; nil without a limit.
    public var evaluations: Int?
    /// For all searches together; nil without a limit.
    public var time: Nanoseconds?
    /// Whether somebody wants the search to stop now.
    public var isInterrupted: @Sendable () -> Bool = { false }

    public init() {}

    /// Every target under every budget, tightest target first, so that one search can start where another
    /// ended.
    func problems(of model: Model) -> [(target: LatencyTarget, powerBudget: Watts?)] {
        let own = targets.isEmpty ? [model.latencyTarget] : targets.map { $0.target(of: model) }
        let sorted = Set(own).sorted { ($0.quantile, $0.limit) < ($1.quantile, $1.limit) }
        let budgets: [Watts?] =
            powerBudgets.isEmpty ? [nil] : Set(powerBudgets).sorted().map(Optional.some)
        return sorted.flatMap { target in budgets.map { (target, $0) } }
    }

    /// Whether nothing but the scenario's own problem is asked for.
    public var isPlain: Bool { targets.isEmpty && powerBudgets.isEmpty }
}

/// Gives each of many searches its share of the time that is left.
final class SearchClock: @unchecked Sendable {
    // Unchecked: what changes is guarded by the lock.
    private let lock = NSLock()
    private let deadline: ContinuousClock.Instant?
    private let lanes: Int
    private var left: Int

    /// - Parameters:
    ///   - searches: how many there will be.
    ///   - lanes: how many run side by side.
    init(time: Nanoseconds?, searches: Int, lanes: Int) {
        deadline = time.map { ContinuousClock.now + .nanoseconds($0.count) }
        left = max(searches, 1)
        self.lanes = max(min(lanes, searches), 1)
    }

    /// The moment at which the search that begins now is to stop; nil without a limit.
    func begin() -> ContinuousClock.Instant? {
        guard let deadline else { return nil }
        return lock.withLock {
            let now = ContinuousClock.now
            let share = (deadline - now) * (Double(lanes) / Double(max(left, lanes)))
            left -= 1
            return now + share
        }
    }
}
