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

    private let origin: Origin
    private let interval: Nanoseconds

    init(_ trace: Trace) {
        interval = trace.interval
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
    var placement: [String: JSONValue] {
        switch origin {
        case .calendar(let seconds):
            ["x0": .string(Self.text(seconds)), "dx": .number(interval.milliseconds)]
        case .start(_, let nanoseconds): ["x0": 0, "dx": .number(Double(interval.count) / nanoseconds)]
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

    /// A step function over the trace: each value holds for its interval. The last one is repeated, so that its
    /// interval has an end, too.
    func steps(_ values: [Double], name: String, line: [String: JSONValue]) -> [String: JSONValue] {
        var trace = placement
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
