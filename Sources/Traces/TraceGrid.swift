import Files
import Quantities
import Vocabulary

/// Loads on a regular time grid that starts at the earliest row, as rates per second.
struct TraceGrid {
    private let path: String
    /// The time of the first place.
    let origin: Int64
    /// The distance between places.
    let rowInterval: Nanoseconds
    /// The places that rows filled, ascending.
    private var places: [Int] = []
    /// For each filled place, the line and the time of its first row, for messages.
    private var labels: [(line: Int32, time: Int64)] = []
    private let isCalendar: Bool
    /// One array per column: rates at the filled places, then, once gaps are filled, at all places.
    private(set) var rates: [[Double]]
    private(set) var duplicateRows = 0
    private(set) var movedRows = 0
    /// The rows of a trace, filled ones included, hold at most so many loads.
    private static let placesMax = 50_000_000

    /// Places rows that are sorted by time.
    init(
        rows: TraceRows, kind: TraceImportOptions.LoadKind, rowInterval given: Nanoseconds?,
        isArrivals: Bool = false
    ) throws(FileError) {
        path = rows.path
        isCalendar = rows.isCalendar
        // Of series that are summed, no row may hold a load of each.
        guard !rows.times.isEmpty else {
            throw .unusableTrace(
                file: path, line: nil, found: "no row with a load of every series that is added up",
                expected: "at least one")
        }
        origin = rows.times[0]
        if let given {
            guard given > .zero else {
                throw .unusableTrace(
                    file: path, line: nil, found: "a row interval of \(given)",
                    expected: "one of more than zero")
            }
            rowInterval = given
        } else {
            rowInterval = try Self.usualDistance(rows)
        }
        rates = Array(repeating: [], count: rows.seriesCount)
        let step = rowInterval.count
        // Inferred distances tolerate clocks that jitter either way; a given one says what a row's time
        // begins.
        let shift = given == nil ? step / 2 : 0
        var rowsAtPlace = [Int](repeating: 0, count: rates.count)
        var previousPlace = -1
        for row in 0..<rows.count {
            let (distance, isOverflow) = rows.times[row].subtractingReportingOverflow(origin)
            guard !isOverflow, distance / 2 < Int64.max / 2 - step else {
                throw .unusableTrace(
                    file: path, line: Int(rows.lines[row]),
                    found: "a time more than 292 years after the first",
                    expected: "times closer together")
            }
            let place = Int((distance + shift) / step)
            if distance != Int64(place) * step { movedRows += 1 }
            if place != previousPlace {
                places.append(place)
                labels.append((rows.lines[row], rows.times[row]))
                previousPlace = place
                for column in rates.indices {
                    rates[column].append(isArrivals ? 0 : .nan)
                    rowsAtPlace[column] = 0
                }
            }
            var isDuplicate = false
            if let owner = rows.owners?[row] {
                let column = Int(owner)
                isDuplicate = add(rows.loads[0][row], kind, to: column, &rowsAtPlace[column])
            } else {
                for column in rates.indices
                where add(
                    rows.loads[column][row], kind, to: column, &rowsAtPlace[column])
                { isDuplicate = true }
            }
            if isDuplicate { duplicateRows += 1 }
        }
        if kind == .count {
            let seconds = rowInterval.seconds
            for column in rates.indices { rates[column] = rates[column].map { $0 / seconds } }
        }
    }

    /// Takes a load over at the last place.
    /// - Returns: whether another row had filled it.
    private mutating func add(
        _ value: Double, _ kind: TraceImportOptions.LoadKind, to column: Int, _ rowsBefore: inout Int
    ) -> Bool {
        guard !value.isNaN else { return false }
        let last = rates[column].count - 1
        defer { rowsBefore += 1 }
        guard rowsBefore > 0 else {
            rates[column][last] = value
            return false
        }
        if kind == .count {
            rates[column][last] += value
        } else {
            // The running mean of the rows at this place.
            rates[column][last] += (value - rates[column][last]) / Double(rowsBefore + 1)
        }
        return true
    }

    /// Places that rows filled.
    var rowsKept: Int { places.count }

    /// The most common distance between rows among those near the median; most rows must keep to it.
    private static func usualDistance(_ rows: TraceRows) throws(FileError) -> Nanoseconds {
        let distances = zip(rows.times.dropFirst(), rows.times).map { $0 &- $1 }.filter { $0 > 0 }.sorted()
        guard !distances.isEmpty else {
            throw .unusableTrace(
                file: rows.path, line: Int(rows.lines[0]), found: "a single time",
                expected: "at least two, or a row interval given by hand")
        }
        let median = distances[distances.count / 2]
        let near = distances.filter { abs($0 - median) <= median / 10 }
        guard near.count * 2 >= distances.count else {
            throw .unusableTrace(
                file: rows.path, line: nil,
                found: "rows at irregular distances (median \(Nanoseconds(median)), "
                    + "shortest \(Nanoseconds(distances[0])), "
                    + "longest \(Nanoseconds(distances[distances.count - 1])))",
                expected: "regular ones, or a row interval given by hand")
        }
        var best = (distance: near[0], count: 0)
        var run = (distance: near[0], count: 0)
        for distance in near {
            run = distance == run.distance ? (distance, run.count + 1) : (distance, 1)
            if run.count > best.count { best = run }
        }
        return Nanoseconds(best.distance)
    }
}

// MARK: - Gaps

extension TraceGrid {
    /// Fills the places that no row filled.
    /// - Returns: the length in rows of each gap, in order of time.
    mutating func fillGaps(
        _ fill: TraceImportOptions.GapFill, rowsMax: Int
    ) throws(FileError) -> [Int] {
        var gaps: [Int] = []
        for index in places.indices.dropFirst() {
            let missing = places[index] - places[index - 1] - 1
            guard missing > 0 else { continue }
            guard fill != .refuse, missing <= rowsMax else {
                let before = labels[index - 1]
                let after = labels[index]
                throw .unusableTrace(
                    file: path, line: Int(after.line),
                    found:
                        """
                        a gap of \(missing) rows of \(rowInterval) between \(text(ofTime: before.time)) \
                        (line \(before.line))
                        """
                            + " and \(text(ofTime: after.time)) (line \(after.line))",
                    expected: fill == .refuse
                        ? "no gap (or a way to fill it: interpolate, hold or zero)"
                        : "gaps of at most \(rowsMax) rows (raise the limit to fill this one)")
            }
            gaps.append(missing)
        }
        guard !gaps.isEmpty, let last = places.last else { return [] }
        guard last < Self.placesMax / max(1, rates.count) else {
            throw .unusableTrace(
                file: path, line: nil,
                found: "a trace of \(last) rows of \(rowInterval) once its gaps are filled",
                expected: "at most \(Self.placesMax / max(1, rates.count)), or longer intervals")
        }
        for column in rates.indices { rates[column] = filled(rates[column], fill, count: last + 1) }
        return gaps
    }

    /// Fills what single series do not know at places that rows filled, as gaps of whole rows are filled. A
    /// series that begins later or ends earlier than the others has no neighbour to go by there.
    /// - Parameter names: of the series, for messages.
    /// - Returns: the length of each run.
    mutating func fillUnknown(
        _ fill: TraceImportOptions.GapFill, rowsMax: Int, names: [String]
    ) throws(FileError) -> [Int] {
        var runs: [Int] = []
        for column in rates.indices where rates[column].contains(where: \.isNaN) {
            var series = rates[column]
            var start = 0
            while start < series.count {
                guard series[start].isNaN else {
                    start += 1
                    continue
                }
                let end = series[start...].firstIndex { !$0.isNaN } ?? series.count
                let missing = end - start
                let before = start > 0 ? series[start - 1] : nil
                let after = end < series.count ? series[end] : nil
                guard fill != .refuse, missing <= rowsMax || fill == .zero else {
                    throw unknown(
                        names[column], from: start, missing, expected: "at most \(rowsMax) in a row")
                }
                for place in start..<end {
                    switch (fill, before, after) {
                    case (.zero, _, _): series[place] = 0
                    case (.hold, let before?, _): series[place] = before
                    case (.interpolate, let before?, let after?):
                        let share = Double(place - start + 1) / Double(missing + 1)
                        series[place] = before * (1 - share) + after * share
                    default:
                        throw unknown(
                            names[column], from: start, missing,
                            expected: "a load in the first and last row, or gaps filled with zero")
                    }
                }
                runs.append(missing)
                start = end
            }
            rates[column] = series
        }
        return runs
    }

    private func unknown(
        _ name: String, from place: Int, _ missing: Int, expected: String
    ) -> FileError {
        let time = text(ofTime: origin + Int64(place) * rowInterval.count)
        return .unusableTrace(
            file: path, line: nil, found: "\(missing) rows from \(time) without a load of '\(name)'",
            expected: expected)
    }

    /// What became of arrivals after the last whole interval.
    enum Tail: Equatable {
        /// So much of the last interval was recorded; for the rest of it every series goes on at its own mean
        /// rate.
        case completed(recorded: Nanoseconds)
        /// So little of it was recorded that its arrivals count with the interval before.
        case merged(recorded: Nanoseconds)
    }

    /// Sees to it that an interval that the record cuts off is not a whole one of little load.
    ///
    /// What is missing of it is taken at each series' mean rate over the whole record. That leaves every mean
    /// rate what it was, arrivals over time, and so the shares of the series among all arrivals; arrivals at
    /// a constant rate keep it to the end.
    /// - Parameters:
    ///   - last: the time of the last arrival.
    ///   - arrivals: of each series.
    /// - Returns: nil where the last interval is whole.
    /// - Throws: where there is no whole interval.
    mutating func completeTail(last: Int64, arrivals ofSeries: [Int]) throws(FileError) -> Tail? {
        let span = last - origin
        let arrivals = ofSeries.reduce(0, +)
        // The record ends as long after its last arrival as arrivals are apart.
        let usual = arrivals > 1 ? span / Int64(arrivals - 1) : 0
        let count = rates[0].count
        let covered = min(rowInterval.count, last - origin - Int64(count - 1) * rowInterval.count + usual)
        guard covered < rowInterval.count else { return nil }
        guard count > 1 else {
            throw .unusableTrace(
                file: path, line: nil,
                found: "\(arrivals) arrivals within \(Nanoseconds(span))",
                expected:
                    "at least one interval of \(rowInterval): choose a shorter one, or another time format")
        }
        let step = rowInterval.seconds
        let rest = Nanoseconds(covered).seconds
        guard covered * Self.tailPartsMax >= rowInterval.count else {
            for column in rates.indices {
                let tail = rates[column].removeLast() * step
                rates[column][count - 2] = (rates[column][count - 2] * step + tail) / (step + rest)
            }
            return .merged(recorded: Nanoseconds(covered))
        }
        let recorded = Double(count - 1) * step + rest
        for column in rates.indices {
            let mean = Double(ofSeries[column]) / recorded
            rates[column][count - 1] += mean * (step - rest) / step
        }
        return .completed(recorded: Nanoseconds(covered))
    }

    /// An interval of which less than a tenth was recorded would be made of means.
    private static let tailPartsMax: Int64 = 10

    /// An instant in words: a date, or seconds where the trace has no calendar.
    private func text(ofTime nanoseconds: Int64) -> String {
        isCalendar ? CalendarTime.text(unixNanoseconds: nanoseconds) : "\(Double(nanoseconds) / 1e9) s"
    }

    private func filled(_ known: [Double], _ fill: TraceImportOptions.GapFill, count: Int) -> [Double] {
        var dense: [Double] = []
        dense.reserveCapacity(count)
        for index in known.indices {
            let missing = index == 0 ? 0 : places[index] - places[index - 1] - 1
            for step in 0..<missing {
                switch fill {
                case .hold: dense.append(known[index - 1])
                case .zero: dense.append(0)
                case .interpolate, .refuse:
                    let share = Double(step + 1) / Double(missing + 1)
                    dense.append(known[index - 1] * (1 - share) + known[index] * share)
                }
            }
            dense.append(known[index])
        }
        return dense
    }
}

// MARK: - Resampling

extension TraceGrid {
    /// The mean rates over intervals of another length, counted from the origin. The integral over every
    /// whole interval is that of the rows; a rest at the end that fills no interval is left out.
    /// - Precondition: gaps are filled.
    func resampled(to interval: Nanoseconds) throws(FileError) -> (
        series: [[Double]], tailLeftOut: Nanoseconds
    ) {
        let placeCount = rates[0].count
        let span = rowInterval * placeCount
        guard interval > .zero, interval <= span else {
            throw .unusableTrace(
                file: path, line: nil, found: "an interval of \(interval)",
                expected: "one of more than zero that fits into the \(span) the rows cover")
        }
        let intervalCount = Int(span.count / interval.count)
        let loads = Double(intervalCount) * Double(rates.count)
        guard loads <= TraceImportOptions.loadsMax else {
            throw .unusableTrace(
                file: path, line: nil,
                found: "\(intervalCount) intervals of \(interval) for \(rates.count) columns",
                expected: "at most \(Int(TraceImportOptions.loadsMax)) loads together, so longer intervals")
        }
        let tail = Nanoseconds(span.count - Int64(intervalCount) * interval.count)
        guard interval != rowInterval else { return (rates, tail) }
        let series = rates.map { rates in
            (0..<intervalCount).map { index in
                Self.mean(
                    of: rates, step: rowInterval.count, from: Int64(index) * interval.count,
                    length: interval.count)
            }
        }
        return (series, tail)
    }

    /// The mean of a step function over `from ..< from + length`.
    private static func mean(of rates: [Double], step: Int64, from start: Int64, length: Int64) -> Double {
        var place = Int(start / step)
        var position = start
        var sum = 0.0
        while position < start + length {
            let end = min(Int64(place + 1) * step, start + length)
            sum += rates[place] * Double(end - position)
            position = end
            place += 1
        }
        return sum / Double(length)
    }
}
