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
            rowInterval: countsRows ? options.interval ?? Nanoseconds(seconds: 60) : options.rowInterval,
            isArrivals: countsRows)
        let rowsMax =
            options.gapMax.map { Int($0.count / max(1, grid.rowInterval.count)) } ?? options.gapRowsMax
        var gaps = try grid.fillGaps(
            countsRows ? .zero : options.gapFill, rowsMax: countsRows ? .max : rowsMax)
        gaps += try grid.fillUnknown(options.gapFill, rowsMax: rowsMax, names: names)
        var oddities = TraceImportSummary.Oddities()
        (oddities.emptyRows, oddities.otherRows) = (rows.emptyRows, rows.otherRows)
        oddities.valueColumn = rows.valueColumn
        if countsRows, let last = rows.times.last {
            oddities.arrivalsSpan = Nanoseconds(last - grid.origin)
            switch try grid.completeTail(last: last, arrivals: rows.arrivals) {
            case .completed(let recorded): oddities.tailCompleted = recorded
            case .merged(let recorded): oddities.tailMerged = recorded
            case nil: break
            }
        }

        let interval = options.interval ?? grid.rowInterval
        let resampled = try grid.resampled(to: interval)
        var loads: [ModelID: [QueriesPerSecond]] = [:]
        for (model, index) in models {
            loads[model] = resampled.series[index].map { QueriesPerSecond($0) }
        }
        let lengths = rows.tokens.map(\.lengths)
        var tokenLengths: [ModelID: TokenLengths] = [:]
        for (model, index) in models where lengths.indices.contains(index) {
            tokenLengths[model] = lengths[index]
        }
        var trace = Trace(
            name: FileContents.stem(of: path),
            startUnixSeconds: rows.isCalendar
                ? CalendarTime.floorDivided(grid.origin, by: 1_000_000_000).quotient : 0,
            interval: interval, loads: loads, tokenLengths: tokenLengths.isEmpty ? nil : tokenLengths)
        if countsRows { trace.tokenMix = mix(rows, models, grid.origin, of: trace) }
        var summary = TraceImportSummary(
            file: path, rowsRead: rows.count + rows.emptyRows + rows.otherRows, rowsKept: grid.rowsKept,
            duplicateRows: grid.duplicateRows, unsortedRows: unsortedRows, movedRows: grid.movedRows,
            gapsFilled: gaps.count, gapRowsFilled: gaps.reduce(0, +), longestGapRows: gaps.max() ?? 0,
            rowInterval: grid.rowInterval, intervals: trace.intervalCount, interval: interval,
            tailLeftOut: resampled.tailLeftOut, zeroLoadIntervals: trace.zeroLoadIntervals,
            series: models.map { model, index in
                trace.summary(of: model, column: names[index], tokens: tokenLengths[model])
            })
        summary.oddities = oddities
        return (trace, summary)
    }

    /// Of each model whose requests have lengths; nil where none has.
    private func mix(
        _ rows: TraceRows, _ models: [(model: ModelID, index: Int)], _ origin: Int64, of trace: Trace
    ) -> [ModelID: TokenMix]? {
        var found: [ModelID: TokenMix] = [:]
        for (model, index) in models {
            found[model] = rows.mix(
                of: index, origin: origin, interval: trace.interval, count: trace.intervalCount)
        }
        return found.isEmpty ? nil : found
    }

    /// The rows of a file as its layout says, what of them is whose, and the columns they came from.
    private func rows(
        path: String
    ) throws(FileError) -> (rows: TraceRows, models: [(model: ModelID, index: Int)], names: [String]) {
        switch options.layout {
        case .mooncake:
            let rows = try TraceDocuments.mooncakeRows(path, options.timeFormat)
            return (rows, try arrivalModels(Self.arrivals, "timestamp", path: path), [Self.arrivals])
        case .prometheus:
            var (rows, series) = try TraceDocuments.prometheusRows(path)
            if options.sumsSeries {
                rows.sumSeries()
                series = [Self.sum]
            }
            return (rows, try models(of: series, path: path), series)
        case .serveGen:
            if FileContents.isDirectory(path) {
                let rows = try ServeGenClients.rows(inFolder: path)
                return (rows, try models(of: [ServeGenClients.column], path: path), [ServeGenClients.column])
            }
            var table = try CSVReader.openAnyDialect(path: path, names: ServeGenClients.columns)
            return try rows(of: &table)
        case .table, .azureLLM, .vidur, .burstGPT:
            var table =
                if let separator = options.separator {
                    try CSVReader.open(path: path, separator: separator)
                } else {
                    try CSVReader.openAnyDialect(path: path)
                }
            return try rows(of: &table)
        }
    }

    /// The name of the only series of arrivals, and of a sum.
    private static let arrivals = "arrivals"
    private static let sum = "sum"

    private func rows(
        of table: inout CSVReader
    ) throws(FileError) -> (rows: TraceRows, models: [(model: ModelID, index: Int)], names: [String]) {
        var rows = TraceRows(path: table.path)
        let (columns, named) = try columns(of: table)
        try rows.read(&table, columns, options: options)
        if columns.names != nil {
            return (rows, try models(of: rows.ownerNames, path: table.path), rows.ownerNames)
        }
        if options.loadKind == .arrivals {
            let models = try arrivalModels(Self.arrivals, table.header[columns.time], path: table.path)
            return (rows, models, [Self.arrivals])
        }
        guard options.sumsSeries else { return (rows, named, columns.loads.map { table.header[$0] }) }
        rows.sumSeries()
        var whole = options
        if case .columns = whole.loads { whole.loads = .allOtherColumns }
        return (rows, try TraceImporter(prepared: whole).models(of: [Self.sum], path: table.path), [Self.sum])
    }

    private init(prepared options: TraceImportOptions) { self.options = options }

    /// Whose the one series of arrivals is: of every model that names it, or of nobody in particular.
    private func arrivalModels(
        _ name: String, _ timeColumn: String, path: String
    ) throws(FileError) -> [(model: ModelID, index: Int)] {
        let asked: [(model: ModelID, name: String)] =
            switch options.loads {
            case .allOtherColumns: [(ModelID(name), name)]
            case .columns(let names): names.map { (ModelID($0), $0) }
            case .models(let columns): columns.map { ($0.key, $0.value) }
            }
        for (_, found) in asked where found != name && found != timeColumn {
            throw .unknownName(
                Place(file: path, line: nil, key: ""),
                kind: "the one series of arrivals (a column of names splits them, where there is one)",
                found: found, known: [name, timeColumn])
        }
        return asked.map { ($0.model, 0) }.sorted { $0.0 < $1.0 }
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
    ) throws(FileError) -> (places: TraceRows.Columns, models: [(model: ModelID, index: Int)]) {
        let time =
            try options.timeColumn.map { (name) throws(FileError) in try table.column(named: name) } ?? 0
        var places = TraceRows.Columns(time: time, loads: [time])
        places.names = try options.modelColumn.map { (name) throws(FileError) in
            try table.column(named: name)
        }
        if let tokens = options.tokenColumns, let input = table.header.firstIndex(of: tokens.input),
            let output = table.header.firstIndex(of: tokens.output)
        {
            places.tokens = (input, output)
        }
        if places.names != nil {
            switch options.loads {
            case .allOtherColumns: break
            case .columns(let names): places.wanted = Set(names)
            case .models(let columns): places.wanted = Set(columns.values)
            }
        }
        if options.loadKind == .arrivals { return (places, []) }
        if let names = places.names {
            let prices = Self.priceColumns(of: table, time: time)
            let others =
                if let name = options.valueColumn {
                    [try table.column(named: name)]
                } else if prices.count == 1 {
                    prices
                } else {
                    table.header.indices.filter { $0 != time && $0 != names }
                }
            guard others.count == 1 else {
                throw .malformed(
                    file: table.path, line: 1,
                    found:
                        "\(others.count) columns beside '\(table.header[time])' and '\(table.header[names])'",
                    expected: "one column of loads")
            }
            places.loads = others
            return (places, [])
        }
        let (loads, models) = try loadColumns(of: table, time: time)
        places.loads = loads
        return (places, models)
    }

    private func loadColumns(
        of table: borrowing CSVReader, time: Int
    ) throws(FileError) -> (loads: [Int], models: [(model: ModelID, index: Int)]) {
        var named: [(model: ModelID, column: Int)] = []
        var asked = options.loads
        // Of a sum, models name the sum.
        if options.sumsSeries, case .models = asked { asked = .allOtherColumns }
        switch asked {
        case .allOtherColumns:
            if options.layout == .serveGen, let rate = table.header.firstIndex(of: ServeGenClients.column) {
                named = [(ModelID(ServeGenClients.column), rate)]
                break
            }
            let prices = Self.priceColumns(of: table, time: time)
            for (column, name) in table.header.enumerated() where column != time {
                if prices.isEmpty || prices.contains(column) { named.append((ModelID(name), column)) }
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
        return (loads, models)
    }

    /// The columns of day-ahead prices in ENTSO-E's own export, which has texts beside them; none in other
    /// files.
    private static func priceColumns(of table: borrowing CSVReader, time: Int) -> [Int] {
        guard table.header[time].hasPrefix("MTU") else { return [] }
        return table.header.indices.filter { table.header[$0].hasPrefix("Day-ahead Price") }
    }
}

extension Trace {
    /// Intervals in which no model has any load.
    fileprivate var zeroLoadIntervals: Int {
        (0..<intervalCount).count { index in loads.values.allSatisfy { $0[index] == .zero } }
    }

    fileprivate func summary(
        of model: ModelID, column: String, tokens: TokenLengths?
    ) -> TraceImportSummary.Series {
        let series = loads[model] ?? []
        return TraceImportSummary.Series(
            model: model, column: column, minimum: series.min() ?? .zero,
            mean: series.total() / Double(series.count), maximum: series.max() ?? .zero,
            zeroIntervals: series.count { $0 == .zero }, tokens: tokens)
    }
}
