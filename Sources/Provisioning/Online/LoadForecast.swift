import Quantities
import Vocabulary

/// The first step of a decision: what load the next decision's servers will have to serve.
///
/// The forecast of a model is the highest load expected from now until the servers that the next decision
/// orders could serve. What an interval begins with was ordered as long before as servers take to start, and
/// may have been given up since, so its load is compared with the lowest forecast of that time: that is the
/// difference that R is learnt from. A need that falls may be held for as long: what is given up sooner could
/// not be had back in time.
struct LoadForecast: Hashable, Sendable {
    private var forecasters: [ForecasterValue]
    private var estimates: [OverProvisionEstimate]
    /// The forecast in force for each model; nil before the first.
    private(set) var inForce: [Double]?
    /// The forecasts in force in the last `lead` + 1 intervals and, not held, in the last `lead`; the oldest
    /// first.
    private var lately: [[Double]] = []
    private var latelyExpected: [[Double]] = []
    private var expected: [Double] = []
    /// Intervals that servers take to start.
    private let lead: Int
    private let holdsNeed: Bool

    init(
        forecasters: [any Forecaster], estimate: OverProvisionEstimate, lead: Int = 0, holdsNeed: Bool = false
    ) {
        self.forecasters = forecasters.map(ForecasterValue.init)
        self.lead = lead
        self.holdsNeed = holdsNeed
        estimates = forecasters.map { _ in estimate }
    }

    /// Takes the loads of an interval into account, in queries/s and the order of the models.
    ///
    /// - Parameter capacities: the least that served each model meanwhile, where that is known.
    mutating func learn(_ loads: [Double], capacities: [Double]? = nil) {
        if let inForce {
            lately.append(inForce)
            latelyExpected.append(expected)
            lately.removeFirst(max(0, lately.count - lead - 1))
            latelyExpected.removeFirst(max(0, latelyExpected.count - lead))
            for index in forecasters.indices {
                let least = lately.reduce(Double.infinity) { min($0, $1[index]) }
                estimates[index].learn(
                    load: loads[index], forecast: least,
                    isMissed: capacities.map { loads[index] > $0[index] * (1 + Coverage.tolerance) })
            }
        }
        for index in forecasters.indices { forecasters[index].base.observe(loads[index]) }
    }

    /// Forecasts the highest load of the next intervals of each model.
    mutating func forecast(steps: Int) -> [Double] {
        expected = forecasters.map { $0.base.forecast(steps: steps).max() ?? 0 }
        let forecast = expected.indices.map { index in
            holdsNeed ? latelyExpected.reduce(expected[index]) { max($0, $1[index]) } : expected[index]
        }
        inForce = forecast
        return forecast
    }

    /// The relative excesses over the forecast of each model's window, in ascending order.
    var excesses: [[Double]] { estimates.map(\.excesses) }

    /// R of each model.
    var rates: [Fraction] { estimates.map(\.rate) }
}

/// A forecaster that compares by its value.
private struct ForecasterValue: Hashable, Sendable {
    var base: any Forecaster

    init(_ base: any Forecaster) { self.base = base }

    static func == (left: Self, right: Self) -> Bool { AnyHashable(left.base) == AnyHashable(right.base) }
    func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(base)) }
}
