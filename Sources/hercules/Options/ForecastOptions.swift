import ArgumentParser
import Catalog
import Pipeline
import Quantities

/// What is asked of the forecasters.
struct ForecastOptions: ParsableArguments {
    @Option(
        help: "Forecasters to try, separated by commas; all unless given.",
        transform: NameText.names("forecaster", among: KnownNames.builtIn.forecasters ?? []))
    var forecasters: [String]?

    @Option(helpWithDefault: "How many intervals ahead.", transform: NumberText.whole(from: 1, to: 100_000))
    var horizon = 1

    @Option(help: "Hours in a season; 24 unless given.", transform: Self.hours)
    var seasonHours: Nanoseconds?

    @Option(help: "Hours in a second, longer season; 168 is a week.", transform: Self.hours)
    var longSeasonHours: Nanoseconds?

    @Option(
        helpWithDefault: "The share of intervals whose load may exceed the forecast with headroom.",
        // Closer to 0 or 1 there is no quantile left that differs from them.
        transform: NumberText.fraction("a share between 0 and 1") { $0 >= 1e-9 && $0 <= 1 - 1e-9 })
    var violations = Fraction(0.01)

    @Option(
        helpWithDefault: "How many intervals of errors the headroom is learnt from.",
        transform: NumberText.whole(from: 1, to: 100_000))
    var window = 288

    @Option(
        helpWithDefault:
            "How fast the headroom follows misses and hits; 0 takes the plain quantile of past errors.",
        transform: NumberText.fraction("a share from 0 to below 1") { $0 >= 0 && $0 < 1 })
    var adaptation = Fraction(0)

    @Option(
        help:
            "Hours to learn from before scores count; two seasons, or a quarter of the trace, unless given.",
        transform: Self.hours)
    var warmUpHours: Nanoseconds?

    @Option(help: "Only this many days of the trace.", transform: DurationText.days)
    var days: Nanoseconds?

    var question: ForecastStage.Question {
        var question = ForecastStage.Question()
        question.forecasters = forecasters ?? []
        question.horizonIntervals = horizon
        question.season = seasonHours ?? question.season
        question.longSeason = longSeasonHours
        question.violations = violations
        question.windowIntervals = window
        question.adaptation = adaptation
        question.warmUp = warmUpHours
        return question
    }

    private static let hours = DurationText.duration(in: .hours, aboveZeroTo: 10_000)
}
