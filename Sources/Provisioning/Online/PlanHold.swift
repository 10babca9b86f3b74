import Quantities
import Vocabulary

/// Part of the delay step: whether a plan in force is kept although another could be had.
enum PlanHold {
    /// Whether the plan in force will do without asking for another: it covers what is needed, its servers
    /// are there, and no need has moved from the one it was made for by more than the tolerance.
    static func isGoodEnough(
        _ counts: ProvisioningProblem.Counts, madeFor: [Double], needed: [Double], tolerance: Double,
        problem: ProvisioningProblem
    ) -> Bool {
        for (before, now) in zip(madeFor, needed) where abs(now - before) > tolerance * before {
            return false
        }
        return covers(counts, needed, problem)
    }

    /// What becomes of the plan in force, if it is not replaced by a new one.
    enum Choice {
        /// The new plan earns its switching.
        case new
        /// Nothing changes.
        case kept
        /// The plan in force, with servers added where a model lacks some and given up where it has too many.
        case adjusted(ProvisioningProblem.Counts)
    }

    /// Which plan costs least, what it takes to start servers included. The program weighs that too, but only
    /// up to its gap; so small a saving does not send servers to another model.
    ///
    /// - Parameters:
    ///   - new: serves what is needed.
    ///   - problem: weighs starts.
    ///   - tolerance: the share that a plan with fewer changes may cost more: where starts cost nothing, the
    ///     gap, within which a new plan is no better for certain.
    static func choice(
        _ counts: ProvisioningProblem.Counts, or new: ProvisioningProblem.Counts, needed: [Double],
        problem: ProvisioningProblem, tolerance: Double = 0
    ) -> Choice {
        var best = Choice.new
        var least = problem.cost(of: new) * (1 + tolerance)
        var scaling = FleetScaling(problem, from: counts)
        for model in problem.models.indices { scaling.shrink(model, to: needed[model], replicasMin: 0) }
        for model in problem.models.indices {
            scaling.grow(model, to: needed[model], replicasMin: 0, replicasMax: .max)
        }
        // A shrunk plan saves at once, so it comes before keeping what is not needed.
        if covers(scaling.counts, needed, problem), problem.cost(of: scaling.counts) <= least {
            best = .adjusted(scaling.counts)
            least = max(problem.cost(of: scaling.counts), tolerance > 0 ? least : 0)
        }
        if covers(counts, needed, problem), problem.cost(of: counts) <= least { best = .kept }
        return best
    }

    private static func covers(
        _ counts: ProvisioningProblem.Counts, _ needed: [Double], _ problem: ProvisioningProblem
    ) -> Bool {
        for type in problem.serverTypes.indices {
            let used = problem.models.indices.reduce(0) {
                $0 + counts[problem.index(model: $1, serverType: type)]
            }
            if used > problem.available[type] { return false }
        }
        return problem.models.indices.allSatisfy {
            problem.assuredCapacity(of: counts, model: $0) >= needed[$0]
                * (1 - Coverage.tolerance)
        }
    }
}
