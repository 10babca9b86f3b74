import Vocabulary

/// A stabilisation window for giving servers up, as autoscalers have one: what stands is kept while the
/// highest need of the latest intervals asks for it. A load that wavers then neither stops servers nor starts
/// them again.
struct CapacityHold {
    let problem: ProvisioningProblem
    /// The highest need of each model in the window, in queries/s.
    let floors: [Double]

    /// The allocation with running servers added up to the floors: those first that serve most for a watt.
    ///
    /// - Parameters:
    ///   - counts: the plan, which takes no more servers than there are.
    ///   - running: servers that run, as N[m, h].
    func retaining(
        _ counts: ProvisioningProblem.Counts, running: ProvisioningProblem.Counts
    ) -> ProvisioningProblem.Counts {
        problem.retaining(counts, running: running, rank: { problem.powers[$0] }) { _, model, counts in
            problem.assuredCapacity(of: counts, model: model) < floors[model] * (1 - Coverage.tolerance)
        }
    }
}
