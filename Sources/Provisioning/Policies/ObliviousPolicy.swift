import Randomness

/// A scheduler that does not see that servers differ: each model, in name order, takes whatever free server
/// comes next until its load is covered.
///
/// The order of the servers is one random permutation of the fleet for a given seed, the same for every
/// decision, so that an allocation follows the load instead of being thrown anew. A server that cannot run a
/// model at all is left for the others.
public struct ObliviousPolicy: ProvisioningPolicy {
    public static let name = "oblivious"

    private let seed: UInt64

    public init(seed: UInt64) { self.seed = seed }

    /// O(models * servers).
    public func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        let problem = request.problem
        var stock = ServerStock(problem)
        var queue = shuffledServers(problem)
        for model in problem.models.indices {
            var passedOver: [Int] = []
            var position = 0
            while position < queue.count, stock.isUncovered(model) {
                let serverType = queue[position]
                if stock.problem.canServe(model, with: serverType) {
                    stock.takeOne(serverType, for: model)
                } else {
                    passedOver.append(serverType)
                }
                position += 1
            }
            queue = passedOver + queue[position...]
        }
        return problem.outcomeByRule(stock.counts)
    }

    /// The type of each server of the fleet, in random order (Fisher and Yates).
    private func shuffledServers(_ problem: ProvisioningProblem) -> [Int] {
        var servers = problem.available.enumerated().flatMap { type, count in
            [Int](repeating: type, count: count)
        }
        var words = SplitMix64(seed: seed)
        for last in stride(from: servers.count - 1, to: 0, by: -1) {
            servers.swapAt(last, words.next(below: last + 1))
        }
        return servers
    }
}
