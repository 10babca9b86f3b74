import Quantities
import Vocabulary

/// Loads that may be split over variants, and the fleet to serve them.
///
/// With x[v] the load that variant v answers and a[v] its accuracy, for every task with load L and floor A:
///
///     minimise    sum  N[h,v] * cost[h,v]
///     subject to  sum_v x[v] = L,   x[v] <= sum_h N[h,v] * qps[h,v],   x[v] <= share[v] * L
///                 sum_v (a[v] - A) x[v] >= 0
///                 sum_v N[h,v] <= available[h],   N[h,v] >= 0, whole
public struct VariantProblem: Sendable {
    /// A load, and the models that may answer it.
    struct Group: Sendable {
        let name: ModelID
        /// Positions among the problem's models, the most accurate first.
        let variants: [Int]
        let accuracies: [Double]
        let shareMax: [Double]
        var load: Double
        var floor: Double?

        /// What the accuracy of a variant lacks to that of the best.
        func lack(_ place: Int) -> Double { accuracies[0] - accuracies[place] }
        /// The mean that may be lacked; nil without a floor.
        var lackMax: Double? { floor.map { accuracies[0] - $0 } }
    }

    /// The models, types and figures; its own loads are zero.
    let base: ProvisioningProblem
    private(set) var groups: [Group]

    /// - Parameters:
    ///   - demand: by task, and by model where it belongs to none.
    ///   - goal: objective and prices. Of its constraints a power cap counts.
    /// - Throws: `ProvisioningError`, also for a floor that no variant reaches.
    public init(
        demand: Demand, tasks: [ServedTask], fleet: Fleet, efficiency: EfficiencyTable, goal: PlanGoal
    ) throws(ProvisioningError) {
        let byName = Dictionary(tasks.map { ($0.id, $0) }) { first, _ in first }
        var loads: [ModelID: QueriesPerSecond] = [:]
        for name in demand.models {
            for model in byName[name]?.admitted.map(\.model) ?? [name] { loads[model] = .zero }
        }
        base = try ProvisioningProblem(
            demand: Demand(loads), fleet: fleet, efficiency: efficiency, goal: goal)
        var groups: [Group] = []
        for name in demand.models {
            let load = demand[name]
            guard load.value.isFinite, load.value >= 0 else { throw .invalidLoad(model: name, found: load) }
            let task = byName[name]
            let admitted = task?.admitted
            if let task, let best = task.variants.first,
                let floor = [task.meanFloor, task.queryFloor].compactMap({ $0 }).max(),
                floor > best.accuracy.value
            {
                throw .floorOutOfReach(
                    task: name, floor: floor, best: best.model, accuracy: best.accuracy.value)
            }
            groups.append(
                Group(
                    name: name,
                    variants: (admitted?.map(\.model) ?? [name]).compactMap(base.models.firstIndex),
                    accuracies: admitted?.map(\.accuracy.value.value) ?? [1],
                    shareMax: admitted?.map { $0.shareMax?.value ?? 1 } ?? [1], load: load.value,
                    floor: task?.meanFloor?.value))
        }
        self.groups = groups
    }

    /// The same under other loads, in the order of `names`.
    func replacingLoads(_ loads: [Double]) -> VariantProblem {
        var copy = self
        for (group, load) in zip(copy.groups.indices, loads) { copy.groups[group].load = load }
        return copy
    }

    /// The same where of some types there are fewer.
    func replacingAvailability(_ available: [Int]) -> VariantProblem {
        VariantProblem(base: base.replacingAvailability(available), groups: groups)
    }

    /// The same with every task held to one of its variants: the first or the last.
    func fixed(toBest isBest: Bool) -> VariantProblem {
        fixed(to: groups.map { isBest ? 0 : $0.variants.count - 1 })
    }

    /// The same with every task held to the variant at a place of its own.
    func fixed(to places: [Int]) -> VariantProblem {
        VariantProblem(
            base: base,
            groups: zip(groups, places).map { group, place in
                Group(
                    name: group.name, variants: [group.variants[place]],
                    accuracies: [group.accuracies[place]], shareMax: [1], load: group.load, floor: nil)
            })
    }

    private init(base: ProvisioningProblem, groups: [Group]) {
        self.base = base
        self.groups = groups
    }

    /// Tasks and models that loads are given for, in name order.
    var names: [ModelID] { groups.map(\.name) }

    /// Queries/s that servers of a variant answer.
    func capacity(_ counts: ProvisioningProblem.Counts, _ group: Group, _ place: Int) -> Double {
        base.capacity(of: counts, model: group.variants[place])
    }

    /// The split of highest accuracy that servers allow: each query goes to the most accurate variant that
    /// has room, shares beyond their limit only where nothing else has.
    /// - Returns: load by place, and what is left over.
    func route(_ counts: ProvisioningProblem.Counts, _ group: Group) -> (loads: [Double], left: Double) {
        var loads = [Double](repeating: 0, count: group.variants.count)
        var left = group.load
        for place in loads.indices where left > 0 {
            let room = min(capacity(counts, group, place), group.shareMax[place] * group.load)
            loads[place] = min(left, room)
            left -= loads[place]
        }
        return (loads, left)
    }

    /// Whether servers answer a load within its limits and floor.
    func isServed(_ counts: ProvisioningProblem.Counts, _ group: Group) -> Bool {
        let (loads, left) = route(counts, group)
        guard left <= group.load * Coverage.tolerance else { return false }
        guard let lackMax = group.lackMax else { return true }
        let lack = loads.indices.reduce(0) { $0 + loads[$1] * group.lack($1) }
        return lack <= (lackMax + Coverage.tolerance) * group.load
    }

    /// How the load is split, with what the floors cost at the margin.
    func split(
        _ counts: ProvisioningProblem.Counts, multipliers: [Double]
    ) -> [TaskSplit] {
        zip(groups, multipliers).map { group, multiplier in
            let (loads, _) = route(counts, group)
            return TaskSplit(
                task: group.name, load: QueriesPerSecond(group.load),
                shares: loads.indices.filter { loads[$0] > 0 }.map {
                    TaskSplit.Share(
                        model: base.models[group.variants[$0]], load: QueriesPerSecond(loads[$0]),
                        accuracy: Fraction(group.accuracies[$0]))
                }, meanFloor: group.floor.map { Fraction($0) },
                costOfPoint: group.floor.map { _ in multiplier * group.load / 100 })
        }
    }
}
