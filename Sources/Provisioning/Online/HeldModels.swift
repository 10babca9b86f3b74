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

extension ProvisionerCore {
    /// When an interval starts, since the first.
    /// - Throws: `intervalOutOfOrder` for one that repeats, goes back or is beyond what a clock counts to.
    func start(of index: Int, after last: Int?) throws(ProvisioningError) -> Nanoseconds {
        let (count, isOver) = configuration.interval.count.multipliedReportingOverflow(by: Int64(index))
        guard index >= 0, !isOver, last.map({ $0 < index }) ?? true, count < Int64.max / 4 else {
            throw .intervalOutOfOrder(found: index, last: last)
        }
        return Nanoseconds(count)
    }

    /// The changes that the limits let through; what they leave and what they cut is noted in the state.
    func limited(
        _ state: inout ProvisionerState, starts: ProvisioningProblem.Counts,
        stops: ProvisioningProblem.Counts, target: ProvisioningProblem.Counts,
        running: ProvisioningProblem.Counts, serving: ProvisioningProblem.Counts, at: Nanoseconds
    ) -> (starts: ProvisioningProblem.Counts, stops: ProvisioningProblem.Counts) {
        var limiter = StepLimiter(
            problem: problem, limits: configuration.limits, tick: state.tick, at: at, running: running,
            serving: serving, target: target, needed: state.requiredLoad ?? state.lastLoad,
            isHeld: problem.models.indices.map {
                state.keptLoads.indices.contains($0) && state.keptLoads[$0] != nil
            },
            isInfeasible: state.planInForce?.status == .infeasible,
            isInstant: configuration.startTimes.isInstant)
        let changes = limiter.limited(starts: starts, stops: stops, record: &state.steps)
        state.cuts = limiter.cuts
        state.ordered = running.indices.map { running[$0] + changes.starts[$0] - changes.stops[$0] }
        return changes
    }
}

extension ProvisioningProblem {
    /// N[m, h] as an allocation; counts of another problem are nothing.
    func allocation(of counts: Counts) -> Allocation {
        var allocation = Allocation()
        guard counts.count == costs.count else { return allocation }
        for (index, count) in counts.enumerated() where count > 0 {
            let name = pair(index)
            allocation[name.model, name.serverType] = count
        }
        return allocation
    }
}
