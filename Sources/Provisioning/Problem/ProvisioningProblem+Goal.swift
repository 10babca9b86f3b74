import Optimization
import Quantities
import Vocabulary

// MARK: - What the goal means for a problem

extension ProvisioningProblem {
    /// pinned[h,m].
    var pinnedCounts: Counts { counts(of: goal.constraints.pinned) }
    /// reserved[h,m].
    var reservedCounts: Counts { counts(of: goal.constraints.reserved) }

    private func counts(of allocation: Allocation) -> Counts {
        var counts = noServers
        for share in allocation.shares {
            guard let model = models.firstIndex(of: share.model),
                let type = serverTypes.firstIndex(of: share.serverType)
            else { continue }
            counts[index(model: model, serverType: type)] = share.count
        }
        return counts
    }

    /// What a failure that is to be survived takes of a model's servers, whose kinds are these types.
    func failure(_ survives: PlanConstraints.Survival, types: [Int]) -> CoverFailure {
        switch survives {
        case .anyServer: .rack(perKind: types.map { max(1, available[$0]) })
        case .anyType: .rack(perKind: types.map { _ in 1 })
        case .anyRack(let servers):
            .rack(perKind: types.map { max(1, (available[$0] + servers - 1) / servers) })
        case .anyServers(let count): .items(count)
        case .anyServersOfOneType(let count): .itemsOfOneKind(count)
        }
    }

    /// The capacity that a model keeps whatever one failure takes, in queries/s; all of it where no failure
    /// counts.
    package func assuredCapacity(of counts: Counts, model: Int) -> Double {
        let whole = capacity(of: counts, model: model)
        guard let survives = goal.constraints.survives else { return whole }
        let first = index(model: model, serverType: 0)
        let worstLoss = failure(survives, types: Array(serverTypes.indices)).worstLoss(
            kinds: serverTypes.count, count: { counts[first + $0] }, weight: { throughputs[first + $0] })
        return whole - worstLoss
    }

    /// Whether an allocation serves the demand and keeps to every constraint.
    package func isSatisfied(by counts: Counts) -> Bool {
        let constraints = goal.constraints
        let pinned = pinnedCounts
        let reserved = reservedCounts
        guard counts.indices.allSatisfy({ counts[$0] >= pinned[$0] }) else { return false }
        for type in serverTypes.indices {
            let taken = models.indices.reduce(0) {
                let pair = index(model: $1, serverType: type)
                return $0 + max(counts[pair], reserved[pair])
            }
            if taken > available[type] { return false }
        }
        if let cap = constraints.powerCap, power(of: counts) > cap.value * (1 + 1e-9) { return false }
        return models.indices.allSatisfy { model in
            guard loads[model] > 0 else { return true }
            let row = serverTypes.indices.map { counts[index(model: model, serverType: $0)] }
            return isServed(model: model, by: assuredCapacity(of: counts, model: model))
                && row.reduce(0, +) >= constraints.minServers[models[model]] ?? 0
                && row.count { $0 > 0 } <= constraints.maxTypes ?? .max
        }
    }

    /// The objective of the goal, with what it costs to start servers where that is weighed.
    package func cost(of counts: Counts) -> Double {
        let plain = counts.indices.reduce(loadCost) { $0 + Double(counts[$1]) * costs[$1] }
        guard let starts else { return plain }
        return counts.indices.reduce(plain) {
            $0 + Double(max(0, counts[$1] - starts.running[$1])) * starts.costs[$1]
        }
    }

    /// Whether the constraints fall apart into one for each model and the limits of the types, so that priced
    /// knapsacks can plan.
    var isDecomposable: Bool {
        let constraints = goal.constraints
        let holdsServers = !constraints.pinned.shares.isEmpty || !constraints.reserved.shares.isEmpty
        return !holdsServers || (constraints.survives == nil && constraints.maxTypes == nil)
    }

    /// The problem without the constraints that priced knapsacks cannot hold: its bounds hold for this one
    /// too.
    func relaxed() -> ProvisioningProblem {
        var copy = self
        if !isDecomposable {
            copy.goal.constraints.survives = nil
            copy.goal.constraints.maxTypes = nil
        }
        return copy
    }

    /// Refuses constraints that name what is not there or contradict the fleet.
    static func checkedConstraints(
        _ constraints: PlanConstraints, models: [ModelID], fleet: Fleet, efficiency: EfficiencyTable
    ) throws(ProvisioningError) {
        for (what, allocation) in [("pinned", constraints.pinned), ("reserved", constraints.reserved)] {
            for share in allocation.shares {
                try checkKnown(share.model, models, what)
                guard fleet.counts[share.serverType] ?? 0 > 0 else {
                    throw .invalidConstraint(
                        what: "\(what) servers of \(share.model)", found: "server type \(share.serverType)",
                        expected: "a type of fleet \(fleet.id): "
                            + fleet.serverTypes.map(\.name).joined(separator: ", "))
                }
                let rate = efficiency[share.model, share.serverType]?.throughput.value ?? 0
                guard rate > 0 else {
                    throw .invalidConstraint(
                        what: "\(what) servers of \(share.model)", found: "server type \(share.serverType)",
                        expected: "a type that can serve the model")
                }
            }
        }
        for serverType in fleet.serverTypes {
            let held = models.reduce(0) {
                $0 + max(constraints.pinned[$1, serverType], constraints.reserved[$1, serverType])
            }
            guard held <= fleet.counts[serverType] ?? 0 else {
                throw .invalidConstraint(
                    what: "servers of type \(serverType) pinned and reserved", found: "\(held)",
                    expected: "at most the \(fleet.counts[serverType] ?? 0) that the fleet has")
            }
        }
        for (model, least) in constraints.minServers.sorted(by: { $0.key < $1.key }) {
            try checkKnown(model, models, "least servers")
            guard least >= 0 else {
                throw .invalidConstraint(
                    what: "least servers of \(model)", found: "\(least)", expected: "at least 0")
            }
        }
        for model in constraints.priorities.keys.sorted() { try checkKnown(model, models, "priority") }
        if let most = constraints.maxTypes, most < 1 {
            throw .invalidConstraint(
                what: "server types for a model", found: "\(most)", expected: "at least 1")
        }
        if case .anyRack(let servers) = constraints.survives, servers < 1 {
            throw .invalidConstraint(what: "servers in a rack", found: "\(servers)", expected: "at least 1")
        }
        try checkSurvival(constraints.survives, models: models, fleet: fleet, efficiency: efficiency)
        if let cap = constraints.powerCap, !(cap.value.isFinite && cap > .zero) {
            throw .invalidConstraint(what: "the power cap", found: "\(cap)", expected: "a power above 0")
        }
    }

    /// Refuses to survive the loss of all servers that could run a model.
    private static func checkSurvival(
        _ survives: PlanConstraints.Survival?, models: [ModelID], fleet: Fleet, efficiency: EfficiencyTable
    ) throws(ProvisioningError) {
        let (lost, isOfOneType): (Int, Bool)
        switch survives {
        case .anyServers(let count): (lost, isOfOneType) = (count, false)
        case .anyServersOfOneType(let count): (lost, isOfOneType) = (count, true)
        default: return
        }
        guard lost >= 1 else {
            throw .invalidConstraint(
                what: "servers that may be lost at once", found: "\(lost)", expected: "at least 1")
        }
        for model in models {
            let usable = fleet.serverTypes.filter(fleet.hasServers).filter {
                efficiency[model, $0]?.throughput ?? .zero > .zero
            }
            let servers = usable.reduce(0) { $0 + (fleet.counts[$1] ?? 0) }
            guard servers > lost || (isOfOneType && usable.count != 1) else {
                throw .invalidConstraint(
                    what: "servers that may be lost at once", found: "\(lost)",
                    expected: "fewer than the \(servers) servers of fleet \(fleet.id) that can run \(model)"
                        + (isOfOneType ? ", all of one type" : ""))
            }
        }
    }

    private static func checkKnown(
        _ model: ModelID, _ models: [ModelID], _ what: String
    ) throws(ProvisioningError) {
        guard models.contains(model) else {
            throw .invalidConstraint(
                what: what, found: "model \(model)",
                expected: "one of: " + models.map(\.name).joined(separator: ", "))
        }
    }
}
