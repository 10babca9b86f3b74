import Foundation
import Quantities
import Vocabulary

/// The time axis of a trace's plots: a calendar where the trace has one, else the time since its start.
///
/// Intervals are equal, so a trace of numbers carries only the first instant and the step.
struct TimeAxis {
    private enum Origin {
        case calendar(unixSeconds: Int64)
        case start(unit: String, nanoseconds: Double)
    }

    /// More points than this would not show on a screen and would make a report slow to open.
    static let pointsMax = 2_016

    /// What stands for several intervals that share a point, or two.
    enum Summary {
        case mean, least, most
        /// The lowest and the highest, in the order in which they come, so that no peak is lost.
        case extremes

        /// The two halves of a point.
        fileprivate func values(of values: ArraySlice<Double>) -> (Double, Double) {
            switch self {
            case .mean:
                let mean = values.reduce(0, +) / Double(values.count)
                return (mean, mean)
            case .least:
                let least = values.min() ?? 0
                return (least, least)
            case .most:
                let most = values.max() ?? 0
                return (most, most)
            case .extremes:
                guard let least = values.indices.min(by: { values[$0] < values[$1] }),
                    let most = values.indices.max(by: { values[$0] < values[$1] })
                else { return (0, 0) }
                return least < most ? (values[least], values[most]) : (values[most], values[least])
            }
        }
    }

    private let origin: Origin
    private let interval: Nanoseconds
    /// How many intervals share a point.
    let stride: Int

    init(_ trace: Trace) {
        interval = trace.interval
        stride = (trace.intervalCount + Self.pointsMax - 1) / Self.pointsMax
        if trace.startUnixSeconds != 0 {
            origin = .calendar(unixSeconds: trace.startUnixSeconds)
        } else if trace.span > Nanoseconds(seconds: 4 * 86_400) {
            origin = .start(unit: "days", nanoseconds: 86_400e9)
        } else if trace.span > Nanoseconds(seconds: 3 * 3_600) {
            origin = .start(unit: "hours", nanoseconds: 3_600e9)
        } else {
            origin = .start(unit: "minutes", nanoseconds: 60e9)
        }
    }

    /// The plotly.js axis.
    var layout: JSONValue {
        switch origin {
        case .calendar:
            [
                "type": "date", "title": ["text": "time (UTC)"], "hoverformat": "%a %d %b %Y, %H:%M",
                "showgrid": false,
            ]
        case .start(let unit, _):
            [
                "title": ["text": .string("\(unit) since the start of the trace")], "hoverformat": ".2f",
                "showgrid": false,
            ]
        }
    }

    /// The members of a plotly.js trace that place equally spaced values.
    private func placement(pointsPerStride: Int) -> [String: JSONValue] {
        let points = Double(pointsPerStride)
        return switch origin {
        case .calendar(let seconds):
            ["x0": .string(Self.text(seconds)), "dx": .number((interval * stride).milliseconds / points)]
        case .start(_, let nanoseconds):
            ["x0": 0, "dx": .number(Double((interval * stride).count) / nanoseconds / points)]
        }
    }

    /// The instant at which an interval starts, as a value of the axis.
    func instant(_ index: Int) -> JSONValue {
        switch origin {
        case .calendar(let seconds):
            .string(Self.text(seconds + Int64((interval * index).seconds.rounded(.down))))
        case .start(_, let nanoseconds):
            .number((Double((interval * index).count) / nanoseconds).rounded(significantDigits: 9))
        }
    }

    /// The intervals among some, in ascending order, that get a mark of their own: one for each point.
    func marks(_ intervals: [Int]) -> [Int] {
        guard stride > 1 else { return intervals }
        var last = -1
        return intervals.filter { interval in
            defer { last = interval / stride }
            return interval / stride != last
        }
    }

    /// A step function over the trace: each value holds for its interval. The last one is repeated, so that
    /// its interval has an end, too. In a long trace several intervals share a point, or their extremes two
    /// points half as far apart.
    func steps(
        _ values: [Double], name: String, line: [String: JSONValue], summary: Summary = .extremes
    ) -> [String: JSONValue] {
        var values = values
        var pointsPerStride = 1
        if stride > 1 {
            let pairs = Swift.stride(from: 0, to: values.count, by: stride).map {
                summary.values(of: values[$0..<min(values.count, $0 + stride)])
            }
            if case .extremes = summary {
                values = pairs.flatMap { [$0.0, $0.1] }
                pointsPerStride = 2
            } else {
                values = pairs.map { $0.0 }
            }
        }
        var trace = placement(pointsPerStride: pointsPerStride)
        trace["type"] = "scatter"
        trace["mode"] = "lines"
        trace["name"] = .string(HTMLText.plotLabel(name))
        trace["y"] = .numbers(values + values.suffix(1))
        trace["line"] = .object(line.merging(["shape": "hv"], uniquingKeysWith: { own, _ in own }))
        return trace
    }

    /// `2026-03-02 06:15`, or with seconds where they are not zero; the form that plotly.js reads.
    static func text(_ unixSeconds: Int64) -> String {
        let text = Date(timeIntervalSince1970: TimeInterval(unixSeconds))
            .formatted(
                .iso8601.year().month().day().dateTimeSeparator(.space).time(
                    includingFractionalSeconds: false))
        return text.hasSuffix(":00") ? String(text.dropLast(3)) : text
    }
}
