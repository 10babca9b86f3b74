import Quantities
import Vocabulary

/// The first step of a decision: what load the next decision's servers will have to serve.
///
/// The forecast of a model is the highest load expected from now until the servers that the next decision orders could
/// serve. It is remembered until the next one, because R is learnt from the difference.
struct LoadForecast: Hashable, Sendable {
    private var forecasters: [ForecasterValue]
    private var estimates: [OverProvisionEstimate]
    /// The forecast in force for each model; nil before the first.
    private(set) var inForce: [Double]?

    init(forecasters: [any Forecaster], estimate: OverProvisionEstimate) {
        self.forecasters = forecasters.map(ForecasterValue.init)
        estimates = forecasters.map { _ in estimate }
    }

    /// Takes the loads of an interval into account, in queries/s and the order of the models.
    mutating func learn(_ loads: [Double]) {
        for index in forecasters.indices {
            if let inForce { estimates[index].learn(load: loads[index], forecast: inForce[index]) }
            forecasters[index].base.observe(loads[index])
        }
    }

    /// Forecasts the highest load of the next intervals of each model.
    mutating func forecast(steps: Int) -> [Double] {
        let forecast = forecasters.map { $0.base.forecast(steps: steps).max() ?? 0 }
        inForce = forecast
        return forecast
    }

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
