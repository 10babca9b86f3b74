/// The numbers a key allows.
package struct NumberRange {
    package let description: String
    private let lower: Double
    private let upper: Double
    private let isLowerIncluded: Bool
    private let isUpperIncluded: Bool
    /// What can be handled of the numbers that mean something; nil for all.
    private let inner: ClosedRange<Double>?

    private init(
        description: String, lower: Double, upper: Double, isLowerIncluded: Bool, isUpperIncluded: Bool,
        inner: ClosedRange<Double>? = nil
    ) {
        self.description = description
        self.lower = lower
        self.upper = upper
        self.isLowerIncluded = isLowerIncluded
        self.isUpperIncluded = isUpperIncluded
        self.inner = inner
    }

    /// Whether the range holds a number. No range holds one whose size nothing in this world has: it would
    /// overflow what it is multiplied with.
    package func contains(_ number: Double) -> Bool { expectation(of: number) == nil }

    /// What was expected in place of a number; nil where the range holds it.
    package func expectation(of number: Double) -> String? {
        guard isLowerIncluded ? number >= lower : number > lower,
            isUpperIncluded ? number <= upper : number < upper
        else { return description }
        if let inner, !inner.contains(number) {
            return "a number from \(Self.text(inner.lowerBound)) to \(Self.text(inner.upperBound))"
        }
        if abs(number) > Self.sizeMax { return "a number of at most 1e18" }
        if number != 0, abs(number) < Self.sizeMin { return "a number of at least 1e-18, or 0" }
        return nil
    }

    private static let sizeMax = 1e18
    private static let sizeMin = 1e-18

    /// Numbers between two, both included.
    package static func from(_ lower: Double, to upper: Double) -> NumberRange {
        NumberRange(
            description: "a number from \(text(lower)) to \(text(upper))", lower: lower, upper: upper,
            isLowerIncluded: true, isUpperIncluded: true)
    }

    /// A number without the fraction that it does not have.
    package static func text(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }

    package static let any = NumberRange(
        description: "a number", lower: -.infinity, upper: .infinity, isLowerIncluded: false,
        isUpperIncluded: false)
    package static let positive = NumberRange(
        description: "a number above 0", lower: 0, upper: .infinity, isLowerIncluded: false,
        isUpperIncluded: false)
    package static let notNegative = NumberRange(
        description: "a number of at least 0", lower: 0, upper: .infinity, isLowerIncluded: true,
        isUpperIncluded: false)
    /// A share that may be nothing or all.
    package static let fraction = NumberRange(
        description: "a number from 0 to 1", lower: 0, upper: 1, isLowerIncluded: true, isUpperIncluded: true)
    /// A share that must be more than nothing.
    package static let positiveFraction = NumberRange(
        description: "a number above 0 and at most 1", lower: 0, upper: 1, isLowerIncluded: false,
        isUpperIncluded: true)
    /// The order of a quantile, or a share that is neither nothing nor all.
    package static let openFraction = NumberRange(
        description: "a number strictly between 0 and 1", lower: 0, upper: 1, isLowerIncluded: false,
        isUpperIncluded: false)
    /// The order of a quantile that a simulation has to see: beyond either end it would take millions of
    /// queries to see one above it.
    package static let quantile = NumberRange(
        description: "a number strictly between 0 and 1", lower: 0, upper: 1, isLowerIncluded: false,
        isUpperIncluded: false, inner: 0.01...0.9999)
    /// How uneven a Zipf distribution is: beyond this nothing but the first item is drawn.
    package static let zipfExponent = NumberRange(
        description: "a number above 0", lower: 0, upper: .infinity, isLowerIncluded: false,
        isUpperIncluded: false, inner: 1e-6...100)
    /// Load beyond the forecast, as a share of it.
    package static let headroom = from(0, to: 10)
    /// Events a day, at most one a minute.
    package static let perDay = NumberRange(
        description: "a number from 0 to 1440", lower: 0, upper: 1440, isLowerIncluded: true,
        isUpperIncluded: true)
    /// How long pieces wait for one another, in milliseconds.
    package static let waitMilliseconds = NumberRange(
        description: "milliseconds from 0 to 10000", lower: 0, upper: 10_000, isLowerIncluded: true,
        isUpperIncluded: true)
    /// An hour of the day.
    package static let hourOfDay = NumberRange(
        description: "an hour from 0 to below 24", lower: 0, upper: 24, isLowerIncluded: true,
        isUpperIncluded: false)
}
