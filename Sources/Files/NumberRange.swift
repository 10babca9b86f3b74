/// The numbers a key allows.
package struct NumberRange {
    package let description: String
    private let lower: Double
    private let upper: Double
    private let isLowerIncluded: Bool
    private let isUpperIncluded: Bool

    package func contains(_ number: Double) -> Bool {
        (isLowerIncluded ? number >= lower : number > lower)
            && (isUpperIncluded ? number <= upper : number < upper)
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
