import Files
import Quantities
import Vocabulary

/// Makes a trace of any table with a time column and columns of loads.
///
/// Rows are put on a regular grid that starts at the earliest row; rows that share a place are merged,
/// missing ones filled as far as the options allow, and the resulting step function is averaged over the
/// intervals of the trace, so that the queries in every whole interval are conserved.
public struct TraceImporter: Sendable {
    private let options: TraceImportOptions

    /// An importer with the given options.
    public init(options: TraceImportOptions) { self.options = options.layout.applied(to: options) }

    /// Reads a file in one pass and with two words of memory per field.
    /// - Throws: `FileError` that names the line for unreadable times and for loads that are not finite or
    ///   below zero, the first gap that may not be filled, and rows without a regular distance.
    public func read(path: String) throws(FileError) -> (trace: Trace, summary: TraceImportSummary) {
        let countsRows = options.loadKind == .arrivals
        var (rows, models, names) = try rows(path: path)
        let unsortedRows = rows.sort()
        // A time without arrivals is one of no load, not a gap.
        var grid = try TraceGrid(
            rows: rows, kind: countsRows ? .count : options.loadKind,
            rowInterval: countsRows ? options.interval ?? Nanoseconds(seconds: 60) : options.rowInterval)
        let gaps = try grid.fillGaps(
            countsRows ? .zero : options.gapFill, rowsMax: countsRows ? .max : options.gapRowsMax)

        let interval = options.interval ?? grid.rowInterval
        let resampled = try grid.resampled(to: interval)
        var loads: [ModelID: [QueriesPerSecond]] = [:]
        for (model, index) in models {
            loads[model] = resampled.series[index].map { QueriesPerSecond($0) }
        }
        let trace = Trace(
            name: FileContents.stem(of: path),
            startUnixSeconds: rows.isCalendar
                ? CalendarTime.floorDivided(grid.origin, by: 1_000_000_000).quotient : 0,
            interval: interval, loads: loads)
        let summary = TraceImportSummary(
            file: path, rowsRead: rows.count, rowsKept: grid.rowsKept, duplicateRows: grid.duplicateRows,
            unsortedRows: unsortedRows, movedRows: grid.movedRows, gapsFilled: gaps.count,
            gapRowsFilled: gaps.reduce(0, +), longestGapRows: gaps.max() ?? 0, rowInterval: grid.rowInterval,
            intervals: trace.intervalCount, interval: interval, tailLeftOut: resampled.tailLeftOut,
            zeroLoadIntervals: trace.zeroLoadIntervals,
            series: models.map { model, index in trace.summary(of: model, column: names[index]) })
        return (trace, summary)
    }

    /// The rows of a file as its layout says, what of them is whose, and the columns they came from.
    private func rows(
        path: String
    ) throws(FileError) -> (rows: TraceRows, models: [(model: ModelID, index: Int)], names: [String]) {
        switch options.layout {
        case .mooncake:
            let models: [ModelID] =
                if case .models(let columns) = options.loads { columns.keys.sorted() } else { ["arrivals"] }
            return (try TraceDocuments.mooncakeRows(path), models.map { ($0, 0) }, ["timestamp"])
        case .prometheus:
            let (rows, series) = try TraceDocuments.prometheusRows(path)
            return (rows, try models(of: series, path: path), series)
        case .table, .azureLLM, .vidur, .burstGPT, .serveGen:
            var table = try CSVReader.open(path: path, separator: options.separator)
            var rows = TraceRows(path: path)
            let columns = try columns(of: table)
            try rows.read(
                &table, timeColumn: columns.time, loadColumns: columns.loads, options: options)
            return (rows, columns.models, columns.loads.map { table.header[$0] })
        }
    }

    /// Which series are whose, in name order of the models.
    private func models(
        of series: [String], path: String
    ) throws(FileError) -> [(model: ModelID, index: Int)] {
        func index(_ name: String) throws(FileError) -> Int {
            if let index = series.firstIndex(of: name) { return index }
            throw .unknownName(
                Place(file: path, line: nil, key: ""), kind: "a series", found: name, known: series)
        }
        var models: [(model: ModelID, index: Int)] = []
        switch options.loads {
        case .allOtherColumns: models = series.enumerated().map { (ModelID($1), $0) }
        case .columns(let names): for name in names { models.append((ModelID(name), try index(name))) }
        case .models(let columns):
            for (model, name) in columns { models.append((model, try index(name))) }
        }
        return models.sorted { $0.model < $1.model }
    }

    /// Where the times and loads are: the load columns without repetition, and for every model, in name
    /// order, the index into them.
    private func columns(
        of table: borrowing CSVReader
    ) throws(FileError) -> (time: Int, loads: [Int], models: [(model: ModelID, index: Int)]) {
        let time =
            try options.timeColumn.map { (name) throws(FileError) in try table.column(named: name) } ?? 0
        var named: [(model: ModelID, column: Int)] = []
        if options.loadKind == .arrivals {
            let models: [ModelID] =
                if case .models(let columns) = options.loads { columns.keys.sorted() } else { ["arrivals"] }
            return (time, [time], models.map { ($0, 0) })
        }
        switch options.loads {
        case .allOtherColumns:
            for (column, name) in table.header.enumerated() where column != time {
                named.append((ModelID(name), column))
            }
        case .columns(let names):
            for name in names { named.append((ModelID(name), try table.column(named: name))) }
        case .models(let columns):
            for (model, name) in columns.sorted(by: { $0.key < $1.key }) {
                named.append((model, try table.column(named: name)))
            }
        }
        guard !named.isEmpty else {
            throw .malformed(
                file: table.path, line: 1, found: "no column of loads beside '\(table.header[time])'",
                expected: "at least one")
        }
        if let clash = named.first(where: { $0.column == time }) {
            throw .malformed(
                file: table.path, line: 1, found: "'\(table.header[clash.column])' as time and as load",
                expected: "two columns")
        }
        var loads: [Int] = []
        var places: [Int: Int] = [:]
        var models: [(model: ModelID, index: Int)] = []
        for (model, column) in named.sorted(by: { $0.model < $1.model }) {
            let index = places[column] ?? loads.count
            if index == loads.count {
                loads.append(column)
                places[column] = index
            }
            models.append((model, index))
        }
        return (time, loads, models)
    }
}

extension Trace {
    /// Intervals in which no model has any load.
    fileprivate var zeroLoadIntervals: Int {
        (0..<intervalCount).count { index in loads.values.allSatisfy { $0[index] == .zero } }
    }

    fileprivate func summary(of model: ModelID, column: String) -> TraceImportSummary.Series {
        let series = loads[model] ?? []
        return TraceImportSummary.Series(
            model: model, column: column, minimum: series.min() ?? .zero,
            mean: series.total() / Double(series.count), maximum: series.max() ?? .zero,
            zeroIntervals: series.count { $0 == .zero })
    }
}
