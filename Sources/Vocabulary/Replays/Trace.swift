import Quantities

/// The load of one or more services over time, as a step function of equal intervals.
public struct Trace: Hashable, Codable, Sendable {
    public let name: String
    /// Origin of the clock: seconds since 1970-01-01T00:00:00Z, or 0 where the trace has no calendar.
    public let startUnixSeconds: Int64
    public let interval: Nanoseconds
    /// One array per model, all of `intervalCount` elements.
    public let loads: [ModelID: [QueriesPerSecond]]
    public let intervalCount: Int
    /// How long requests are, of the models whose file says so; nil where it says nothing of any.
    public var tokenLengths: [ModelID: TokenLengths]?
    /// How long they are interval by interval, of the models whose file says so; nil where none does.
    public var tokenMix: [ModelID: TokenMix]?

    /// - Precondition: every series has the same, positive length, and the interval is positive.
    public init(
        name: String, startUnixSeconds: Int64, interval: Nanoseconds, loads: [ModelID: [QueriesPerSecond]],
        tokenLengths: [ModelID: TokenLengths]? = nil
    ) {
        self.tokenLengths = tokenLengths
        let lengths = Set(loads.values.map(\.count))
        precondition(lengths.count == 1 && lengths != [0], "all series of a trace have the same length")
        precondition(interval > .zero, "the interval of a trace is positive")
        self.name = name
        self.startUnixSeconds = startUnixSeconds
        self.interval = interval
        self.loads = loads
        self.intervalCount = lengths.first ?? 0
    }

    /// The models in name order.
    public var models: [ModelID] { loads.keys.sorted() }

    /// The demand in one interval.
    public func demand(at index: Int) -> Demand { Demand(loads.mapValues { $0[index] }) }

    /// Each model's own highest load, wherever in the trace it occurs.
    public var peakDemand: Demand { Demand(loads.mapValues { $0.max() ?? .zero }) }

    /// The time the whole trace spans.
    public var span: Nanoseconds { interval * intervalCount }
}

extension Trace {
    /// The trace with every named series scaled so that its own maximum is the given peak. Series without a
    /// peak and series that are zero throughout stay as they are.
    public func scaledToPeak(_ peaks: [ModelID: QueriesPerSecond]) -> Trace {
        let scaled = loads.map { model, series -> (ModelID, [QueriesPerSecond]) in
            guard let peak = peaks[model], let maximum = series.max(), maximum > .zero else {
                return (model, series)
            }
            return (model, series.map { peak * ($0 / maximum) })
        }
        return with(Dictionary(uniqueKeysWithValues: scaled), mix: tokenMix)
    }

    /// The trace with series moved in time, each by its own shift: what was at the start is so much later,
    /// and what passes the end comes in again at the start, so that peaks, means and totals stay as they are.
    /// Shifts are rounded to whole intervals.
    public func shifted(by shifts: [ModelID: Nanoseconds]) -> Trace {
        let moved = loads.map { model, series -> (ModelID, [QueriesPerSecond]) in
            guard let shift = shifts[model] else { return (model, series) }
            return (model, rotated(series, by: shift))
        }
        var mix = tokenMix
        for (model, shift) in shifts {
            guard let own = mix?[model] else { continue }
            mix?[model] = own.map { rotated($0, by: shift) }
        }
        return with(Dictionary(uniqueKeysWithValues: moved), mix: mix)
    }

    private func rotated<Value>(_ series: [Value], by shift: Nanoseconds) -> [Value] {
        let steps = Int((Double(shift.count) / Double(interval.count)).rounded()) % series.count
        let first = (series.count - steps) % series.count
        return Array(series[first...] + series[..<first])
    }

    /// The trace with other loads of as many intervals as the mix has.
    package func with(_ loads: [ModelID: [QueriesPerSecond]], mix: [ModelID: TokenMix]?) -> Trace {
        var trace = Trace(
            name: name, startUnixSeconds: startUnixSeconds, interval: interval, loads: loads,
            tokenLengths: tokenLengths)
        trace.tokenMix = mix
        return trace
    }

    /// The beginning of the trace: at least one interval, at most all.
    package func head(_ length: Nanoseconds) -> Trace {
        let intervals = Int(min((length.seconds / interval.seconds).rounded(), Double(intervalCount)))
        return with(
            loads.mapValues { Array($0.prefix(max(intervals, 1))) },
            mix: tokenMix?.mapValues { mix in mix.map { Array($0.prefix(max(intervals, 1))) } })
    }

    /// The trace with every load multiplied.
    /// - Parameter factor: above zero.
    package func scaled(by factor: Double) -> Trace {
        with(loads.mapValues { $0.map { $0 * factor } }, mix: tokenMix)
    }
}
