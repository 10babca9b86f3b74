import Vocabulary

/// Starts and stops weighed over the course that the load is expected to take.
///
/// A server that is started draws power before it serves, and after it was given up; that is spread over the
/// time for which it is expected to be needed. A server that the next interval does not need
/// is kept where holding it idle until it is needed again costs less than giving it up and starting another:
/// the choice between renting and buying, with the time known as far as the forecast knows it. Both cost what
/// a replay books.
package struct LookAhead {
    let problem: ProvisioningProblem
    let costs: SwitchingCosts
    /// The expected load of each model in queries/s with its headroom, interval by interval.
    let course: [[Double]]
    let intervalSeconds: Double

    /// - Parameters:
    ///   - rates: R of each model.
    package init(
        _ problem: ProvisioningProblem, costs: SwitchingCosts, course: [[Double]], rates: [Double],
        intervalSeconds: Double
    ) {
        self.problem = problem
        self.costs = costs
        self.course = zip(course, rates).map { loads, rate in loads.map { $0 * (1 + rate) } }
        self.intervalSeconds = intervalSeconds
    }

    /// What starting one more server of each pair adds to the objective: its start and its end, over the time
    /// in which it is expected to be needed. Who comes last goes first: a server is needed until the load has
    /// fallen by half of what it serves.
    ///
    /// - Parameter needed: the load to cover now, in queries/s.
    package func startCosts(needed: [Double]) -> [Double] {
        var spread: [Double] = []
        for model in problem.models.indices {
            for type in problem.serverTypes.indices {
                let pair = problem.index(model: model, serverType: type)
                let level = needed[model] - min(problem.throughputs[pair], needed[model]) / 2
                let intervals = max(1, course[model].prefix { $0 > level }.count)
                spread.append(
                    (costs.joulesBooked[pair] + costs.joulesToStop[pair])
                        / (Double(intervals) * intervalSeconds) * problem.goal.costOfDrawnWatt)
            }
        }
        return spread
    }

    /// The allocation with servers added that run and are needed again so soon that giving them up costs
    /// more: those first that hold most for their idle power. O(servers given up x intervals).
    ///
    /// - Parameters:
    ///   - counts: the plan, which takes no more servers than there are.
    ///   - running: servers that run, as N[m, h].
    package func retaining(
        _ counts: ProvisioningProblem.Counts, running: ProvisioningProblem.Counts
    ) -> ProvisioningProblem.Counts {
        problem.retaining(counts, running: running, rank: { costs.idleWatts[$0] }) { pair, model, counts in
            isWorthHolding(pair, of: model, beyond: problem.capacity(of: counts, model: model))
        }
    }

    /// Whether one server more than a capacity is needed again before holding it costs as much as its end and
    /// a new start.
    private func isWorthHolding(_ pair: Int, of model: Int, beyond capacity: Double) -> Bool {
        let limit = capacity * (1 + Coverage.tolerance)
        guard let next = course[model].firstIndex(where: { $0 > limit }) else { return false }
        let held = Double(next) * intervalSeconds * costs.idleWatts[pair]
        return held <= costs.joulesBooked[pair] + costs.joulesToStop[pair]
    }
}
