import Quantities
import Vocabulary

/// Scores of forecasters as `{"trace","intervals","intervalSeconds","scores":[...]}`.
public struct ForecastJSON: ContractJSON {
    private struct Score: Encodable {
        let forecaster: String
        let model: String
        let horizonIntervals: Int
        let scoredIntervals: Int
        let targetCoverageFraction: FiniteNumber
        let coverageFraction: FiniteNumber
        let weightedErrorFraction: FiniteNumber
        let relativeErrorFraction: FiniteNumber
        let biasFraction: FiniteNumber
        let spareFraction: FiniteNumber
        let missedFraction: FiniteNumber
        let pinballLossFraction: FiniteNumber

        init(_ score: ForecastScore) {
            forecaster = score.forecaster
            model = score.model.name
            horizonIntervals = score.horizon
            scoredIntervals = score.intervals
            targetCoverageFraction = FiniteNumber(score.quantile)
            coverageFraction = FiniteNumber(score.coverage)
            weightedErrorFraction = FiniteNumber(score.weightedError)
            relativeErrorFraction = FiniteNumber(score.meanAbsoluteRelativeError)
            biasFraction = FiniteNumber(score.bias)
            spareFraction = FiniteNumber(score.spare)
            missedFraction = FiniteNumber(score.missed)
            pinballLossFraction = FiniteNumber(score.pinballLoss)
        }
    }

    private let trace: String
    private let intervals: Int
    private let intervalSeconds: FiniteNumber
    private let scores: [Score]

    /// - Parameter scores: of every forecaster on every load.
    public init(trace: Trace, scores: [ForecastScore]) {
        self.trace = trace.name
        intervals = trace.intervalCount
        intervalSeconds = FiniteNumber(trace.interval.seconds)
        self.scores = scores.map(Score.init)
    }
}

/// How one of several forecasters did in a replay, under the keys of the command-line contract.
struct ForecastChoiceJSON: Encodable {
    private let model: String
    private let forecaster: String
    private let isChosen: Bool
    private let inForceFraction: FiniteNumber
    private let weightedErrorFraction: FiniteNumber
    private let pinballLossFraction: FiniteNumber

    init(_ choice: ForecastChoice) {
        model = choice.model.name
        forecaster = choice.forecaster
        isChosen = choice.isChosen
        inForceFraction = FiniteNumber(choice.inForce)
        weightedErrorFraction = FiniteNumber(choice.weightedError)
        pinballLossFraction = FiniteNumber(choice.pinballLoss)
    }
}
