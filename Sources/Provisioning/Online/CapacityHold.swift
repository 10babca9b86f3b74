import Vocabulary

/// A stabilisation window for giving servers up, as autoscalers have one: what stands is kept while the
/// highest need of the latest intervals asks for it. A load that wavers then neither stops servers nor starts
/// them again.
struct CapacityHold {
    let problem: ProvisioningProblem
    /// The highest need of each model in the window, in queries/s.
    let floors: [Double]

    /// The allocation with running servers added up to the floors: those first that serve most for a watt.
    /// O(models x types log types + servers kept).
    ///
    /// - Parameters:
    ///   - counts: the plan, which takes no more servers than there are.
    ///   - running: servers that run, as N[m, h].
    func retaining(
        _ counts: ProvisioningProblem.Counts, running: ProvisioningProblem.Counts
    ) -> ProvisioningProblem.Counts {
        var counts = counts
        let types = problem.serverTypes.count
        var free = problem.available
        for pair in counts.indices { free[pair % types] -= counts[pair] }
        for model in problem.models.indices {
            let pairs = (0..<types).map { problem.index(model: model, serverType: $0) }
            let surplus = pairs.filter { running[$0] > counts[$0] && problem.throughputs[$0] > 0 }.sorted {
                (problem.powers[$0] / problem.throughputs[$0], $0)
                    < (problem.powers[$1] / problem.throughputs[$1], $1)
            }
            var capacity = problem.assuredCapacity(of: counts, model: model)
            for pair in surplus {
                while counts[pair] < running[pair], free[pair % types] > 0,
                    capacity < floors[model] * (1 - Coverage.tolerance)
                {
                    counts[pair] += 1
                    free[pair % types] -= 1
                    capacity = problem.assuredCapacity(of: counts, model: model)
                }
            }
        }
        return counts
    }
}
