import ArgumentParser
import Pipeline
import Quantities

struct ForecastCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Back-test load forecasters on a trace: errors, coverage, pinball loss.",
        discussion: """
            Every interval is forecast from what came before it, with headroom learnt from the forecaster's own \
            errors for the share of violations asked for. Forecasters: last_value, seasonal_naive, holt_winters, \
            quantile, oracle.

            Examples:
              hercules forecast --trace Workloads/traces/week.csv
              hercules forecast --trace requests.csv --time-column minute --load-column count --load-kind count \\
                --forecasters last_value,holt_winters --horizon 5 --violations 0.01 --format json
            """)

    @OptionGroup var traceOptions: TraceOptions

    @Option(help: "The form of the output: text, json or csv.")
    var format: OutputFormat = .text

    @Option(help: "Forecasters to try, separated by commas; all unless given.")
    var forecasters: String?

    @Option(help: "How many intervals ahead.")
    var horizon = 1

    @Option(help: "Hours in a season.")
    var seasonHours = 24.0

    @Option(help: "Hours in a second, longer season; 168 is a week.")
    var longSeasonHours: Double?

    @Option(help: "The share of intervals whose load may exceed the forecast with headroom.")
    var violations = 0.01

    @Option(help: "How many intervals of errors the headroom is learnt from.")
    var window = 288

    @Option(help: "How fast the headroom follows misses and hits; 0 takes the plain quantile of past errors.")
    var adaptation = 0.0

    @Option(
        help: "Hours to learn from before scores count; two seasons, or a quarter of the trace, unless given."
    )
    var warmUpHours: Double?

    @Option(help: "Only this many days of the trace.")
    var days: Double?

    func run() throws {
        var question = ForecastStage.Question()
        question.forecasters = forecasters.map { $0.split(separator: ",").map(String.init) } ?? []
        question.horizonIntervals = horizon
        question.season = try Self.hours(seasonHours, "--season-hours")
        question.longSeason = try longSeasonHours.map { try Self.hours($0, "--long-season-hours") }
        question.violationFraction = violations
        question.windowIntervals = window
        question.adaptation = adaptation
        question.warmUp = try warmUpHours.map { try Self.hours($0, "--warm-up-hours") }
        emit(
            try ForecastStage.scores(
                of: traceOptions.required(), days: days, question, as: format.rendering))
    }

    private static func hours(_ hours: Double, _ option: String) throws -> Nanoseconds {
        guard hours.isFinite, hours > 0, hours <= 10_000 else {
            throw ValidationError("\(option) is \(hours), expected hours from 0 to 10000")
        }
        return Nanoseconds(seconds: hours * 3600)
    }
}
