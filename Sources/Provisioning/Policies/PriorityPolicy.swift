/// The greedy policy with the order of the models chosen with care: whoever would lose most by not getting
/// its most efficient free type takes it first.
///
/// The loss is the ratio of a model's queries per joule on its best free type to those on its next best one;
/// without a next best it is infinite. After every take the ratios are looked at again, since types run out.
/// Ties go to the model first by name.
public struct PriorityPolicy: ProvisioningPolicy {
    public static let name = "priority"

    public init() {}

    public func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        request.problem.outcomeByRule(Self.allocate(request.problem))
    }

    /// The allocation. O(models^2 * types^2 log types).
    static func allocate(_ problem: ProvisioningProblem) -> ProvisioningProblem.Counts {
        var stock = ServerStock(problem)
        while let next = next(stock) { stock.cover(next.model, with: next.serverType) }
        return stock.counts
    }

    /// The uncovered model with most to lose and the type it takes; nil when nobody can take anything.
    private static func next(_ stock: ServerStock) -> (model: Int, serverType: Int)? {
        var chosen: (model: Int, serverType: Int)?
        var greatestLoss = -Double.infinity
        for model in stock.problem.models.indices {
            let types = stock.mostEfficientTypes(for: model, count: 2)
            guard let best = types.first else { continue }
            let loss =
                types.count < 2
                ? Double.infinity
                : stock.problem.queriesPerCost(model, types[0])
                    / stock.problem.queriesPerCost(model, types[1])
            if chosen == nil || loss > greatestLoss {
                chosen = (model, best)
                greatestLoss = loss
            }
        }
        return chosen
    }
}
