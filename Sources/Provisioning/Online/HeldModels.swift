import Quantities
import Vocabulary

extension ControlTick {
    /// What is planned for at least, in queries/s; nil where no load of the model was ever believed.
    /// - Throws: `missingObservation`, `invalidLoad`.
    func load(of model: ModelID) throws(ProvisioningError) -> Double? {
        guard let observation = loads[model] else { throw .missingObservation(model: model) }
        let load: QueriesPerSecond?
        switch observation {
        case .trusted(let seen): load = seen
        case .held(let kept): load = kept
        }
        guard let load else { return nil }
        guard load.value.isFinite, load.value >= 0 else { throw .invalidLoad(model: model, found: load) }
        return load.value
    }

    /// Whether the load of a model is not believed.
    func isHeld(_ model: ModelID) -> Bool {
        if case .held = loads[model] { return true }
        return false
    }
}

/// Models whose loads are not believed keep what runs of theirs, and may grow.
struct HeldModels {
    let problem: ProvisioningProblem
    let isHeld: [Bool]
    /// Servers that run, as N[m, h].
    let running: ProvisioningProblem.Counts
    /// The load to cover, in queries/s.
    let needed: [Double]

    /// nil where every model is believed.
    init?(
        _ keptLoads: [Double?], problem: ProvisioningProblem, running: ProvisioningProblem.Counts,
        needed: [Double]
    ) {
        guard keptLoads.contains(where: { $0 != nil }) else { return nil }
        isHeld = keptLoads.map { $0 != nil }
        self.problem = problem
        self.running = running
        self.needed = needed
    }

    /// A plan with what held models keep in it; it may take more servers than there are. A model whose
    /// servers cover what it needs keeps exactly those. O(models x types log types + servers added).
    func keeping(_ target: ProvisioningProblem.Counts) -> ProvisioningProblem.Counts {
        var counts = target
        let types = problem.serverTypes.count
        var free = problem.available
        for pair in counts.indices where isHeld[pair / types] { free[pair % types] -= running[pair] }
        for model in problem.models.indices where isHeld[model] {
            let pairs = (0..<types).map { problem.index(model: model, serverType: $0) }
            var most = counts
            for pair in pairs {
                most[pair] = running[pair]
                let added = min(target[pair] - running[pair], free[pair % types])
                if added > 0 { most[pair] += added }
            }
            let ranked = problem.mostEfficient(problem.serverTypes.indices, for: model)
            for type in ranked.reversed() {
                let pair = pairs[type]
                while most[pair] > running[pair] {
                    most[pair] -= 1
                    if covers(model, most) { continue }
                    most[pair] += 1
                    break
                }
            }
            for pair in pairs {
                counts[pair] = most[pair]
                free[pair % types] -= most[pair] - running[pair]
            }
        }
        return counts
    }

    /// Whether an allocation takes no more servers than there are.
    func fits(_ counts: ProvisioningProblem.Counts) -> Bool {
        zip(problem.available, taken(by: counts)).allSatisfy { $0 >= $1 }
    }

    /// The fleet without what held models take of an allocation.
    func remainder(_ counts: ProvisioningProblem.Counts) -> ProvisioningProblem {
        let types = problem.serverTypes.count
        let kept = counts.indices.map { isHeld[$0 / types] ? counts[$0] : 0 }
        return problem.replacingAvailability(
            zip(problem.available, taken(by: kept)).map { max(0, $0 - $1) })
    }

    /// The rows of held models from one allocation, all others from another.
    func merging(
        _ kept: ProvisioningProblem.Counts, into others: ProvisioningProblem.Counts
    ) -> ProvisioningProblem.Counts {
        let types = problem.serverTypes.count
        return kept.indices.map { isHeld[$0 / types] ? kept[$0] : others[$0] }
    }

    private func taken(by counts: ProvisioningProblem.Counts) -> [Int] {
        let types = problem.serverTypes.count
        return counts.indices.reduce(into: problem.available.map { _ in 0 }) { $0[$1 % types] += counts[$1] }
    }

    private func covers(_ model: Int, _ counts: ProvisioningProblem.Counts) -> Bool {
        problem.assuredCapacity(of: counts, model: model) >= needed[model] * (1 - Coverage.tolerance)
    }
}
