import ArgumentParser
import Catalog
import Pipeline
import Quantities
import Vocabulary

/// A file of loads, and how to read it.
struct TraceFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A CSV of (time, load), or a file of another layout, to use instead of the scenario's trace.",
            valueName: "file"),
        completion: .file(), transform: NameText.file)
    var trace: String?

    @Option(
        help: ArgumentHelp(
            "The shape of the file: table, azure_llm, vidur, burstgpt, servegen, mooncake or prometheus.",
            valueName: "layout"), transform: NameText.choice("layout of a trace"))
    var layout: TraceLayout?

    @Option(help: "The column of times; the first unless given.", transform: NameText.column)
    var timeColumn: String?

    @Option(
        help: ArgumentHelp(
            "A column of loads, alone or as model=column; every column but the time's unless given. With "
                + "a column of models, a name that stands there, alone or as model=name.",
            valueName: "column"), transform: LoadColumn.reading)
    var loadColumn: [LoadColumn] = []

    @Option(
        help: ArgumentHelp(
            "What a load counts: rate (queries/s), count (queries per row), or arrivals (each row is one "
                + "query)."),
        transform: NameText.choice("load kind"))
    var loadKind: TraceImportOptions.LoadKind?

    @Option(
        help: ArgumentHelp(
            "How times are written: automatic, iso8601, day_first, month_first, unix_seconds, "
                + "unix_milliseconds, relative_seconds, relative_milliseconds."),
        transform: NameText.choice("time format"))
    var timeFormat: TraceImportOptions.TimeFormat?

    @Option(
        help: ArgumentHelp(
            "The column of names that says whose a row is, for files with a row for each query or each "
                + "model's load.", valueName: "column"), transform: NameText.column)
    var modelColumn: String?

    @Option(
        help: ArgumentHelp(
            "The column of loads beside a column of models; the only other one unless given.",
            valueName: "column"), transform: NameText.column)
    var valueColumn: String?

    @Flag(help: "Add up all series of the file, such as one for each pod.")
    var sumSeries = false

    @Option(
        help: ArgumentHelp(
            "The zone of times written without one: UTC unless given, Europe/Berlin, or +02:00.",
            valueName: "zone"), transform: Self.zone)
    var timeZone: LocalTimeZone?

    @Option(
        help: "What to do with missing rows: interpolate, hold, zero or refuse.",
        transform: NameText.choice("way to fill gaps"))
    var gaps: TraceImportOptions.GapFill?

    @Option(help: "The longest run of missing rows to fill.", transform: NumberText.whole(from: 0))
    var gapRowsMax: Int?

    @Option(
        help: "Resample the trace to this many seconds per interval.",
        transform: DurationText.duration(in: .seconds, aboveZeroTo: 86_400))
    var intervalSeconds: Nanoseconds?

    func validate() throws {
        if trace == nil, !given.isEmpty {
            throw ValidationError("\(given.joined(separator: ", ")): expected a file with --trace")
        }
        if valueColumn != nil, modelColumn == nil {
            throw ValidationError("--value-column: expected --model-column beside it")
        }
        let change = try change()
        if let (saying, reason) = change?.options.saidInVain(said) {
            throw ValidationError("--\(saying.rawValue): expected no such option here, as \(reason)")
        }
    }

    /// What is said of how the file is read.
    private var said: Set<TraceSaying> {
        let options: [(TraceSaying, Bool)] = [
            (.timeColumn, timeColumn != nil), (.timeFormat, timeFormat != nil), (.timeZone, timeZone != nil),
            (.loadKind, loadKind != nil), (.modelColumn, modelColumn != nil), (.sumSeries, sumSeries),
            (.gaps, gaps != nil), (.gapRowsMax, gapRowsMax != nil),
        ]
        return Set(options.filter(\.1).map(\.0))
    }

    /// What says how a file is read, as it is typed.
    private var given: [String] {
        let options: [(String, Bool)] = [
            ("--layout", layout != nil), ("--time-column", timeColumn != nil),
            ("--model-column", modelColumn != nil), ("--value-column", valueColumn != nil),
            ("--sum-series", sumSeries),
            ("--load-column", !loadColumn.isEmpty), ("--load-kind", loadKind != nil),
            ("--time-format", timeFormat != nil), ("--time-zone", timeZone != nil), ("--gaps", gaps != nil),
            ("--gap-rows-max", gapRowsMax != nil), ("--interval-seconds", intervalSeconds != nil),
        ]
        return options.filter(\.1).map(\.0)
    }

    /// nil where no trace is named.
    func change() throws -> ScenarioChanges.TraceChange? {
        guard let trace else { return nil }
        var options = TraceImportOptions(
            timeColumn: timeColumn, loads: try loads(), interval: intervalSeconds)
        options.layout = layout ?? options.layout
        options.loadKind = loadKind ?? options.loadKind
        options.timeFormat = timeFormat ?? options.timeFormat
        options.timeZone = timeZone
        options.modelColumn = modelColumn
        options.valueColumn = valueColumn
        options.sumsSeries = sumSeries
        options.gapFill = gaps ?? options.gapFill
        options.gapRowsMax = gapRowsMax ?? options.gapRowsMax
        return ScenarioChanges.TraceChange(path: trace, options: options)
    }

    private func loads() throws -> TraceImportOptions.Loads {
        let named = loadColumn.compactMap { column in
            column.model.map { Named(name: $0, value: column.column) }
        }
        if loadColumn.isEmpty { return .allOtherColumns }
        if named.isEmpty { return .columns(loadColumn.map(\.column)) }
        guard named.count == loadColumn.count else {
            throw ValidationError("--load-column: expected either columns alone or model=column throughout")
        }
        return .models(try named.byName("--load-column"))
    }

    private static let zone: OptionReading<LocalTimeZone> = { text in
        guard let zone = LocalTimeZone(text) else {
            throw ValidationError("expected \(LocalTimeZone.expected)")
        }
        return zone
    }
}

/// A column of loads, of a model or of whom its name says.
struct LoadColumn: Hashable, Sendable {
    let model: ModelID?
    let column: String

    static let reading: OptionReading<LoadColumn> = { text in
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("expected a column, or model=column")
        }
        return parts.count == 1
            ? LoadColumn(model: nil, column: text) : LoadColumn(model: ModelID(parts[0]), column: parts[1])
    }
}

/// A trace in the place of a scenario's own.
struct TraceOptions: ParsableArguments {
    @OptionGroup var file: TraceFileOptions

    @Flag(help: "Scale each model's loads so that their maximum is that of the scenario's own trace.")
    var scaleToPeak = false

    @Option(
        help: ArgumentHelp(
            "A model's load comes this many hours later than its column says, and goes round at the end.",
            valueName: "model=hours"), transform: NamedText.hours)
    var shift: [Named<ModelID, Nanoseconds>] = []

    func validate() throws {
        if file.trace == nil, scaleToPeak || !shift.isEmpty {
            throw ValidationError("--scale-to-peak and --shift need --trace")
        }
        _ = try shift.byName("--shift")
    }

    /// The change to a scenario; nil where no trace is named.
    func change() throws -> ScenarioChanges.TraceChange? {
        var change = try file.change()
        change?.scalesToPeak = scaleToPeak
        change?.shifts = try shift.byName("--shift")
        return change
    }
}

/// A trace that a verb cannot do without.
struct RequiredTraceOptions: ParsableArguments {
    @OptionGroup private var file: TraceFileOptions

    func validate() throws { _ = try change() }

    func change() throws -> ScenarioChanges.TraceChange {
        guard let change = try file.change() else { throw ValidationError("name a file with --trace") }
        return change
    }
}
