import ArgumentParser
import Pipeline

/// A trace given on the command line and how to read it.
struct TraceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A CSV of (time, load) to use instead of the scenario's trace.", valueName: "file")
    )
    var trace: String?

    @Option(
        help: ArgumentHelp(
            "The shape of the file: table, azure_llm, vidur, burstgpt, servegen, mooncake or prometheus.",
            valueName: "layout"))
    var layout: String?

    @Option(help: "The column of times; the first unless given.")
    var timeColumn: String?

    @Option(
        help: ArgumentHelp(
            "A column of loads, alone or as model=column; every column but the time's unless given.",
            valueName: "column"))
    var loadColumn: [String] = []

    @Option(
        help:
            "What a load counts: rate (queries/s), count (queries per row), or arrivals (each row is one query)."
    )
    var loadKind: String?

    @Option(
        help: "How times are written: automatic, iso8601, unix_seconds, unix_milliseconds, relative_seconds.")
    var timeFormat: String?

    @Option(
        help: ArgumentHelp(
            "The zone of times written without one: UTC unless given, Europe/Berlin, or +02:00.",
            valueName: "zone"))
    var timeZone: String?

    @Option(help: "What to do with missing rows: interpolate, hold, zero or refuse.")
    var gaps: String?

    @Option(help: "The longest run of missing rows to fill.")
    var gapRowsMax: Int?

    @Option(help: "Resample the trace to this many seconds per interval.")
    var intervalSeconds: Double?

    @Flag(help: "Scale each model's loads so that their maximum is that of the scenario's own trace.")
    var scaleToPeak = false

    @Option(
        help: ArgumentHelp(
            "A model's load comes so many hours later than its column says, and goes round at the end.",
            valueName: "model=hours"))
    var shift: [String] = []

    /// The change to a scenario; nil where no trace is named.
    func change() throws -> ScenarioChanges.TraceChange? {
        guard let trace else { return nil }
        return ScenarioChanges.TraceChange(
            path: trace,
            options: try TraceReading.options(
                timeColumn: timeColumn, loadColumns: loadColumn, loadKind: loadKind, timeFormat: timeFormat,
                gaps: gaps, gapRowsMax: gapRowsMax, intervalSeconds: intervalSeconds, layout: layout,
                timeZone: timeZone),
            scalesToPeak: scaleToPeak, shifts: shift)
    }

    func required() throws -> ScenarioChanges.TraceChange {
        guard let change = try change() else { throw ValidationError("name a file with --trace") }
        return change
    }
}
