import Quantities

/// What was found in a table of loads and what was done to make a trace of it.
public struct TraceImportSummary: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The loads of one model over the whole trace.
    public struct Series: Hashable, Codable, Sendable {
        /// The model, or the column's name where columns were not assigned to models.
        public let model: ModelID
        /// The column the loads came from.
        public let column: String
        /// The lowest load of any interval.
        public let minimum: QueriesPerSecond
        /// The mean over all intervals.
        public let mean: QueriesPerSecond
        /// The highest load of any interval.
        public let maximum: QueriesPerSecond
        /// Intervals of the trace without any load.
        public let zeroIntervals: Int
        /// The lengths of its requests; nil where the file does not say.
        public let tokens: TokenLengths?

        package init(
            model: ModelID, column: String, minimum: QueriesPerSecond, mean: QueriesPerSecond,
            maximum: QueriesPerSecond, zeroIntervals: Int, tokens: TokenLengths? = nil
        ) {
            self.tokens = tokens
            self.model = model
            self.column = column
            self.minimum = minimum
            self.mean = mean
            self.maximum = maximum
            self.zeroIntervals = zeroIntervals
        }
    }

    /// The file as it was named.
    public let file: String
    /// Rows below the header.
    public let rowsRead: Int
    /// Rows left once duplicates are merged: places on the time grid that a row filled.
    public let rowsKept: Int
    /// Rows that fell on a place another row had filled; counts were added, rates averaged.
    public let duplicateRows: Int
    /// Rows with a time before that of an earlier row; all were sorted.
    public let unsortedRows: Int
    /// Rows that did not lie exactly on the time grid and were moved to the nearest place.
    public let movedRows: Int
    /// Runs of missing rows that were filled.
    public let gapsFilled: Int
    /// Missing rows in these runs together.
    public let gapRowsFilled: Int
    /// Missing rows in the longest of them.
    public let longestGapRows: Int
    /// The time that one row stands for.
    public let rowInterval: Nanoseconds
    /// Intervals of the trace.
    public let intervals: Int
    /// The length of an interval of the trace.
    public let interval: Nanoseconds
    /// Time at the end that did not fill an interval and was left out.
    public let tailLeftOut: Nanoseconds
    /// Intervals in which no model has any load.
    public let zeroLoadIntervals: Int
    /// What there was beside rows with a load.
    public var oddities = Oddities()
    /// Per model, in name order.
    public let series: [Series]

    /// What a file may hold beside rows with a load.
    public struct Oddities: Hashable, Codable, Sendable {
        /// Rows without any number, which count as missing.
        public var emptyRows = 0
        /// Rows of names that are nobody's of those asked for.
        public var otherRows = 0
        /// From the first arrival to the last; nil where rows are no arrivals.
        public var arrivalsSpan: Nanoseconds?
        /// Time with arrivals after the last whole interval, which count with that interval.
        public var tailMerged: Nanoseconds?
        /// How much of the last interval the arrivals cover, which goes on at each series' mean rate.
        public var tailCompleted: Nanoseconds?
        /// The column of loads where another one says whose they are.
        public var valueColumn: String?

        package init() {}
    }

    package init(
        file: String, rowsRead: Int, rowsKept: Int, duplicateRows: Int, unsortedRows: Int, movedRows: Int,
        gapsFilled: Int, gapRowsFilled: Int, longestGapRows: Int, rowInterval: Nanoseconds, intervals: Int,
        interval: Nanoseconds, tailLeftOut: Nanoseconds, zeroLoadIntervals: Int, series: [Series]
    ) {
        self.file = file
        self.rowsRead = rowsRead
        self.rowsKept = rowsKept
        self.duplicateRows = duplicateRows
        self.unsortedRows = unsortedRows
        self.movedRows = movedRows
        self.gapsFilled = gapsFilled
        self.gapRowsFilled = gapRowsFilled
        self.longestGapRows = longestGapRows
        self.rowInterval = rowInterval
        self.intervals = intervals
        self.interval = interval
        self.tailLeftOut = tailLeftOut
        self.zeroLoadIntervals = zeroLoadIntervals
        self.series = series
    }

    /// The time the trace spans.
    public var span: Nanoseconds { interval * intervals }

    /// What the import came to, in a few lines; troubles are listed only where there were any.
    public var description: String {
        var lines = [
            "\(file): \(rowsRead) rows every \(rowInterval) -> \(intervals) intervals of \(interval) "
                + "(\(Self.days(span)) days)"
        ]
        func note(_ count: Int, _ text: String) { if count > 0 { lines.append("  \(text)") } }
        if let span = oddities.arrivalsSpan { lines.append("  from the first arrival to the last \(span)") }
        note(oddities.otherRows, "\(oddities.otherRows) rows of other names were left out")
        note(oddities.emptyRows, "\(oddities.emptyRows) rows have no load and count as missing")
        note(unsortedRows, "\(unsortedRows) rows were out of order and sorted")
        note(duplicateRows, "\(duplicateRows) rows shared a time with another and were merged")
        note(movedRows, "\(movedRows) rows lay off the time grid and were moved to its nearest place")
        note(
            gapsFilled,
            "\(gapRowsFilled) missing rows in \(gapsFilled) gaps (longest \(longestGapRows)) were filled")
        note(zeroLoadIntervals, "\(zeroLoadIntervals) intervals have no load")
        if tailLeftOut > .zero {
            lines.append("  the last \(tailLeftOut) did not fill an interval and were left out")
        }
        if let tail = oddities.tailMerged {
            lines.append("  the last \(tail) are no whole interval and count with the one before")
        }
        if let tail = oddities.tailCompleted {
            lines.append(
                "  the last interval is recorded for \(tail); for the rest of it each series goes on at its "
                    + "mean rate")
        }
        for one in series {
            defer {
                if let tokens = one.tokens {
                    lines.append(
                        "    \(tokens.requests) requests of \(Self.rounded(tokens.inputMean)) tokens in and "
                            + "\(Self.rounded(tokens.outputMean)) out on average")
                }
            }
            lines.append(
                "  \(one.model): \(Self.rounded(one.minimum)) to \(Self.rounded(one.maximum)), mean "
                    + "\(Self.rounded(one.mean)) queries/s")
        }
        return lines.joined(separator: "\n")
    }

    private static func days(_ span: Nanoseconds) -> Double { (span.seconds / 864).rounded() / 100 }

    private static func rounded(_ rate: QueriesPerSecond) -> Double { rounded(rate.value) }

    private static func rounded(_ number: Double) -> Double { (number * 1e4).rounded() / 1e4 }
}
