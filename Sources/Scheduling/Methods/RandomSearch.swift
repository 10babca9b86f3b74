import Randomness
import Vocabulary

/// Evaluates schedules drawn without replacement, all alike likely: what any method must beat at the same
/// count.
///
/// Without a budget it stops after a twentieth of the space, at least ten.
public struct RandomSearch: SearchMethod {
    private let hasOwnLimit: Bool

    public init() { hasOwnLimit = true }
    private init(hasOwnLimit: Bool) { self.hasOwnLimit = hasOwnLimit }

    /// Stops only when its budget is spent or nothing is left.
    public static let unlimited = RandomSearch(hasOwnLimit: false)

    public var name: String { "random" }

    public func explore(_ problem: SearchProblem, _ ledger: inout SearchLedger) throws -> SearchStop {
        var stream = RandomStream(seed: problem.seed, name: "random search")
        var order = Array(problem.space.schedules.indices)
        let most = hasOwnLimit ? max(10, order.count / 20) : order.count
        for drawn in 0..<min(most, order.count) {
            order.swapAt(drawn, stream.integer(in: drawn..<order.count))
            let before = ledger.best?.index
            _ = try ledger.value(order[drawn])
            if let best = ledger.best?.index, best != before { ledger.accept(best) }
        }
        return .converged
    }
}
