import Quantities
import Vocabulary

/// Plays forecasters side by side over a trace as a provisioner does, without any fleet: which of them it
/// chooses for each model, and what each would have cost.
public struct ForecastTrial {
    private let configuration: ProvisionerConfiguration

    /// - Parameter configuration: with the forecasters of each model.
    public init(_ configuration: ProvisionerConfiguration) { self.configuration = configuration }

    /// One figure for each model and forecaster, in the order of the models and of the forecasters.
    /// O(intervals x forecasters x cost of a forecast).
    ///
    /// Where headroom follows misses a replay knows what really served, and may choose otherwise.
    public func choices(on trace: Trace) -> [ForecastChoice] {
        var load = LoadForecast(configuration, models: trace.models)
        let tallies = trace.models.map { model in
            (configuration.forecasters[model] ?? []).map { _ in Tally() }
        }
        let intervals = trace.intervalCount
        let loads = trace.models.map { trace.loads[$0, default: []].map(\.value) }
        for index in 0..<intervals {
            // As in a replay, the first load is known before the first interval.
            load.learn(loads.map { $0[max(0, index - 1)] })
            _ = load.forecast(steps: configuration.stepsAhead)
            for model in tallies.indices {
                for (place, made) in load.upcoming(model).enumerated() {
                    tallies[model][place].add(
                        loads[model][index], point: made.point, upper: made.upper,
                        quantile: configuration.rule.quantile.value, isInForce: load.chosen[model] == place)
                }
            }
        }
        return trace.models.indices.flatMap { model in
            tallies[model].enumerated().map { place, tally in
                tally.choice(
                    trace.models[model], load.name(model, place), of: intervals,
                    isChosen: load.chosen[model] == place)
            }
        }
    }

    /// Sums of one forecaster on one model.
    private final class Tally {
        private var loads = 0.0
        private var absolute = 0.0
        private var pinball = 0.0
        private var inForce = 0

        func add(_ load: Double, point: Double, upper: Double, quantile: Double, isInForce: Bool) {
            loads += load
            absolute += abs(load - point)
            let miss = load - upper
            pinball += miss * (miss < 0 ? quantile - 1 : quantile)
            inForce += isInForce ? 1 : 0
        }

        func choice(
            _ model: ModelID, _ forecaster: String, of intervals: Int, isChosen: Bool
        ) -> ForecastChoice {
            ForecastChoice(
                model: model, forecaster: forecaster,
                inForce: Fraction(Double(inForce) / Double(max(1, intervals))), isChosen: isChosen,
                weightedError: loads > 0 ? Fraction(absolute / loads) : nil,
                pinballLoss: loads > 0 ? Fraction(pinball / loads) : nil)
        }
    }
}
