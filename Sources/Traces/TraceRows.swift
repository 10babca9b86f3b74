import Files
import Quantities
import Vocabulary

/// The rows of a table of loads as they were read, checked one by one.
struct TraceRows {
    let path: String
    /// Nanoseconds since 1970 or since the origin of relative times.
    private(set) var times: [Int64] = []
    /// The line each row began on, for messages.
    private(set) var lines: [Int32] = []
    /// One array per load column.
    private(set) var loads: [[Double]] = []
    /// Whether the times are of the calendar.
    private(set) var isCalendar = true

    init(path: String) { self.path = path }

    /// Rows of a document that is no table.
    init(path: String, isCalendar: Bool, columns: Int) {
        self.path = path
        self.isCalendar = isCalendar
        loads = Array(repeating: [], count: columns)
    }

    /// Adds a row that has been checked.
    mutating func append(time: Int64, line: Int, loads values: [Double]) {
        times.append(time)
        lines.append(Int32(clamping: line))
        for (index, value) in values.enumerated() { loads[index].append(value) }
    }

    var count: Int { times.count }

    /// Reads all rows of a table. With arrivals every row is a load of one, whatever stands in the load
    /// columns.
    mutating func read(
        _ table: inout CSVReader, timeColumn: Int, loadColumns: [Int], options: TraceImportOptions
    ) throws(FileError) {
        var format = options.timeFormat
        let countsRows = options.loadKind == .arrivals
        loads = Array(repeating: [], count: loadColumns.count)
        while try table.next() {
            if times.isEmpty, format == .automatic { format = try Self.detectedFormat(table, timeColumn) }
            times.append(
                try Self.time(table, timeColumn, format, options.timeZone, after: times.last ?? .min))
            lines.append(Int32(clamping: table.line))
            for (index, column) in loadColumns.enumerated() {
                loads[index].append(countsRows ? 1 : try Self.load(table, column, least: options.loadMin))
            }
        }
        guard !times.isEmpty else {
            throw .malformed(
                file: path, line: 1, found: "a header and no rows", expected: "rows below the header")
        }
        isCalendar = format != .relativeSeconds
    }

    /// Sorts the rows by time, keeping the order of equal times.
    /// - Returns: how many rows came after a later one.
    mutating func sort() -> Int {
        var latest = Int64.min
        var unsorted = 0
        for time in times {
            if time < latest { unsorted += 1 } else { latest = time }
        }
        guard unsorted > 0 else { return 0 }
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        times = order.map { times[$0] }
        lines = order.map { lines[$0] }
        for index in loads.indices {
            let series = loads[index]
            loads[index] = order.map { series[$0] }
        }
        return unsorted
    }
}

extension TraceRows {
    /// Unix seconds below this (1973) are taken for relative ones, and above the other for milliseconds.
    private static let unixSecondsMin = 1e8
    private static let unixSecondsMax = 1e11
    /// Far above any load, and far enough below the largest number for sums to stay finite.
    private static let loadMax = 1e18

    private static func detectedFormat(
        _ table: borrowing CSVReader, _ column: Int
    ) throws(FileError) -> TraceImportOptions.TimeFormat {
        guard let number = DecimalNumber.value(of: table.field(column)) else { return .iso8601 }
        guard number < unixSecondsMax else {
            throw refusal(
                table, column,
                expected: "a time in seconds; if these are milliseconds, say so by the time format "
                    + TraceImportOptions.TimeFormat.unixMilliseconds.rawValue)
        }
        return number >= unixSecondsMin ? .unixSeconds : .relativeSeconds
    }

    private static func time(
        _ table: borrowing CSVReader, _ column: Int, _ format: TraceImportOptions.TimeFormat,
        _ zone: LocalTimeZone?, after previous: Int64
    ) throws(FileError) -> Int64 {
        let field = table.field(column)
        switch format {
        case .iso8601, .automatic:
            guard let reading = CalendarTime.reading(of: field) else {
                throw refusal(
                    table, column, expected: "a time like 2024-06-03 00:00:00 or 2024-06-03T00:00:00Z")
            }
            guard let zone, !reading.hasZone else { return reading.nanoseconds }
            let instants = zone.instants(local: reading.nanoseconds)
            // In the hour that comes twice, the second time where the first would not go on from the row
            // before.
            if let time = instants.first(where: { $0 > previous }) ?? instants.last { return time }
            throw refusal(
                table, column,
                expected: "a time that clocks of \(zone.name) show: they skip this one")
        case .unixSeconds, .relativeSeconds:
            if let time = DecimalNumber.scaled(field, byPowerOfTen: 9) { return time }
            throw refusal(table, column, expected: "a time in seconds")
        case .unixMilliseconds:
            if let time = DecimalNumber.scaled(field, byPowerOfTen: 6) { return time }
            throw refusal(table, column, expected: "a time in milliseconds")
        }
    }

    private static func load(
        _ table: borrowing CSVReader, _ column: Int, least: Double
    ) throws(FileError) -> Double {
        guard let load = DecimalNumber.value(of: table.field(column)), load >= least, load <= loadMax else {
            throw refusal(
                table, column,
                expected: least < 0
                    ? "a number from \(Int(least)) to 1e18" : "a load: a number from 0 to 1e18")
        }
        return load
    }

    private static func refusal(_ table: borrowing CSVReader, _ column: Int, expected: String) -> FileError {
        let text = table.text(column)
        return .invalidValue(
            Place(file: table.path, line: table.line, key: table.header[column]),
            found: text.isEmpty ? "nothing" : "'\(text.prefix(60))'", expected: expected)
    }
}
