import Files
import Quantities
import Vocabulary

/// Reads prices of electricity, or the carbon intensity of a grid, from an hourly CSV as markets and grids
/// publish them.
struct HourlySeriesReader {
    /// Where files without a folder of their own lie.
    let traces: TraceFolder

    private enum Key: String, SectionKey {
        case file, column, factor, area
        case gapFill = "gap_fill"
        case gapHoursMax = "gap_hours_max"
        case timeColumn = "time_column"
        case timeFormat = "time_format"
        case timeZone = "time_zone"
    }

    /// Prices fall below zero where there is more power than anybody wants.
    private static let least = -1e6
    /// A price holds until the next one, for at most so many hours.
    private static let gapMax = Nanoseconds(seconds: 6 * 3600)

    /// - Parameter value: the name of a file of two columns, or a section with `file`, `column`,
    ///   `time_column`, `time_format`, `time_zone`, `area`, `gap_fill`, `gap_hours_max` and `factor`, by
    ///   which every value is multiplied; without one, 0.001 where the column's name says that its values
    ///   are per MWh.
    /// - Returns: a value for each hour, in what the file's values and the factor make.
    func series(_ value: YAMLValue) throws(FileError) -> HourlySeries {
        var options = TraceImportOptions(interval: Nanoseconds(seconds: 3600))
        options.loadMin = Self.least
        (options.gapFill, options.gapMax) = (.hold, Self.gapMax)
        var name = value
        var factor: Double?
        if case .mapping = value.tree.content {
            let section = try value.section(Key.self)
            name = try section[.file]
            options.timeColumn = try section.optional(.timeColumn)?.text()
            options.timeZone = try section.optional(.timeZone)?.timeZone()
            options.timeFormat = try section.optional(.timeFormat)?.word() ?? options.timeFormat
            if let column = section.optional(.column) { options.loads = .columns([try column.text()]) }
            factor = try section.optional(.factor)?.number(.positive)
            options.gapFill = try section.optional(.gapFill)?.word() ?? options.gapFill
            options.gapMax =
                try section.optional(.gapHoursMax)?.duration(unitSeconds: 3600) ?? options.gapMax
            if let area = section.optional(.area) {
                options.modelColumn = "Area"
                options.valueColumn = try section.optional(.column)?.text()
                options.loads = .columns([try area.text()])
            }
        }
        let (trace, summary) = try traces.read(traces.path(of: name), options)
        guard let model = trace.models.first, trace.models.count == 1, let loads = trace.loads[model] else {
            throw name.refusal(expected: "a CSV of one value for each hour, or a `column` that says which")
        }
        guard summary.duplicateRows == 0 else {
            throw .invalidValue(
                name.place, found: "\(summary.duplicateRows) rows of times that another row has too",
                expected: "one value for each time: `area` chooses one of several, and `time_zone` tells the "
                    + "hour that comes twice")
        }
        let column = summary.oddities.valueColumn ?? summary.series.first?.column ?? ""
        let isPerMegawattHour = column.lowercased().contains("/mwh")
        let scale = factor ?? (isPerMegawattHour ? 0.001 : 1)
        return HourlySeries(
            loads.map { $0.value * scale },
            startUnixSeconds: trace.startUnixSeconds == 0 ? nil : trace.startUnixSeconds)
    }
}
