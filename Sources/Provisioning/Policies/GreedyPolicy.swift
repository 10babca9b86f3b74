/// Each model, in name order, takes servers of its most efficient free type by queries per joule, then of the
/// next best, until its load is covered.
public struct GreedyPolicy: ProvisioningPolicy {
    public static let name = "greedy"

    public init() {}

    public func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        request.problem.outcomeByRule(Self.allocate(request.problem))
    }

    /// The greedy allocation. O(models * types^2 log types).
    static func allocate(_ problem: ProvisioningProblem) -> ProvisioningProblem.Counts {
        var stock = ServerStock(problem)
        for model in problem.models.indices {
            while let best = stock.mostEfficientTypes(for: model, count: 1).first {
                stock.cover(model, with: best)
            }
        }
        return stock.counts
    }
}
