import ArgumentParser
import Pipeline

struct ForecastCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Back-test load forecasters on a trace: errors, coverage, pinball loss.",
        discussion: """
            Every interval is forecast from what came before it, with headroom learnt from the forecaster's \
            own errors for the share of violations asked for. Forecasters: last_value, seasonal_naive, \
            holt_winters, quantile, oracle.

            Examples:
              hercules forecast --trace Workloads/traces/week.csv
              hercules forecast --trace requests.csv --time-column minute --load-column count --load-kind \
            count \\
                --forecasters last_value,holt_winters --horizon 5 --violations 0.01 --format json
            """)

    @OptionGroup var traceOptions: RequiredTraceOptions
    @OptionGroup var form: FormatOption
    @OptionGroup var forecastOptions: ForecastOptions

    func run() throws {
        emit(
            try ForecastStage.scores(
                of: traceOptions.change(), length: forecastOptions.days, forecastOptions.question,
                as: form.rendering))
    }
}
