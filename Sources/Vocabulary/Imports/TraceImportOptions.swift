import Quantities

/// How a table of (time, load) is to be read.
public struct TraceImportOptions: Hashable, Sendable {
    /// How the time column is written.
    public enum TimeFormat: String, CaseIterable, Sendable {
        /// As the first row shows: ISO 8601, a date with the day first where it cannot be the month, seconds
        /// since 1970 from 1e8 upwards, otherwise relative seconds.
        case automatic
        /// `2024-06-03 00:00:00`, with `T`, fractions and zones as they may come; without a zone UTC, or what
        /// the options say.
        case iso8601
        /// Seconds since 1970-01-01T00:00:00Z, whole or decimal.
        case unixSeconds = "unix_seconds"
        /// Milliseconds since 1970-01-01T00:00:00Z.
        case unixMilliseconds = "unix_milliseconds"
        /// Seconds from an origin of no meaning.
        case relativeSeconds = "relative_seconds"
        /// Milliseconds from an origin of no meaning.
        case relativeMilliseconds = "relative_milliseconds"
        /// `26/10/2025 02:00:00`, `26.10.2025 02:00`; of a range the beginning, with a tag such as `(CEST)`.
        case dayFirst = "day_first"
        /// `10/26/2025 2:00 PM`.
        case monthFirst = "month_first"
    }

    /// Which columns hold the loads.
    public enum Loads: Hashable, Sendable {
        /// Every column but the time column; the column's name becomes the model's.
        case allOtherColumns
        /// These columns; their names become the models'.
        case columns([String])
        /// A column for each model; several models may share one.
        case models([ModelID: String])
    }

    /// What a load figure counts.
    public enum LoadKind: String, CaseIterable, Sendable {
        /// Queries per second, or a share that is scaled later.
        case rate
        /// Queries in the time from one row to the next.
        case count
        /// Every row is one query that arrived at its time; columns of loads are not read.
        case arrivals
    }

    /// Where the lengths of requests stand.
    public struct TokenColumns: Hashable, Sendable {
        public let input: String
        public let output: String

        public init(input: String, output: String) {
            self.input = input
            self.output = output
        }
    }

    /// What stands in for rows that are missing.
    public enum GapFill: String, CaseIterable, Sendable {
        /// A straight line between the neighbours.
        case interpolate
        /// The last load before the gap.
        case hold
        /// No load.
        case zero
        /// Nothing: any gap is an error.
        case refuse
    }

    /// A trace holds at most so many loads, intervals times models: the 20 million of a year of minutes of
    /// 38 models take 160 MB.
    public static let loadsMax = 20e6

    /// The time column's name; nil for the first column.
    public var timeColumn: String?
    /// How the time column is written.
    public var timeFormat: TimeFormat
    /// The zone of times that are written without one; nil for UTC.
    public var timeZone: LocalTimeZone?
    /// Which columns hold the loads.
    public var loads: Loads
    /// What a load figure counts.
    public var loadKind: LoadKind
    /// The time that one row stands for; nil to take the usual distance between rows. Arrivals are counted in
    /// the trace's interval, or in minutes.
    public var rowInterval: Nanoseconds?
    /// The interval of the trace; nil to keep that of the rows.
    public var interval: Nanoseconds?
    /// What stands in for missing rows.
    public var gapFill: GapFill
    /// The longest run of missing rows that is filled; a longer one is an error.
    public var gapRowsMax: Int
    /// What separates fields, one ASCII character; nil for what the first line shows.
    public var separator: Unicode.Scalar?
    /// The column of names that says whose a row is; then loads go by those names instead of by columns.
    public var modelColumn: String?
    /// The column of loads beside a column of names; nil for the only one there is.
    public var valueColumn: String?
    /// The longest time without rows that is filled; nil for the limit in rows.
    public var gapMax: Nanoseconds?
    /// Whether all series of a file are one: their sum.
    public var sumsSeries = false
    /// Columns of the lengths of requests in tokens, which are summed up where they are there.
    public var tokenColumns: TokenColumns?
    /// The smallest load that is no error: below zero only where loads are prices.
    package var loadMin = 0.0
    /// The shape of the file; what it fixes comes before the other options.
    public var layout = TraceLayout.table

    /// Options with defaults for a table of rates in its own interval: gaps of up to 6 rows are interpolated.
    public init(
        timeColumn: String? = nil, timeFormat: TimeFormat = .automatic, loads: Loads = .allOtherColumns,
        loadKind: LoadKind = .rate, rowInterval: Nanoseconds? = nil, interval: Nanoseconds? = nil,
        gapFill: GapFill = .interpolate, gapRowsMax: Int = 6, separator: Unicode.Scalar? = nil
    ) {
        self.timeColumn = timeColumn
        self.timeFormat = timeFormat
        self.loads = loads
        self.loadKind = loadKind
        self.rowInterval = rowInterval
        self.interval = interval
        self.gapFill = gapFill
        self.gapRowsMax = gapRowsMax
        self.separator = separator
    }
}
