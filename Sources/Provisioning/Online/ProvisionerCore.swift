import Quantities
import Vocabulary

/// The online decision, step by step: forecast the load (`LoadForecast`), estimate the headroom R on it from
/// the forecast's own errors (`OverProvisionEstimate`), bound both to what the fleet can hold and ask the
/// policy (`HeadroomBound`), keep or delay what is not worth or not safe to change now (`PlanHold`,
/// `ActionDelay`), and say what has to be done.
///
/// State and an event go in, a new state and actions come out: no clock, no input or output, so that a replay
/// and a live controller drive the same code.
public struct ProvisionerCore {
    let policy: any ProvisioningPolicy
    let problem: ProvisioningProblem
    let configuration: ProvisionerConfiguration
    let costs: SwitchingCosts
    /// Whether the configuration limits nothing, as in replays.
    let isUnlimited: Bool

    /// A core for one policy on one fleet.
    ///
    /// - Parameter problem: the fleet and the models; its demand does not matter.
    public init(
        policy: any ProvisioningPolicy, problem: ProvisioningProblem, configuration: ProvisionerConfiguration
    ) {
        self.policy = policy
        self.problem = problem
        self.configuration = configuration
        costs = SwitchingCosts(problem, times: configuration.startTimes)
        isUnlimited = configuration.limits == StepLimits()
    }

    /// A core on instant servers with last-value forecasts.
    ///
    /// - Parameter rule: how R follows from history.
    public init(policy: any ProvisioningPolicy, problem: ProvisioningProblem, rule: OverProvisionRule) {
        self.init(policy: policy, problem: problem, configuration: ProvisionerConfiguration(rule: rule))
    }

    /// Answers an event; the same state and event give the same decision.
    ///
    /// - Throws: `missingObservation` for a model without a load, `invalidLoad`, `intervalOutOfOrder`, and
    ///   what the policy throws. The state that was handed in is lost then: whoever goes on keeps a copy.
    public func decide(
        _ state: consuming ProvisionerState, _ event: ControlEvent
    ) throws(ProvisioningError) -> ProvisionerDecision {
        switch event {
        case .intervalStarting(let index, let observed, let fleet):
            return try decide(state, ControlTick(index: index, observed: observed, fleet: fleet))
        case .intervalPassing(let index, let observed):
            try learn(ControlTick(index: index, observed: observed), into: &state)
            return decision(state, actions: [], reason: .followUp)
        case .fleetChanged(let at, let fleet):
            guard state.planInForce != nil else { return decision(state, actions: [], reason: .followUp) }
            let before = state.available
            let actions = actions(&state, at: at, fleet: fleet)
            return decision(
                state, actions: actions, reason: state.available == before ? .followUp : .serversChanged)
        }
    }

    /// Decides at the start of an interval of which some loads may not be believed.
    ///
    /// - Throws: as `decide(_:_:)` of an event.
    public func decide(
        _ state: consuming ProvisionerState, _ tick: ControlTick
    ) throws(ProvisioningError) -> ProvisionerDecision {
        let at = try learn(tick, into: &state)
        state.tick = tick
        return try plan(&state, at: at, fleet: tick.fleet)
    }

    /// An interval that passes without a decision, of which some loads may not be believed.
    ///
    /// - Throws: as `decide(_:_:)` of an event.
    public func pass(
        _ state: consuming ProvisionerState, _ tick: ControlTick
    ) throws(ProvisioningError) -> ProvisionerState {
        _ = try learn(tick, into: &state)
        return state
    }
}

// MARK: - Steps

extension ProvisionerCore {
    /// Takes the load of the interval before into account. Where intervals went by unseen, the last load seen
    /// stands in for theirs, so that seasons keep their phase.
    ///
    /// - Returns: when the interval starts.
    @discardableResult
    private func learn(
        _ tick: ControlTick, into state: inout ProvisionerState
    ) throws(ProvisioningError) -> Nanoseconds {
        let at = try start(of: tick.index, after: state.lastIndex)
        var loads: [Double] = []
        state.keptLoads = []
        for model in problem.models {
            guard let load = try tick.load(of: model) else {
                state.keptLoads.append(0)
                loads.append(0)
                continue
            }
            state.keptLoads.append(tick.isHeld(model) ? load : nil)
            loads.append(load)
        }
        let isHeld = state.keptLoads.map { $0 != nil }
        var load = state.load ?? LoadForecast(configuration, models: problem.models)
        state.load = nil
        if let last = state.lastIndex {
            let unseen = isHeld.map { _ in !configuration.learnsFromGaps }
            for _ in 0..<min(tick.index - last - 1, 100_000) { load.learn(state.lastLoad, isHeld: unseen) }
        }
        let believed = loads.indices.filter { !isHeld[$0] }
        if state.risk.foretold != nil, state.lastIndex != nil, !believed.isEmpty {
            let missed = believed.count { model in
                let served =
                    state.leastCapacities.isEmpty
                    ? problem.capacity(of: state.target, model: model) : state.leastCapacities[model]
                return loads[model] > served * (1 + Coverage.tolerance)
            }
            state.risk.learn(
                missed: Double(missed) / Double(believed.count), window: 4 * configuration.rule.window)
        }
        load.learn(
            loads, capacities: state.leastCapacities.isEmpty ? nil : state.leastCapacities, isHeld: isHeld)
        state.leastCapacities = state.capacities
        state.load = load
        state.lastLoad = loads
        state.lastIndex = tick.index
        return at
    }

    /// Forecasts, bounds, plans and delays.
    private func plan(
        _ state: inout ProvisionerState, at: Nanoseconds, fleet: FleetObservation?
    ) throws(ProvisioningError) -> ProvisionerDecision {
        budgetChanges(&state)
        guard var load = state.load else { preconditionFailure("a load is learnt before a plan is made") }
        state.load = nil
        // What is not believed is not taken for less than it was.
        let forecast = zip(load.forecast(steps: configuration.stepsAhead), state.keptLoads).map {
            max($0, $1 ?? 0)
        }
        let learnt = load.rates.map { $0.value * configuration.headroomFactor }
        state.load = load
        let present =
            fleet.map { self.problem.replacingAvailability(available(in: $0)) } ?? self.problem
        let running = fleet.map { present.counts(of: $0.serving, $0.starting) } ?? state.assumed(present)
        let ahead = isWeighing(state) ? lookAhead(load, rates: learnt, problem: present) : nil
        let there = weighingStarts(
            present, state, running: running, ahead: ahead,
            needed: zip(forecast, learnt).map { $0 * (1 + $1) })
        let tails = tails(load)
        let rates =
            tails.map { boughtRates(&state, tails: $0, learnt: learnt, forecast: forecast, problem: there) }
            ?? learnt.map { Fraction($0) }
        let full = zip(forecast, rates).map { $0 * (1 + $1.value) }
        let problem = there.expecting(forecast, needed: full)
        let before = state.requiredLoad
        let hold = capacityHold(&state, needed: full, problem: problem)
        state.startsLeft = configuration.stepServersMax
        state.stopsLeft = configuration.stepServersMax
        state.steps.startsNow = 0
        state.steps.stopsNow = 0

        var effort = PlanEffort(route: .direct)
        let isHeld =
            before.map { madeFor in
                configuration.replanFraction.map {
                    PlanHold.isGoodEnough(
                        state.target, madeFor: madeFor, needed: full, tolerance: $0.value, problem: problem)
                } ?? false
            } ?? false
        if !isHeld {
            let bounded = try bounded(&state, forecast: forecast, rates: rates, problem: problem, at: at)
            effort = bounded.outcome.effort
            let counts = problem.counts(of: bounded.outcome.plan.allocation)
            var choice = PlanHold.Choice.new
            if type(of: policy).weighsSwitching, before != nil, bounded.outcome.plan.status != .infeasible {
                choice = PlanHold.choice(
                    state.target, or: counts, needed: bounded.needed, problem: problem,
                    tolerance: configuration.keepWithin?.value
                        ?? (isWeighing(state) ? 0 : configuration.gap.value))
            }
            state.headroomShare = bounded.share
            try adopt(
                choice, of: bounded, counts: counts, into: &state, problem: problem,
                holding: {
                    let kept = ahead?.retaining($0, running: running) ?? $0
                    return hold?.retaining(kept, running: running) ?? kept
                })
        }
        if let held = HeldModels(state.keptLoads, problem: problem, running: running, needed: full) {
            try keep(held, in: &state, forecast: forecast, rates: rates, at: at)
        }
        if let tails { foretell(&state, tails: tails, forecast: forecast) }
        let actions = actions(&state, at: at, fleet: fleet)
        return decision(
            state, actions: actions, reason: reason(state, before: before), movedFrom: before ?? [],
            effort: effort)
    }

    /// Puts what was chosen in force, with the servers that are worth holding beyond it.
    private func adopt(
        _ choice: PlanHold.Choice, of bounded: HeadroomBound.Bounded, counts: ProvisioningProblem.Counts,
        into state: inout ProvisionerState, problem: ProvisioningProblem,
        holding: (ProvisioningProblem.Counts) -> ProvisioningProblem.Counts
    ) throws(ProvisioningError) {
        let proven = bounded.outcome.plan
        var adopted = counts
        switch choice {
        case .kept: return
        case .new: break
        case .adjusted(let adjusted): adopted = adjusted
        }
        if proven.status != .infeasible { adopted = holding(adopted) }
        guard adopted != counts else { return state.adopt(proven, counts, needed: bounded.needed) }
        // What is proven of the new plan holds for this one.
        let plan = try problem.replacingLoads(bounded.needed).plan(
            adopted, bound: proven.valuation?.bound ?? proven.bound?.value, gap: configuration.gap.value)
        state.adopt(plan, adopted, needed: bounded.needed)
    }

    /// Puts what held models keep into the plan in force. Where others had been given those servers, the
    /// others are planned for anew with what is left.
    private func keep(
        _ held: HeldModels, in state: inout ProvisionerState, forecast: [Double], rates: [Fraction],
        at: Nanoseconds
    ) throws(ProvisioningError) {
        var counts = held.keeping(state.target)
        if !held.fits(counts) {
            let others = forecast.indices.map { held.isHeld[$0] ? 0 : forecast[$0] }
            let anew = try bounded(
                &state, forecast: others, rates: rates, problem: held.remainder(counts), at: at)
            counts = held.merging(counts, into: problem.counts(of: anew.outcome.plan.allocation))
        }
        guard counts != state.target, let proven = state.planInForce else { return }
        let needed = state.requiredLoad ?? held.needed
        let plan = try held.problem.replacingLoads(needed).plan(
            counts, bound: proven.valuation?.bound ?? proven.bound?.value, gap: configuration.gap.value)
        state.adopt(plan, counts, needed: needed)
    }

    private func bounded(
        _ state: inout ProvisionerState, forecast: [Double], rates: [Fraction], problem: ProvisioningProblem,
        at: Nanoseconds
    ) throws(ProvisioningError) -> HeadroomBound.Bounded {
        let inForce = state.planInForce
        var memory = state.memory
        let before = memory
        let bounded = try HeadroomBound.plan(forecast: forecast, rates: rates, problem: problem) {
            (problem, isTrial) throws(ProvisioningError) in
            // Every attempt starts from the same memory; that of the last one that fits is kept.
            var attempt = before
            let outcome = try policy.plan(
                ProvisioningRequest(problem: problem, planInForce: inForce, at: at, isTrial: isTrial),
                memory: &attempt)
            if outcome.plan.status != .infeasible || !isTrial { memory = attempt }
            return outcome
        }
        state.memory = memory
        return bounded
    }

    /// What to do now to come from the fleet as it is to the plan in force; what is changed counts from the
    /// second time on.
    private func actions(
        _ state: inout ProvisionerState, at: Nanoseconds, fleet: FleetObservation?
    ) -> [ProvisionerAction] {
        let isFirst = state.carriedOut == nil
        let actions = orders(&state, at: at, fleet: fleet)
        if !isFirst { state.changes?.add(actions) }
        return actions
    }

    private func orders(
        _ state: inout ProvisionerState, at: Nanoseconds, fleet: FleetObservation?
    ) -> [ProvisionerAction] {
        let serving = fleet.map { problem.counts(of: $0.serving) } ?? state.assumed(problem)
        let starting = fleet.map { problem.counts(of: $0.starting) } ?? problem.noServers
        state.available = fleet.map(available(in:)) ?? problem.available
        let target = StepLimiter.bounded(
            state.target, needed: state.requiredLoad ?? state.lastLoad,
            problem: problem.replacingAvailability(state.available), limits: configuration.limits,
            tick: state.tick)
        let there = zip(serving, starting).map(+)
        guard !configuration.startTimes.isInstant, let fleet else {
            let changes = limited(
                &state, starts: zip(target, there).map { max(0, $0 - $1) },
                stops: zip(target, there).map { max(0, $1 - $0) }, target: target, running: there,
                serving: serving, at: at)
            state.carriedOut = state.ordered
            return problem.actions(starts: changes.starts, stops: changes.stops)
        }
        let isFirst = state.startedAt.isEmpty
        if isFirst { state.startedAt = problem.noServers.map { _ in nil } }
        var delay = ActionDelay(
            problem: problem, target: target, serving: serving, starting: starting,
            available: available(in: fleet), owners: Array(problem.models.indices),
            needed: state.requiredLoad ?? state.lastLoad,
            seen: state.lastLoad,
            isDwelling: state.startedAt.map { started in
                started.map { at < $0 + configuration.dwell } ?? false
            },
            startsLeft: state.startsLeft, stopsLeft: state.stopsLeft)
        let wanted = delay.changes()
        state.startsLeft = delay.startsLeft
        state.stopsLeft = delay.stopsLeft
        let changes = limited(
            &state, starts: wanted.starts, stops: wanted.stops, target: target, running: there,
            serving: serving, at: at)
        state.carriedOut = target
        for (pair, count) in changes.starts.enumerated() where count > 0 { state.startedAt[pair] = at }
        guard !isFirst else { return problem.actions(starts: changes.starts, stops: changes.stops) }
        let left = zip(serving, changes.stops).map { max(0, $0 - $1) }
        state.capacities = problem.models.indices.map { problem.capacity(of: left, model: $0) }
        if state.leastCapacities.isEmpty { state.leastCapacities = state.capacities }
        state.leastCapacities = zip(state.leastCapacities, state.capacities).map(min)
        return problem.actions(starts: changes.starts, stops: changes.stops)
    }

    private func available(in fleet: FleetObservation) -> [Int] {
        problem.serverTypes.map { fleet.available[$0] ?? 0 }
    }

    private func reason(_ state: ProvisionerState, before: [Double]?) -> DecisionReason {
        guard let before, let now = state.requiredLoad else { return .first }
        if state.planInForce?.status == .infeasible { return .overload }
        if state.headroomShare < 1 { return .headroomCut }
        if zip(before, now).contains(where: { $1 > $0 * (1 + Coverage.tolerance) }) { return .loadRose }
        return zip(before, now).contains { $1 < $0 * (1 - Coverage.tolerance) } ? .loadFell : .betterPlan
    }

    private func decision(
        _ state: ProvisionerState, actions: [ProvisionerAction], reason: DecisionReason,
        movedFrom before: [Double] = [], effort: PlanEffort = PlanEffort(route: .direct)
    ) -> ProvisionerDecision {
        let now = state.requiredLoad ?? []
        func change(_ index: Int) -> Double {
            let (old, new) = (before[index], now[index])
            return old == new ? 0 : abs(new - old) / max(max(old, new), .leastNormalMagnitude)
        }
        // Whose need explains the reason: a rise does not where loads fell.
        let telling =
            before.count == now.count ? now.indices.filter { explains(reason, before[$0], now[$0]) } : []
        let moved = telling.max { change($0) < change($1) }
        let told = moved.flatMap { change($0) > 0 ? $0 : nil }
        let forecast = state.load?.inForce ?? state.lastLoad
        let rates = state.load?.rates ?? []
        return ProvisionerDecision(
            state: state, actions: actions,
            plan: state.planInForce
                ?? Plan(
                    status: .feasible, allocation: Allocation(), objective: .zero, bound: nil,
                    shortfalls: []),
            effort: effort,
            forecast: Demand(
                Dictionary(uniqueKeysWithValues: zip(problem.models, forecast.map { QueriesPerSecond($0) }))),
            overProvision: Dictionary(uniqueKeysWithValues: zip(problem.models, rates)),
            headroomShare: Fraction(state.headroomShare), reason: reason,
            model: told.map { problem.models[$0] },
            neededBefore: told.map { QueriesPerSecond(before[$0]) },
            neededNow: told.map { QueriesPerSecond(now[$0]) },
            models: problem.models, serverTypes: problem.serverTypes)
    }
}

/// Whether a change of need goes the way of a reason.
private func explains(_ reason: DecisionReason, _ before: Double, _ now: Double) -> Bool {
    switch reason {
    case .loadRose: now > before
    case .loadFell: now < before
    default: true
    }
}

extension ProvisionerState {
    /// Puts a plan in force.
    fileprivate mutating func adopt(
        _ plan: Plan, _ counts: ProvisioningProblem.Counts, needed: [Double]
    ) {
        planInForce = plan
        allocation = plan.allocation
        target = counts
        requiredLoad = needed
    }

    /// What runs where nobody looks: what was ordered last, or what was found at the start.
    fileprivate func assumed(_ problem: ProvisioningProblem) -> ProvisioningProblem.Counts {
        carriedOut ?? problem.counts(of: allocationFound)
    }
}

extension ProvisioningProblem {
    /// The sum of allocations as N[m, h]; what is outside this problem is left out.
    package func counts(of allocations: Allocation...) -> Counts {
        var counts = noServers
        for (modelIndex, model) in models.enumerated() {
            for (typeIndex, serverType) in serverTypes.enumerated() {
                counts[index(model: modelIndex, serverType: typeIndex)] = allocations.reduce(0) {
                    $0 + $1[model, serverType]
                }
            }
        }
        return counts
    }

    /// Stops before starts, each in the order of model and type.
    func actions(starts: Counts, stops: Counts) -> [ProvisionerAction] {
        func each(
            _ counts: Counts, _ make: (ModelID, ServerTypeID, Int) -> ProvisionerAction
        ) -> [ProvisionerAction] {
            counts.indices.filter { counts[$0] > 0 }.map {
                make(models[$0 / serverTypes.count], serverTypes[$0 % serverTypes.count], counts[$0])
            }
        }
        return each(stops) { .stop(model: $0, serverType: $1, count: $2) }
            + each(starts) { .start(model: $0, serverType: $1, count: $2) }
    }
}
