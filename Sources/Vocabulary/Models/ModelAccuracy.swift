import Quantities

/// How often a model's answers are right, on which data, and where that is known from.
///
/// An accuracy without the number of samples behind it says nothing about whether two models differ, so there
/// is none without.
public struct ModelAccuracy: Hashable, Codable, Sendable {
    /// Where the figure comes from.
    public enum Provenance: String, Hashable, Codable, Sendable, CaseIterable {
        /// Evaluated here, as it runs.
        case measured
        case fineTuned = "fine-tuned"
        /// With weights inherited from a network that several share.
        case supernet
        /// Somebody else's figure.
        case published
        /// Nobody evaluated it as it runs.
        case estimated
    }

    /// The share of right answers.
    public let value: Fraction
    public let samples: Int
    /// An interval that holds the true share with 95 % probability.
    public let low: Fraction
    public let high: Fraction
    public let dataSet: String
    public let split: String
    public let provenance: Provenance
    /// The number format of weights and activations that the figure is of.
    public let precision: Precision

    /// - Parameter interval: nil for Wilson's, from value and samples.
    public init(
        value: Fraction, samples: Int, interval: ClosedRange<Double>? = nil, dataSet: String, split: String,
        provenance: Provenance, precision: Precision
    ) {
        self.value = value
        self.samples = samples
        let interval = interval ?? Self.wilson(value.value, samples: samples)
        low = Fraction(interval.lowerBound)
        high = Fraction(interval.upperBound)
        self.dataSet = dataSet
        self.split = split
        self.provenance = provenance
        self.precision = precision
    }

    /// Wilson's interval of a share at 95 %: it stays within 0...1, also for few samples.
    public static func wilson(_ share: Double, samples: Int) -> ClosedRange<Double> {
        let (z, n) = (1.959964, Double(max(samples, 1)))
        let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        let spread = share * (1 - share) / n + z * z / (4 * n * n)
        let half = z * spread.squareRoot() / (1 + z * z / n)
        return max(0, min(share, centre - half))...min(1, max(share, centre + half))
    }

    /// Whether it differs from another beyond the intervals of both.
    public func differs(from other: ModelAccuracy) -> Bool { low > other.high || high < other.low }
}
