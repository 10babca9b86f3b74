import Quantities

/// How one forecaster of several did on one model's load, as the provisioner learnt it, and how often it
/// was the one in force.
public struct ForecastChoice: Hashable, Codable, Sendable {
    public let model: ModelID
    public let forecaster: String
    /// The share of intervals in which it was in force.
    public let inForce: Fraction
    /// Whether it was in force at the end.
    public let isChosen: Bool
    /// Sum of absolute errors of the forecast over the sum of loads; nil without load.
    public let weightedError: Fraction?
    /// Pinball loss of the forecast with its headroom, at the quantile aimed at, over the sum of loads: what
    /// the choice goes by, though there what was seen long ago counts less.
    public let pinballLoss: Fraction?

    public init(
        model: ModelID, forecaster: String, inForce: Fraction, isChosen: Bool, weightedError: Fraction?,
        pinballLoss: Fraction?
    ) {
        self.model = model
        self.forecaster = forecaster
        self.inForce = inForce
        self.isChosen = isChosen
        self.weightedError = weightedError
        self.pinballLoss = pinballLoss
    }
}
