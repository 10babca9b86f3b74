import Quantities
import Vocabulary

/// How variants are chosen, interval by interval.
public enum VariantPolicy: String, CaseIterable, Sendable {
    /// Every query is answered by its task's most accurate variant.
    case fixedBest = "fixed-best"
    /// Every query is answered by its task's least accurate variant.
    case fixedSmallest = "fixed-smallest"
    /// One variant at a time: the next smaller after an interval that was late, the next better after some
    /// that were not.
    case greedyByLoad = "greedy-by-load"
    /// The program of least cost under the floors.
    case variants

    /// All names, from the simplest to the most careful.
    public static var names: [String] { allCases.map(\.rawValue) }
}

/// Decides, interval by interval, which servers run which variants: forecast, headroom, plan, hold, delay, as
/// the online core does for models that are asked for themselves.
///
/// State stays inside; the same events in the same order give the same decisions.
public struct VariantController {
    /// What was decided.
    public struct Decision: Sendable {
        public let actions: [ProvisionerAction]
        public let status: Plan.Status
        public let gap: Fraction?
        /// By task, without headroom.
        public let forecast: Demand?
    }

    private let policy: VariantPolicy
    private let problem: VariantProblem
    private let configuration: ProvisionerConfiguration
    private let planner: VariantPlanner
    private let owners: [Int]
    private var load: LoadForecast
    private var target: ProvisioningProblem.Counts
    private var needed: [Double]
    private var seen: [Double]
    private var status = Plan.Status.feasible
    private var gap: Fraction?
    /// The place in use of each group, and for how many intervals none was late; greedy alone.
    private var places: [Int]
    private var calm: [Int]
    private var hasBegun = false

    /// A better variant is tried after so many intervals in time.
    private static let calmIntervals = 4
    /// A plan in force that still serves is kept unless a new one costs less by this share, where a scenario
    /// says nothing of it: what starts cost is not worth less than that.
    private static let holdFraction = 0.02

    /// - Parameter problem: fleet, tasks and figures; its loads do not matter.
    /// - Throws: `solver` where HiGHS cannot be loaded.
    public init(
        _ policy: VariantPolicy, problem: VariantProblem, configuration: ProvisionerConfiguration
    ) throws(ProvisioningError) {
        self.policy = policy
        self.problem = problem
        self.configuration = configuration
        planner = try VariantPlanner(gap: configuration.gap, nodeLimit: Self.nodeLimit)
        var owners = problem.base.models.map { _ in 0 }
        for (place, group) in problem.groups.enumerated() {
            for model in group.variants { owners[model] = place }
        }
        self.owners = owners
        load = LoadForecast(configuration, models: problem.names)
        target = problem.base.noServers
        needed = problem.groups.map { _ in 0 }
        seen = needed
        places = problem.groups.map { _ in 0 }
        calm = places
    }

    /// Branch and cut within an interval stops early; the gap says by how much.
    private static let nodeLimit = 50

    /// Answers an event.
    /// - Throws: `missingObservation`, `invalidLoad`, `solver`.
    public mutating func decide(_ event: ControlEvent) throws(ProvisioningError) -> Decision {
        switch event {
        case .intervalPassing(_, let observed):
            try learn(observed)
            return decision([])
        case .intervalStarting(_, let observed, let fleet):
            try learn(observed)
            try plan(fleet)
            return decision(actions(fleet))
        case .fleetChanged(_, let fleet):
            return decision(hasBegun ? actions(fleet) : [])
        }
    }

    private func decision(_ actions: [ProvisionerAction]) -> Decision {
        Decision(
            actions: actions, status: status, gap: gap,
            forecast: load.inForce.map { forecast in
                Demand(
                    Dictionary(
                        uniqueKeysWithValues: zip(problem.names, forecast.map { QueriesPerSecond($0) })))
            })
    }

    private mutating func learn(_ observed: Demand) throws(ProvisioningError) {
        var loads: [Double] = []
        for name in problem.names {
            guard let load = observed.loads[name] else { throw .missingObservation(model: name) }
            guard load.value.isFinite, load.value >= 0 else { throw .invalidLoad(model: name, found: load) }
            loads.append(load.value)
        }
        let served = problem.groups.map { group in
            group.variants.reduce(0) { $0 + problem.base.capacity(of: target, model: $1) }
        }
        load.learn(loads, capacities: hasBegun ? served : nil)
        for group in places.indices where hasBegun {
            let isLate = loads[group] > served[group] * (1 + Coverage.tolerance)
            calm[group] = isLate ? 0 : calm[group] + 1
            if isLate {
                places[group] = min(places[group] + 1, problem.groups[group].variants.count - 1)
            } else if calm[group] >= Self.calmIntervals {
                (places[group], calm[group]) = (max(0, places[group] - 1), 0)
            }
        }
        seen = loads
    }

    private mutating func plan(_ fleet: FleetObservation?) throws(ProvisioningError) {
        let forecast = load.forecast(steps: configuration.stepsAhead)
        let rates = load.rates.map { $0.value * configuration.headroomFactor }
        needed = zip(forecast, rates).map { $0 * (1 + $1) }
        var now = problem.replacingLoads(needed)
        if let fleet { now = now.replacingAvailability(available(fleet)) }
        let asked: VariantProblem
        switch policy {
        case .fixedBest: asked = now.fixed(toBest: true)
        case .fixedSmallest: asked = now.fixed(toBest: false)
        case .greedyByLoad: asked = now.fixed(to: places)
        case .variants: asked = now
        }
        let answer = try planner.answer(asked)
        let isOver = zip(asked.base.available, used(target)).contains { $0 < $1 }
        let holds = asked.groups.allSatisfy { asked.isServed(target, $0) } && !isOver
        let share = configuration.replanFraction?.value ?? Self.holdFraction
        hasBegun = true
        guard !holds || asked.base.cost(of: target) > answer.cost * (1 + share) else { return }
        target = answer.counts
        status = answer.isServed ? .feasible : .infeasible
        gap = answer.bound.flatMap { bound in
            answer.cost > 0 && answer.isServed ? Fraction(max(0, 1 - bound / answer.cost)) : nil
        }
        if answer.isServed, let gap, gap.value <= configuration.gap.value { status = .optimal }
    }

    private func used(_ counts: ProvisioningProblem.Counts) -> [Int] {
        let types = problem.base.serverTypes.count
        return (0..<types).map { type in
            stride(from: type, to: counts.count, by: types).reduce(0) { $0 + counts[$1] }
        }
    }

    private func available(_ fleet: FleetObservation) -> [Int] {
        problem.base.serverTypes.map { fleet.available[$0] ?? 0 }
    }

    /// From the fleet as it is to the plan in force: at once where servers start in no time, else no faster
    /// than the servers that take over serve.
    private func actions(_ fleet: FleetObservation?) -> [ProvisionerAction] {
        let base = problem.base
        let serving = fleet.map { base.counts(of: $0.serving) } ?? base.noServers
        let starting = fleet.map { base.counts(of: $0.starting) } ?? base.noServers
        guard !configuration.startTimes.isInstant, let fleet else {
            let there = zip(serving, starting).map(+)
            return base.actions(
                starts: zip(target, there).map { max(0, $0 - $1) },
                stops: zip(target, there).map { max(0, $1 - $0) })
        }
        var delay = ActionDelay(
            problem: base, target: target, serving: serving, starting: starting,
            available: available(fleet), owners: owners, needed: needed, seen: seen,
            isDwelling: target.map { _ in false }, startsLeft: configuration.stepServersMax,
            stopsLeft: configuration.stepServersMax)
        let changes = delay.changes()
        return base.actions(starts: changes.starts, stops: changes.stops)
    }
}
