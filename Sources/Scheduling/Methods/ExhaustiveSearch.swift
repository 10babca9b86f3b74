import Vocabulary

/// Evaluates every schedule: the reference that other methods are judged by.
public struct ExhaustiveSearch: SearchMethod {
    public init() {}

    public var name: String { "exhaustive" }

    public func explore(_ problem: SearchProblem, _ ledger: inout SearchLedger) throws -> SearchStop {
        for index in problem.space.schedules.indices {
            let before = ledger.best?.index
            _ = try ledger.value(index)
            if let best = ledger.best?.index, best != before { ledger.accept(best) }
        }
        return .exhausted
    }
}
