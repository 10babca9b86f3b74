import Files
import Quantities
import Vocabulary

/// Reads prices of electricity, or the carbon intensity of a grid, from an hourly CSV as markets and grids
/// publish them.
struct HourlySeriesReader {
    /// Where files without a folder of their own lie.
    let traces: TraceFolder

    private enum Key: String, SectionKey {
        case file, column, factor
        case timeColumn = "time_column"
        case timeFormat = "time_format"
        case timeZone = "time_zone"
    }

    /// Prices fall below zero where there is more power than anybody wants.
    private static let least = -1e6

    /// - Parameter value: the name of a file of two columns, or a section with `file`, `column`,
    ///   `time_column`, `time_format`, `time_zone` and `factor`, by which every value is multiplied: 0.001
    ///   for a price per MWh.
    /// - Returns: a value for each hour, in what the file's values and the factor make.
    func series(_ value: YAMLValue) throws(FileError) -> HourlySeries {
        var options = TraceImportOptions(interval: Nanoseconds(seconds: 3600))
        options.loadMin = Self.least
        var name = value
        var factor = 1.0
        if case .mapping = value.tree.content {
            let section = try value.section(Key.self)
            name = try section[.file]
            options.timeColumn = try section.optional(.timeColumn)?.text()
            options.timeZone = try section.optional(.timeZone)?.timeZone()
            options.timeFormat = try section.optional(.timeFormat)?.word() ?? options.timeFormat
            if let column = section.optional(.column) { options.loads = .columns([try column.text()]) }
            factor = try section.optional(.factor)?.number(.positive) ?? 1
        }
        let (trace, _) = try traces.read(traces.path(of: name), options)
        guard let model = trace.models.first, trace.models.count == 1, let loads = trace.loads[model] else {
            throw name.refusal(expected: "a CSV of one value for each hour, or a `column` that says which")
        }
        return HourlySeries(
            loads.map { $0.value * factor },
            startUnixSeconds: trace.startUnixSeconds == 0 ? nil : trace.startUnixSeconds)
    }
}
