import Quantities
import Vocabulary

/// What a decision weighs beside the load: what is held, what changes cost, and what a violation is worth.
extension ProvisionerCore {
    /// What is held for needs that have passed; nil where nothing is.
    func capacityHold(
        _ state: inout ProvisionerState, needed: [Double], problem: ProvisioningProblem
    ) -> CapacityHold? {
        guard configuration.scaleDownIntervals > 1 || state.changes != nil, type(of: policy).weighsSwitching
        else { return nil }
        var windows = problem.models.map { _ in configuration.scaleDownIntervals }
        if let changes = state.changes {
            let mean = meanCost(state, problem)
            windows = windows.indices.map { model in
                max(
                    windows[model],
                    changes.intervals(costShare: costShare(of: model, state, problem, mean: mean)))
            }
        }
        state.needsHeld.append(needed)
        state.needsHeld.removeFirst(max(0, state.needsHeld.count - (windows.max() ?? 1)))
        let floors = needed.indices.map { model in
            state.needsHeld.suffix(windows[model]).map { $0[model] }.max() ?? 0
        }
        return CapacityHold(problem: problem, floors: floors)
    }

    /// Moves the price on changes by what was changed since the last decision, where a number is aimed at.
    func budgetChanges(_ state: inout ProvisionerState) {
        guard let perDay = configuration.changesPerDay, type(of: policy).weighsSwitching else { return }
        if state.changes == nil {
            state.changes = ChangeBudget(
                perDay: perDay, intervalSeconds: configuration.interval.seconds,
                decisionIntervals: configuration.decisionIntervals)
        } else {
            state.changes?.settle()
        }
    }

    /// What a mean server of the plan in force costs; of any, where it holds none.
    private func meanCost(_ state: ProvisionerState, _ problem: ProvisioningProblem) -> Double {
        let servers = state.target.reduce(0, +)
        guard servers > 0 else {
            return problem.costs.reduce(0, +) / Double(max(1, problem.costs.count))
        }
        return zip(state.target, problem.costs).reduce(0) { $0 + Double($1.0) * $1.1 } / Double(servers)
    }

    /// What a mean server of a model costs, over what a mean server of the plan in force costs.
    private func costShare(
        of model: Int, _ state: ProvisionerState, _ problem: ProvisioningProblem, mean: Double
    ) -> Double {
        let pairs = problem.serverTypes.indices.map { problem.index(model: model, serverType: $0) }
            .filter { !state.target.isEmpty && state.target[$0] > 0 }
        let servers = pairs.reduce(0) { $0 + state.target[$1] }
        guard servers > 0, mean > 0 else { return 1 }
        return pairs.reduce(0) { $0 + Double(state.target[$1]) * problem.costs[$1] } / Double(servers) / mean
    }

    /// The course that loads are expected to take, where starts and stops are weighed over it.
    func lookAhead(
        _ load: LoadForecast, rates: [Double], problem: ProvisioningProblem
    ) -> LookAhead? {
        configuration.lookAheadIntervals.map {
            LookAhead(
                problem, costs: costs, course: load.course(steps: max($0, configuration.stepsAhead)),
                rates: rates, intervalSeconds: configuration.interval.seconds)
        }
    }

    /// How far each model's loads exceed their forecasts; nil where headroom is not bought by risk, or too
    /// few errors were seen.
    func tails(_ load: LoadForecast) -> [ErrorTail]? {
        guard configuration.headroomRule == .risk, type(of: policy).knob == .risk else { return nil }
        return load.tails
    }

    /// The share of violated pairs that is aimed at.
    var violationTarget: Double { 1 - configuration.rule.quantile.value }

    /// R of each model as its risk is worth.
    func boughtRates(
        _ state: inout ProvisionerState, tails: [ErrorTail], learnt: [Double], forecast: [Double],
        problem: ProvisioningProblem
    ) -> [Fraction] {
        let needed = zip(forecast, learnt).map { $0 * (1 + $1) }
        let coverage = RiskCoverage(
            problem: problem.expecting(forecast, needed: needed), forecast: forecast, tails: tails,
            typePrices: state.memory.planning.flatMap { $0.fits(problem) ? $0.prices : nil })
        let window = configuration.rule.window
        let (rates, price) = coverage.rates(
            price: state.risk.price, target: state.risk.aim(at: violationTarget, window: window),
            memory: 1 - 2 / Double(max(2, window)))
        state.risk.price = price
        return rates.map { Fraction($0) }
    }

    /// Notes how likely a violation is thought to be under the plan in force.
    func foretell(_ state: inout ProvisionerState, tails: [ErrorTail], forecast: [Double]) {
        let risks = tails.indices.map { model in
            forecast[model] > 0
                ? tails[model].exceedance(
                    problem.capacity(of: state.target, model: model) / forecast[model] - 1) : 0
        }
        state.risk.foretold = risks.reduce(0, +) / Double(risks.count)
    }

    /// Whether plans are compared with what runs.
    func isWeighing(_ state: ProvisionerState) -> Bool {
        (configuration.switchingHorizon > .zero || configuration.lookAheadIntervals != nil)
            && !configuration.startTimes.isInstant
            && type(of: policy).weighsSwitching && state.planInForce != nil
    }

    /// The problem with what it costs to start servers in its objective, where the policy weighs that, and
    /// with the price on changes.
    func weighingStarts(
        _ problem: ProvisioningProblem, _ state: ProvisionerState, running: ProvisioningProblem.Counts,
        ahead: LookAhead?, needed: [Double]
    ) -> ProvisioningProblem {
        guard type(of: policy).weighsSwitching, state.planInForce != nil else { return problem }
        let share = state.changes.map { $0.startShare * meanCost(state, problem) } ?? 0
        let prices = problem.costs.map { $0 * configuration.changePrice.value + share }
        guard isWeighing(state) else {
            return problem.weighingStarts(running: running, startCosts: prices)
        }
        let unit = problem.goal.costOfDrawnWatt
        let startCosts =
            ahead?.startCosts(needed: needed)
            ?? costs.watts(over: configuration.switchingHorizon).map { $0 * unit }
        return problem.weighingStarts(running: running, startCosts: zip(startCosts, prices).map(+))
    }
}
