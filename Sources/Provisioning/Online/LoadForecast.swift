import Quantities
import Vocabulary

/// The first step of a decision: what load the next decision's servers will have to serve.
///
/// The forecast of a model is the highest load expected from now until the servers that the next decision
/// orders could serve. What an interval begins with was ordered as long before as servers take to start, and
/// may have been given up since, so its load is compared with the lowest forecast of that time: that is the
/// difference that R is learnt from. A need that falls may be held for as long: what is given up sooner could
/// not be had back in time.
///
/// A model may have several forecasters. All of them forecast and learn side by side, each with errors of its
/// own, and the one that would have cost least so far is in force (`ForecastCandidate.loss`).
struct LoadForecast: Hashable, Codable, Sendable {
    private var models: [[ForecastCandidate]]
    /// Which candidate of each model is in force.
    private(set) var chosen: [Int]
    /// The forecast in force for each model; nil before the first.
    private(set) var inForce: [Double]?
    private let window: Int

    /// Another candidate has to be better by this share, or the choice would go to and fro.
    private static let margin = 0.02

    /// - Parameters:
    ///   - forecasters: the candidates of each model, at least one.
    ///   - lead: intervals that servers take to start.
    init(
        forecasters: [[any Forecaster]], estimate: OverProvisionEstimate, lead: Int = 0,
        holdsNeed: Bool = false
    ) {
        models = forecasters.map { candidates in
            candidates.map {
                ForecastCandidate($0, estimate: estimate, lead: lead, holdsNeed: holdsNeed)
            }
        }
        chosen = forecasters.map { _ in 0 }
        window = estimate.window
    }

    /// What a provisioner of these models starts with.
    init(_ configuration: ProvisionerConfiguration, models: [ModelID]) {
        self.init(
            forecasters: models.map { configuration.forecasters[$0] ?? [LastValueForecaster()] },
            estimate: OverProvisionEstimate(
                rule: configuration.rule, adaptation: configuration.adaptation,
                maximum: configuration.overProvisionMax),
            lead: configuration.intervalsToStart, holdsNeed: configuration.holdsNeed)
    }

    /// Takes the loads of an interval into account, in queries/s and the order of the models.
    ///
    /// - Parameters:
    ///   - capacities: the least that served each model meanwhile, where that is known.
    ///   - isHeld: models whose load is not believed; nothing is learnt of them, but the interval passes.
    mutating func learn(_ loads: [Double], capacities: [Double]? = nil, isHeld: [Bool]? = nil) {
        for model in models.indices {
            if isHeld?[model] == true {
                for place in models[model].indices { models[model][place].pass() }
                continue
            }
            for place in models[model].indices {
                // What served was made for the candidate in force.
                let isMissed =
                    place == chosen[model]
                    ? capacities.map { loads[model] > $0[model] * (1 + Coverage.tolerance) } : nil
                models[model][place].learn(loads[model], isMissed: isMissed, window: window)
            }
            choose(model)
        }
    }

    /// Puts the candidate with the least loss in force where it is better by the margin.
    private mutating func choose(_ model: Int) {
        let candidates = models[model]
        guard
            let best = candidates.indices.min(by: { (candidates[$0].loss, $0) < (candidates[$1].loss, $1) })
        else { return }
        if candidates[best].loss < candidates[chosen[model]].loss * (1 - Self.margin) {
            chosen[model] = best
        }
    }

    /// Forecasts the highest load of the next intervals of each model.
    mutating func forecast(steps: Int) -> [Double] {
        for model in models.indices {
            for place in models[model].indices { models[model][place].forecast(steps: steps) }
        }
        let forecast = models.indices.map { models[$0][chosen[$0]].inForce ?? 0 }
        inForce = forecast
        return forecast
    }

    /// The loads expected of each model, interval by interval.
    func course(steps: Int) -> [[Double]] {
        models.indices.map { models[$0][chosen[$0]].course(steps: steps) }
    }

    /// Fewer errors of all models together say nothing of their tail.
    private static let pooledMin = 3 * ErrorTail.samplesMin

    /// How far each model's next load may exceed its forecast: the errors of all models, each in units of its
    /// own scale, in the scale of the model now. Until enough of them were seen, each model's own errors; nil
    /// where those are too few.
    var tails: [ErrorTail]? {
        let inForce = models.indices.map { models[$0][chosen[$0]] }
        let scales = inForce.compactMap(\.errors.nextScale)
        if scales.count == models.count, !models.isEmpty {
            // In ascending runs, which sorting makes use of.
            let pooled = inForce.flatMap(\.errors.sorted).sorted()
            if pooled.count >= Self.pooledMin, let tail = ErrorTail(pooled) { return scales.map(tail.scaled) }
        }
        let own = inForce.compactMap { ErrorTail($0.excesses) }
        return own.count == models.count && !own.isEmpty ? own : nil
    }

    /// R of each model.
    var rates: [Fraction] { models.indices.map { models[$0][chosen[$0]].rate } }

    /// What each forecaster of a model expects of the next interval, without and with headroom.
    func upcoming(_ model: Int) -> [(point: Double, upper: Double)] {
        models[model].map { candidate in
            let point = candidate.course(steps: 1).first ?? 0
            return (point, point * (1 + candidate.rate.value))
        }
    }

    /// The name of a forecaster of a model.
    func name(_ model: Int, _ place: Int) -> String { models[model][place].name }

    /// The name of each model's forecaster in force.
    var names: [String] { models.indices.map { models[$0][chosen[$0]].name } }
}

/// One forecaster of one model, with what it has forecast and how far it was off.
private struct ForecastCandidate: Hashable, Codable, Sendable {
    private var forecaster: ForecasterValue
    private var estimate: OverProvisionEstimate
    private(set) var inForce: Double?
    /// The forecasts in force in the last `lead` + 1 intervals and, not held, in the last `lead`; the oldest
    /// first.
    private var lately: [Double] = []
    private var latelyExpected: [Double] = []
    private var expected = 0.0
    private let lead: Int
    private let holdsNeed: Bool
    private(set) var errors: ScaledErrors
    /// Pinball loss of the forecast with headroom at the quantile aimed at, in queries/s: what was set aside
    /// and not needed, and what was needed and not set aside, as the quantile weighs them (Koenker and
    /// Bassett 1978). Only the forecaster with the true quantile makes it least.
    private(set) var loss = 0.0

    init(_ forecaster: any Forecaster, estimate: OverProvisionEstimate, lead: Int, holdsNeed: Bool) {
        self.forecaster = ForecasterValue(forecaster)
        self.estimate = estimate
        self.lead = lead
        self.holdsNeed = holdsNeed
        errors = ScaledErrors(window: estimate.window)
    }

    mutating func learn(_ load: Double, isMissed: Bool?, window: Int) {
        if let inForce {
            keep(inForce)
            let least = lately.min() ?? inForce
            let miss = load - least * (1 + estimate.rate.value)
            let quantile = estimate.quantile
            // What was seen a few windows ago counts a third.
            loss *= 1 - 1 / Double(4 * max(1, window))
            loss += miss * (miss < 0 ? quantile - 1 : quantile)
            estimate.learn(load: load, forecast: least, isMissed: isMissed)
            if least > 0 { errors.learn(load / least - 1) }
        }
        forecaster.base.observe(load)
    }

    /// An interval whose load is not known. The forecaster sees what it expected, so that seasons keep their
    /// phase; no error is counted, so that headroom and choice stay what they were.
    mutating func pass() {
        guard let inForce, let next = course(steps: 1).first else { return }
        keep(inForce)
        forecaster.base.observe(max(0, next.isFinite ? next : inForce))
    }

    /// Remembers a forecast that was in force.
    private mutating func keep(_ forecast: Double) {
        lately.append(forecast)
        latelyExpected.append(expected)
        lately.removeFirst(max(0, lately.count - lead - 1))
        latelyExpected.removeFirst(max(0, latelyExpected.count - lead))
    }

    mutating func forecast(steps: Int) {
        expected = forecaster.base.forecast(steps: steps).max() ?? 0
        inForce = holdsNeed ? latelyExpected.reduce(expected) { max($0, $1) } : expected
    }

    func course(steps: Int) -> [Double] { forecaster.base.forecast(steps: steps) }

    var excesses: [Double] { estimate.excesses }
    var rate: Fraction { estimate.rate }
    var name: String { forecaster.base.name }
}
