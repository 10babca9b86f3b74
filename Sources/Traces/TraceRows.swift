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
    /// One array per load column; NaN where a cell has no load. Of rows with owners, one array in all.
    private(set) var loads: [[Double]] = []
    /// The series that each row's load belongs to; nil where every row has a load of every series.
    private(set) var owners: [Int32]?
    /// The names of the series that have owners, in the order in which they came.
    private(set) var ownerNames: [String] = []
    /// Whether the times are of the calendar.
    private(set) var isCalendar = true
    /// Rows without any load.
    private(set) var emptyRows = 0
    /// Rows of names that nobody asked for.
    private(set) var otherRows = 0
    /// Of each series, where the file has lengths.
    private(set) var tokens: [TokenSums] = []
    /// Tokens of each row's prompt and answer, NaN where it has none; empty where no row has.
    private(set) var lengths: [SIMD2<Float>] = []
    /// The column of loads where another one says whose they are.
    private(set) var valueColumn: String?
    private var isZoneUsed = false
    /// Names that nobody asked for, for messages.
    private var otherNames: Set<String> = []
    private static let otherNamesMax = 100

    /// Lengths of requests, added up.
    struct TokenSums {
        var requests = 0
        var input = 0.0
        var output = 0.0

        mutating func add(input: Double, output: Double) {
            requests += 1
            self.input += input
            self.output += output
        }

        var lengths: TokenLengths? {
            guard requests > 0 else { return nil }
            let count = Double(requests)
            return .init(requests: requests, inputMean: input / count, outputMean: output / count)
        }
    }

    /// A trace has at most so many series.
    static let ownersMax = 1000

    init(path: String) { self.path = path }

    /// Rows of a document that is no table.
    init(path: String, isCalendar: Bool, columns: Int) {
        self.path = path
        self.isCalendar = isCalendar
        loads = Array(repeating: [], count: columns)
        tokens = Array(repeating: TokenSums(), count: columns)
    }

    /// Adds a row that has been checked.
    mutating func append(time: Int64, line: Int, loads values: [Double]) {
        times.append(time)
        lines.append(Int32(clamping: line))
        for (index, value) in values.enumerated() { loads[index].append(value) }
    }

    /// Counts the lengths of a request of a series.
    mutating func count(tokensIn input: Double, out output: Double, of series: Int) {
        tokens[series].add(input: input, output: output)
        note(input, output)
    }

    /// Of the row that was read last.
    private mutating func note(_ input: Double, _ output: Double) {
        while lengths.count < times.count - 1 { lengths.append(.init(repeating: .nan)) }
        lengths.append(SIMD2(Float(input), Float(output)))
    }

    /// What the requests of a series are in the mean in each of some intervals; those of an interval without
    /// any are as in the one before. nil where no request has both lengths, each above 0.
    func mix(of series: Int, origin: Int64, interval: Nanoseconds, count: Int) -> TokenMix? {
        var sums = [SIMD3<Double>](repeating: .zero, count: count)
        for row in lengths.indices where (owners.map { Int($0[row]) } ?? series) == series {
            let index = Int((times[row] - origin) / max(1, interval.count))
            guard index < count, lengths[row].x > 0, lengths[row].y > 0 else { continue }
            sums[index] += SIMD3(Double(lengths[row].x), Double(lengths[row].y), 1)
        }
        guard var last = sums.first(where: { $0.z > 0 }) else { return nil }
        let means = sums.map { sum -> SIMD3<Double> in
            if sum.z > 0 { last = sum }
            return last / last.z
        }
        return TokenMix(prompts: means.map(\.x), outputs: means.map(\.y))
    }

    var count: Int { times.count }
    /// Of each series, where every row is an arrival.
    var arrivals: [Int] {
        guard let owners else { return Array(repeating: count, count: loads.count) }
        var arrivals = Array(repeating: 0, count: ownerNames.count)
        for owner in owners { arrivals[Int(owner)] += 1 }
        return arrivals
    }
    /// How many series there are.
    var seriesCount: Int { owners == nil ? loads.count : ownerNames.count }

    /// Where in a table what is read stands.
    struct Columns {
        var time: Int
        var loads: [Int]
        /// Of the names that say whose a row is.
        var names: Int?
        /// The names that are asked for; nil for all.
        var wanted: Set<String>?
        var tokens: (input: Int, output: Int)?
    }

    /// Reads all rows of a table. With arrivals every row is a load of one, whatever stands in the load
    /// columns.
    mutating func read(
        _ table: inout CSVReader, _ columns: Columns, options: TraceImportOptions
    ) throws(FileError) {
        var format = options.timeFormat
        let countsRows = options.loadKind == .arrivals
        loads = Array(repeating: [], count: columns.loads.count)
        tokens = Array(repeating: TokenSums(), count: columns.names == nil ? 1 : 0)
        if columns.names != nil {
            owners = []
            valueColumn = countsRows ? nil : table.header[columns.loads[0]]
        }
        var known: [String: Int32] = [:]
        var text = LoadText(separator: table.separator)
        let zone = options.timeZone ?? DayFirstTime.zone(inColumn: table.header[columns.time])
        while try table.next() {
            var owner: Int32 = 0
            if let names = columns.names {
                let name = table.text(names)
                guard columns.wanted?.contains(name) ?? true else {
                    otherRows += 1
                    if otherNames.count < Self.otherNamesMax { otherNames.insert(name) }
                    continue
                }
                owner = try place(of: name, &known, table, names)
            }
            if !countsRows {
                var hasLoad = false
                for (index, column) in columns.loads.enumerated() {
                    let load = try Self.load(table, column, least: options.loadMin, &text)
                    hasLoad = hasLoad || !load.isNaN
                    loads[index].append(load)
                }
                guard hasLoad else {
                    for index in loads.indices { loads[index].removeLast() }
                    emptyRows += 1
                    continue
                }
            } else {
                loads[0].append(1)
            }
            if times.isEmpty, format == .automatic { format = try Self.detectedFormat(table, columns.time) }
            times.append(try time(table, columns.time, format, zone, after: times.last ?? .min))
            lines.append(Int32(clamping: table.line))
            if columns.names != nil { owners?.append(owner) }
            if let places = columns.tokens,
                let input = DecimalNumber.value(of: table.field(places.input)), (0...1e9).contains(input),
                let output = DecimalNumber.value(of: table.field(places.output)), (0...1e9).contains(output)
            {
                count(tokensIn: input, out: output, of: Int(owner))
            }
        }
        try requireUsed(table, columns, format, options)
    }

    private func requireUsed(
        _ table: borrowing CSVReader, _ columns: Columns, _ format: TraceImportOptions.TimeFormat,
        _ options: TraceImportOptions
    ) throws(FileError) {
        if let names = columns.names, let wanted = columns.wanted,
            let missing = wanted.subtracting(ownerNames).min()
        {
            throw .unknownName(
                Place(file: path, line: nil, key: table.header[names]), kind: "a name of that column",
                found: missing, known: otherNames.union(ownerNames).sorted())
        }
        guard !times.isEmpty else {
            throw .malformed(
                file: path, line: 1, found: "a header and no rows", expected: "rows below the header")
        }
        if let zone = options.timeZone, !isZoneUsed {
            throw .unusableTrace(
                file: path, line: Int(lines[0]),
                found: "times that need no zone (\(table.header[columns.time]), format \(format.rawValue))",
                expected: "times without one, as \(zone.name) was given for them")
        }
    }

    private mutating func place(
        of name: String, _ known: inout [String: Int32], _ table: borrowing CSVReader, _ column: Int
    ) throws(FileError) -> Int32 {
        if let place = known[name] { return place }
        guard ownerNames.count < Self.ownersMax else {
            throw .unusableTrace(
                file: path, line: table.line,
                found: "more than \(Self.ownersMax) names in \(table.header[column])",
                expected: "a column of few names, one for each model")
        }
        let place = Int32(ownerNames.count)
        known[name] = place
        ownerNames.append(name)
        tokens.append(TokenSums())
        return place
    }

    /// Makes one series of all, where every row has a load of each.
    mutating func sumSeries() {
        guard owners == nil, loads.count > 1 else { return }
        let series = loads
        // A sum with a missing part is unknown.
        loads = [series[0].indices.map { row in series.reduce(0) { $0 + $1[row] } }]
        let isKnown = loads[0].map { !$0.isNaN }
        emptyRows += isKnown.count { !$0 }
        times = zip(times, isKnown).filter(\.1).map(\.0)
        lines = zip(lines, isKnown).filter(\.1).map(\.0)
        loads[0] = loads[0].filter { !$0.isNaN }
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
        if let unsortedOwners = owners { owners = order.map { unsortedOwners[$0] } }
        if !lengths.isEmpty {
            let unsorted = lengths
            lengths = order.map { $0 < unsorted.count ? unsorted[$0] : .init(repeating: .nan) }
        }
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
        guard let number = DecimalNumber.value(of: table.field(column)) else {
            let text = table.text(column)
            guard DayFirstTime.isDate(text) else { return .iso8601 }
            switch DayFirstTime.order(of: text) {
            case .day: return .dayFirst
            case .month: return .monthFirst
            case nil:
                throw table.refusal(
                    ofColumn: column,
                    expected:
                        "a date whose day and month cannot be mistaken, or the time format day_first or "
                        + "month_first")
            }
        }
        guard number < unixSecondsMax else {
            throw table.refusal(
                ofColumn: column,
                expected: "a time in seconds; if these are milliseconds, say so by the time format "
                    + TraceImportOptions.TimeFormat.unixMilliseconds.rawValue)
        }
        return number >= unixSecondsMin ? .unixSeconds : .relativeSeconds
    }

    private mutating func time(
        _ table: borrowing CSVReader, _ column: Int, _ format: TraceImportOptions.TimeFormat,
        _ zone: LocalTimeZone?, after previous: Int64
    ) throws(FileError) -> Int64 {
        let field = table.field(column)
        isCalendar = ![.relativeSeconds, .relativeMilliseconds].contains(format)
        switch format {
        case .iso8601, .automatic:
            // A zone that is written comes before the one that is said.
            isZoneUsed = true
            guard let reading = CalendarTime.reading(of: field) else {
                throw table.refusal(
                    ofColumn: column, expected: "a time like 2024-06-03 00:00:00 or 2024-06-03T00:00:00Z")
            }
            guard let zone, !reading.hasZone else { return reading.nanoseconds }
            return try instant(reading.nanoseconds, zone, after: previous, table, column)
        case .dayFirst, .monthFirst:
            isZoneUsed = true
            let order: DayFirstTime.Order = format == .dayFirst ? .day : .month
            guard let reading = DayFirstTime.reading(of: table.text(column), order) else {
                throw table.refusal(
                    ofColumn: column,
                    expected: order == .day
                        ? "a time like 26/10/2025 14:00 or 26.10.2025 14:00" : "a time like 10/26/2025 14:00")
            }
            guard reading.offsetSeconds == nil, let zone else { return reading.nanoseconds }
            return try instant(reading.nanoseconds, zone, after: previous, table, column)
        case .unixSeconds, .relativeSeconds:
            if let time = DecimalNumber.scaled(field, byPowerOfTen: 9) { return time }
            throw table.refusal(ofColumn: column, expected: "a time in seconds")
        case .unixMilliseconds, .relativeMilliseconds:
            if let time = DecimalNumber.scaled(field, byPowerOfTen: 6) { return time }
            throw table.refusal(ofColumn: column, expected: "a time in milliseconds")
        }
    }

    /// The instant at which clocks of a zone show a time.
    private func instant(
        _ local: Int64, _ zone: LocalTimeZone, after previous: Int64, _ table: borrowing CSVReader,
        _ column: Int
    ) throws(FileError) -> Int64 {
        let instants = zone.instants(local: local)
        // In the hour that comes twice, the second time where the first would not go on from the row before.
        if let time = instants.first(where: { $0 > previous }) ?? instants.last { return time }
        throw table.refusal(
            ofColumn: column, expected: "a time that clocks of \(zone.name) show: they skip this one")
    }

    /// NaN for a cell without a load.
    private static func load(
        _ table: borrowing CSVReader, _ column: Int, least: Double, _ text: inout LoadText
    ) throws(FileError) -> Double {
        let expected = least < 0 ? "a number from \(Int(least)) to 1e18" : "a load: a number from 0 to 1e18"
        var load = Double.nan
        // Commas leave no doubt about points, so that the quick way is the right one.
        if table.separator == UInt8(ascii: ","), let number = DecimalNumber.value(of: table.field(column)) {
            load = number
        } else {
            switch text.read(table.text(column)) {
            case .number(let number): load = number
            case .missing: return .nan
            case .unreadable(let better): throw table.refusal(ofColumn: column, expected: better ?? expected)
            }
        }
        guard load >= least, load <= loadMax else {
            throw table.refusal(ofColumn: column, expected: expected)
        }
        return load
    }
}
